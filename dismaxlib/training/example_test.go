package training_test

import (
	"context"
	"fmt"
	"log"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/dismaxlib/training"
	"github.com/dismax-go/dismax/models"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// A layer on the pixels learns the synthetic images, with SGD as PyTorch has it. With a Folder the training could be
// killed and would go on.
func Example() {
	device, _, err := backend.Open("goconv")
	check(err)
	set, err := datasets.Open(context.Background(), "synthetic", datasets.Options{TrainLimit: 400})
	check(err)
	loader, err := datasets.NewLoader(set.Train, datasets.LoaderOptions{BatchSize: 40, Shuffle: true, DropLast: true})
	check(err)
	history, err := training.Run(context.Background(), training.Config{
		Backend: device, Store: model.NewStore(), Data: loader, Epochs: 3,
		Model: func(scope *model.Scope, images *graph.Node) *graph.Node {
			pixels := graph.MeanPool(models.Normalize(images, set.Mean, set.Std)).Window(4).Done()
			return dismaxlib.SoftMax(scope, graph.Reshape(pixels, 40, -1), len(set.Classes)).Done()
		},
		Loss:      dismaxlib.SoftMaxLoss,
		Optimizer: &training.SGD{Momentum: 0.9, Nesterov: true, WeightDecay: 1e-4},
		Schedule:  training.Cosine{Peak: 0.05, WarmUp: 5, Steps: 3 * loader.StepsPerEpoch()},
	})
	check(err)
	fmt.Println(len(history.Epochs), "epochs; the loss fell:", history.Epochs[2].Loss < history.Epochs[0].Loss)
	// Output: 3 epochs; the loss fell: true
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
