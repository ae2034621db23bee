package training_test

import (
	"math"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/training"
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	_ "github.com/gomlx/compute/gobackend"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"
)

func goBackend(t *testing.T) compute.Backend {
	t.Helper()
	backend, err := compute.NewWithConfig("go")
	if err != nil {
		t.Fatalf("no Go backend: %v", err)
	}
	return backend
}

// TestSGDFollowsPyTorchsDefinition minimizes w²/2 * 3 from w = 2 and compares with the same recurrence in plain Go.
func TestSGDFollowsPyTorchsDefinition(t *testing.T) {
	schedule := training.MultiStep{Initial: 0.1, Factor: 0.1, Milestones: []int{3, 5}}
	for _, test := range []struct {
		name string
		sgd  training.SGD
	}{
		{"plain", training.SGD{}},
		{"momentum", training.SGD{Momentum: 0.9}},
		{"Nesterov", training.SGD{Momentum: 0.9, Nesterov: true}},
		{"decay", training.SGD{Momentum: 0.9, Nesterov: true, WeightDecay: 0.05}},
	} {
		t.Run(test.name, func(t *testing.T) {
			store := model.NewStore()
			step := model.MustNewExec(goBackend(t), store, func(scope *model.Scope, g *Graph) *Node {
				scope.SetTraining(g, true) // otherwise the Go backend takes variables for constants
				w := scope.VariableWithValue("w", 2.0)
				loss := MulScalar(Square(w.NodeValue(g)), 1.5)
				test.sgd.UpdateGraph(scope, g, loss)
				return loss
			})
			w, v := 2.0, 0.0
			for i := range 8 {
				rate := optimizer.LearningRateVar(store.RootScope(), dtypes.Float64, 0)
				if err := rate.SetValue(tensors.FromScalar(schedule.At(i))); err != nil {
					t.Fatal(err)
				}
				step.MustCall1()
				gradient := 3*w + test.sgd.WeightDecay*w
				v = test.sgd.Momentum*v + gradient
				direction := v
				if test.sgd.Nesterov {
					direction = gradient + test.sgd.Momentum*v
				}
				w -= schedule.At(i) * direction
				got := store.GetVariable("/w").MustValue().Value().(float64)
				if math.Abs(got-w) > 1e-12 {
					t.Fatalf("after step %d w = %.15f; want %.15f", i, got, w)
				}
			}
		})
	}
}
