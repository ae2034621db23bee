package dismaxlib

import (
	"fmt"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/train"
)

// SmoothLabels returns the loss with a share of every target taken from the label and given to all classes alike:
//
//	smoothed = (1 - share) loss(labels) + share (mean over the classes c of loss(c for every row))
//
// For a cross entropy it is that of the targets (1 - share) onehot + share / classes of "Rethinking the Inception
// Architecture for Computer Vision" (arXiv 1512.00567), and of PyTorch's label_smoothing. The loss must be a mean over
// rows, as [SoftMaxLoss] and [EntropicLoss] are, and [FPRLoss], whose rows depend on each other, is not. A share of 0
// returns the loss itself. The second term takes the loss of as many copies of the batch as there are classes. It panics
// if the share is not in [0, 1).
func SmoothLabels(loss train.LossFn, share float64) train.LossFn {
	if !(share >= 0 && share < 1) {
		panic(fmt.Errorf("dismaxlib.SmoothLabels: a share of %g: want 0 up to, but not including, 1", share))
	}
	if share == 0 {
		return loss
	}
	return func(labels, predictions []*Node) *Node {
		_, logits := lossInputs("SmoothLabels", labels, predictions)
		batch, classes := logits.Shape().Dim(0), logits.Shape().Dim(1)
		each := make([]int32, 0, batch*classes) // every row once for each class
		for class := range classes {
			each = append(each, slices.Repeat([]int32{int32(class)}, batch)...)
		}
		repeated := Concatenate(slices.Repeat([]*Node{predictions[0]}, classes), 0)
		ofAll := loss([]*Node{Const(logits.Graph(), each)}, []*Node{repeated})
		return Add(MulScalar(loss(labels, predictions), 1-share), MulScalar(ofAll, share))
	}
}
