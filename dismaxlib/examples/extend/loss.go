package main

import (
	"github.com/dismax-go/dismax/dismaxlib"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

func init() {
	dismaxlib.RegisterLoss(&dismaxlib.Loss{
		Name: "dismax-smooth", Title: "DisMax, smoothed labels",
		Head: func(scope *model.Scope, features *Node, numClasses int) *Node {
			return dismaxlib.DisMax(scope, features, numClasses).Done()
		},
		Function: smoothedCrossEntropy,
		Scores:   []*dismaxlib.Score{dismaxlib.MMLES, dismaxlib.MPS},
	})
}

// smoothedCrossEntropy takes a tenth of the target from the label and gives it to all classes alike.
func smoothedCrossEntropy(labels, predictions []*Node) *Node {
	logits := MulScalar(predictions[0], dismaxlib.EntropicScale)
	classes := logits.Shape().Dim(1)
	targets := OneHot(Reshape(labels[0], -1), classes, logits.DType())
	targets = AddScalar(MulScalar(targets, 0.9), 0.1/float64(classes))
	return Neg(ReduceAllMean(ReduceSum(Mul(targets, LogSoftmax(logits)), -1)))
}
