package grid

import "github.com/dismax-go/dismax/dismaxlib/record"

// twentySteps are a spec of as many steps of training.
var twentySteps = record.Spec{Dataset: "cifar10", OutOfDistribution: []string{"svhn", "lsun"}, Model: "resnet8", Loss: "dismax",
	Epochs: 2, BatchSize: 16, TrainLimit: 160}
