package dismaxlib_test

import (
	"slices"
	"testing"
	"time"

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
// and 100 classes: what a loss adds to a step beside the backbone. It reports the median time and, as x-softmax, its
// ratio to that of the SoftMax loss, taken in turns of ten so that other work on the machine slows both.
func BenchmarkHeadAndLoss(b *testing.B) {
	softMax := newTrainingPass(b, lossByName(b, "softmax"))
	for _, loss := range append(allLosses(b), gomlxSoftMax) {
		b.Run(loss.Name, func(b *testing.B) {
			pass := newTrainingPass(b, loss)
			var own, reference []time.Duration
			for b.Loop() {
				for range 10 {
					own = append(own, pass.run(b))
				}
				for range 10 {
					reference = append(reference, softMax.run(b))
				}
			}
			b.ReportMetric(float64(median(own)), "ns/op")
			b.ReportMetric(float64(median(own))/float64(median(reference)), "x-softmax")
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

// trainingPass computes a loss and the gradients of the features and of all trainable variables.
type trainingPass struct {
	exec             *model.Exec
	features, labels *tensors.Tensor
}

func newTrainingPass(b *testing.B, loss *dismaxlib.Loss) *trainingPass {
	b.Helper()
	const batch, features, classes = 64, 640, 100
	p, store := randomProblem(1, batch, features, classes), model.NewStore()
	exec, err := model.NewExec(testkit.Backend(b), store, func(scope *model.Scope, inputs []*Node) []*Node {
		g := inputs[0].Graph()
		scope.SetTraining(g, true)
		loss.Images(scope, Zeros(g, shapes.Make(dtypes.Float32, batch, 2, 2, 1)))
		value := loss.Function(inputs[1:], []*Node{loss.Head(scope, inputs[0], classes)})
		wrt := []*Node{inputs[0]}
		for variable := range store.IterVariables() {
			if variable.Trainable {
				wrt = append(wrt, variable.NodeValue(g))
			}
		}
		return append([]*Node{value}, Gradient(value, wrt...)...)
	})
	if err != nil {
		b.Fatal(err)
	}
	labels := tensors.FromFlatDataAndDimensions(p.labels, batch, 1)
	pass := &trainingPass{exec, tensor(p.features, dtypes.Float32), labels}
	pass.run(b) // compiles
	return pass
}

func (p *trainingPass) run(b *testing.B) time.Duration {
	b.Helper()
	start := time.Now()
	outputs, err := p.exec.Call(p.features, p.labels)
	elapsed := time.Since(start)
	if err != nil {
		b.Fatal(err)
	}
	for _, output := range outputs {
		if err := output.FinalizeAll(); err != nil {
			b.Fatal(err)
		}
	}
	return elapsed
}

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}
