package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/dismax-go/dismax/tests/testkit"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// The programs that print the numbers of parameters of every classifier that a reference knows.
const (
	torchParameters = `
import json, torch_reference as r
count = lambda model, loss: sum(p.numel() for p in r.Classifier(model, loss).parameters())
print(json.dumps({m: {loss: count(m, loss) for loss in ("softmax", "dismax")} for m in r.MODELS}))`
	jaxParameters = `
import json, types, jax_reference as r
count = lambda model, loss: r.parameter_count(types.SimpleNamespace(model=model, loss=loss))
print(json.dumps({m: {loss: count(m, loss) for loss in ("softmax", "dismax")} for m in r.MODELS}))`
)

// pythonWith returns an interpreter that has the package, or skips the test.
func pythonWith(t *testing.T, name string) string {
	t.Helper()
	root := filepath.Join("..", "..", environment, "bin", "python")
	for _, python := range []string{root, "python3", "/usr/bin/python3"} {
		if exec.Command(python, "-c", "import "+name).Run() == nil {
			return python
		}
	}
	t.Skipf("no Python here has %s: make .cache/bench/installed gets it", name)
	return ""
}

func TestReferencesHaveTheNetworksOfOurModels(t *testing.T) {
	for _, test := range []struct{ name, program string }{{"torch", torchParameters}, {"jax", jaxParameters}} {
		t.Run(test.name, func(t *testing.T) {
			command := exec.Command(pythonWith(t, test.name), "-c", test.program)
			command.Env = append(pythonEnvironment(), "PYTHONDONTWRITEBYTECODE=1")
			printed, err := output(command)
			if err != nil {
				t.Fatal(err)
			}
			var counts map[string]map[string]int
			if err := json.Unmarshal(printed, &counts); err != nil {
				t.Fatal(err)
			}
			for _, n := range workloads {
				if counts[n.Model] == nil {
					t.Errorf("the reference lacks %s", n.Model)
				}
			}
			for name, losses := range counts {
				for loss, theirs := range losses {
					if ours := parameters(t, name, loss); ours != theirs {
						t.Errorf("%s with %s: the reference has %d parameters, ours %d", name, loss, theirs, ours)
					}
				}
			}
		})
	}
}

// parameters counts those of our classifier, of which a graph is built but never run.
func parameters(t *testing.T, modelName, loss string) int {
	t.Helper()
	n, err := network.Description{
		Model: modelName, Loss: loss, ClassNames: network.NumberedClasses(10), Height: 32, Width: 32,
		Mean: []float32{0, 0, 0}, Std: []float32{1, 1, 1},
	}.Network()
	if err != nil {
		t.Fatal(err)
	}
	store := model.NewStore()
	g := graph.NewGraph(testkit.Backend(t), modelName)
	defer g.Finalize()
	n.Logits(store.RootScope(), graph.Parameter(g, "images", shapes.Make(dtypes.Uint8, 2, n.Height, n.Width, 3)))
	return network.Parameters(store)
}

func TestReferencesTrain(t *testing.T) {
	for _, test := range []struct{ name, model, precision string }{
		{"torch", "resnet8", "float32"}, {"torch", "resnet8", "bfloat16"},
		{"jax", "resnet8", "float32"}, {"jax", "resnet8", "bfloat16"},
		{"jax", "densenet-bc-40", "float32"}, // its pooling is our own there
	} {
		t.Run(fmt.Sprint(test.model, " by ", test.name, " in ", test.precision), func(t *testing.T) {
			script := test.name + "_reference.py"
			e := newReference(t.Context(), pythonWith(t, test.name), script, "cpu", t.TempDir()).engine(test.name)
			if err := e.missing(); err != nil {
				t.Fatal(err)
			}
			j := measured(test.name, test.model, 8, 1, 0, 0).job
			j.Precision = test.precision
			printed, err := output(e.command(t.Context(), j))
			if err != nil {
				t.Fatal(err)
			}
			got, versions, err := e.decode(printed)
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Losses) != j.Warmup+j.Steps || check(got) != nil {
				t.Errorf("got losses %v, want %d finite ones", got.Losses, j.Warmup+j.Steps)
			}
			// The logits of new prototypes are nearly equal, so the first loss is near log 10 but for the scale.
			if first := got.Losses[0]; math.Abs(first-math.Log(10)) > 0.7 {
				t.Errorf("the first loss is %g, want about %g", first, math.Log(10))
			}
			if got.Parameters != parameters(t, test.model, "dismax") || got.PeakBytes < 20e6 || versions == "" ||
				got.Train.WallSeconds <= 0 || got.Inference.WallSeconds <= 0 {
				t.Errorf("got %+v of %q, want parameters of ours, times and memory", got, versions)
			}
		})
	}
}
