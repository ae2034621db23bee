package notebooks

import (
	"path/filepath"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/dismax-go/dismax/models/statedict"
	"github.com/dismax-go/dismax/tests/testkit"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// What torchvision saves of its ResNet-18 has a head for 1,000 classes, "fc", which the notebook exchanges.
func TestNotebook09TakesTheWeightsOfTorchvision(t *testing.T) {
	const name = "09_imagenet"
	needKernel(t, name)
	t.Setenv("DISMAX_WEIGHTS", torchvisionWeights(t))
	checkShows(t, execute(t, filepath.Join(folder, name+".ipynb")), "the backbone has the weights of resnet18.safetensors")
}

// torchvisionWeights writes random weights under the names that torchvision gives them.
func torchvisionWeights(t *testing.T) (path string) {
	t.Helper()
	classes := make([]string, 1000)
	n, err := network.Description{Model: "resnet18-imagenet", Loss: "softmax", ClassNames: classes, Height: 64, Width: 64,
		Mean: []float32{0, 0, 0}, Std: []float32{1, 1, 1}}.Network()
	if err != nil {
		t.Fatal(err)
	}
	store := model.NewStore()
	blank := tensors.FromFlatDataAndDimensions(make([]uint8, 64*64*3), 1, 64, 64, 3)
	if _, err := model.CallOnce(testkit.Backend(t), store, n.Logits, blank); err != nil {
		t.Fatal(err)
	}
	state, err := statedict.Of(store, statedict.Place{Scope: "/backbone"}, statedict.Place{Scope: "/head", Prefix: "fc."})
	if err != nil {
		t.Fatal(err)
	}
	state["fc.weight"] = state["fc.weights"]
	delete(state, "fc.weights")
	path = filepath.Join(t.TempDir(), "resnet18.safetensors")
	if err := state.Write(path); err != nil {
		t.Fatal(err)
	}
	return path
}
