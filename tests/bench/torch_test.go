package main

import (
	"encoding/json"
	"os/exec"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/dismax-go/dismax/tests/testkit"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// torchParameters prints the number of parameters of every classifier that the reference knows.
const torchParameters = `
import json, sys
sys.path.insert(0, ".")
import torch_reference as reference
count = lambda model, loss: sum(p.numel() for p in reference.Classifier(model, loss).parameters())
print(json.dumps({model: {loss: count(model, loss) for loss in ("softmax", "dismax")} for model in reference.MODELS}))
`

func TestReferenceHasTheNetworksOfOurModels(t *testing.T) {
	if exec.Command(python, "-c", "import torch").Run() != nil {
		t.Skipf("%s has no PyTorch; make bench-cpu installs it", python)
	}
	command := exec.Command(python, "-c", torchParameters)
	command.Env = torchEnvironment()
	printed, err := output(command)
	if err != nil {
		t.Fatal(err)
	}
	var counts map[string]map[string]int
	if err := json.Unmarshal(printed, &counts); err != nil {
		t.Fatal(err)
	}
	for _, bar := range bars {
		if counts[bar.model] == nil {
			t.Errorf("the reference lacks %s", bar.model)
		}
	}
	for name, losses := range counts {
		for loss, torch := range losses {
			if ours := parameters(t, name, loss); ours != torch {
				t.Errorf("%s with %s: the reference has %d parameters, ours %d", name, loss, torch, ours)
			}
		}
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
