package dismaxlib_test

import (
	"math/rand/v2"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/tests/testkit"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/loss"
)

// BenchmarkHeadAndLoss measures one training pass, forward and backward, of head and loss at batch 64, 640 features
// and 100 classes: what a loss adds to a step beside the backbone. Compare with the SoftMax line.
func BenchmarkHeadAndLoss(b *testing.B) {
	const batch, features, classes = 64, 640, 100
	random := rand.New(rand.NewPCG(1, 2))
	values := make([]float32, batch*features)
	for i := range values {
		values[i] = float32(max(0, random.NormFloat64()))
	}
	labels := make([]int32, batch)
	for i := range labels {
		labels[i] = random.Int32N(classes)
	}
	input := tensors.FromFlatDataAndDimensions(values, batch, features)
	target := tensors.FromFlatDataAndDimensions(labels, batch, 1)
	backend := testkit.Backend(b)
	for _, loss := range append(allLosses(b), gomlxSoftMax) {
		b.Run(loss.Name, func(b *testing.B) {
			store := model.NewStore()
			exec, err := model.NewExec(backend, store, func(scope *model.Scope, inputs []*Node) []*Node {
				scope.SetTraining(inputs[0].Graph(), true)
				loss.Images(scope, Zeros(inputs[0].Graph(), shapes.Make(dtypes.Float32, batch, 2, 2, 1)))
				logits := loss.Head(scope, inputs[0], classes)
				value := loss.Function(inputs[1:], []*Node{logits})
				wrt := []*Node{inputs[0]}
				for variable := range store.IterVariables() {
					if variable.Trainable {
						wrt = append(wrt, variable.NodeValue(value))
					}
				}
				return append([]*Node{value}, Gradient(value, wrt...)...)
			})
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := exec.Call(input, target); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// gomlxSoftMax is what a GoMLX model uses without this library.
var gomlxSoftMax = &dismaxlib.Loss{
	Name: "gomlx-softmax",
	Head: func(scope *model.Scope, features *Node, numClasses int) *Node {
		return layers.Dense(scope, features, true, numClasses)
	},
	Function: loss.SparseCategoricalCrossEntropyLogits,
}
