package pytorch

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/dismax-go/dismax/models/statedict"
	"github.com/dismax-go/dismax/tests/testkit"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

const weightsFile = "resnet8-dismax.safetensors"

// summary is what PyTorch says about the network.
type summary struct {
	Classes       []string
	Normalization struct{ Mean, Std []float32 }
	TestImages    int         `json:"test_images"`
	TestAccuracy  float64     `json:"test_accuracy"`
	Logits        [][]float64 // of the first test images
}

func readSummary(t *testing.T) (s summary) {
	t.Helper()
	content, err := os.ReadFile("resnet8-dismax.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// weights returns a store with the network's weights.
func weights(t *testing.T) (statedict.State, *model.Store) {
	t.Helper()
	state, err := statedict.Read(weightsFile)
	if err != nil {
		t.Fatal(err)
	}
	store := model.NewStore()
	if err := state.Load(store); err != nil {
		t.Fatal(err)
	}
	return state, store
}

// logits evaluates the network on all images.
func logits(t *testing.T, store *model.Store, n *network.Network, images *datasets.Images) [][]float32 {
	t.Helper()
	forward, err := n.Forward(testkit.Backend(t), store, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer forward.Finalize()
	outputs, err := network.RunFlat(t.Context(), forward, images.Pixels, images.Height, images.Width, 3)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Collect(slices.Chunk(tensors.MustCopyFlatData[float32](outputs.Logits), n.Classes()))
}

func TestPyTorchsNetworkIsTheSameInGo(t *testing.T) {
	want := readSummary(t)
	data, err := datasets.Open(t.Context(), "synthetic", datasets.Options{TrainLimit: len(want.Classes)})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(data.Classes, want.Classes) || data.Test.Len() != want.TestImages {
		t.Fatalf("the data set has %d test images of %q, the network was made for %d of %q: train it again",
			data.Test.Len(), data.Classes, want.TestImages, want.Classes)
	}
	_, store := weights(t)
	n, err := network.Description{
		Model: "resnet8", Loss: "dismax", ClassNames: want.Classes,
		Height: data.Test.Height, Width: data.Test.Width, Mean: want.Normalization.Mean, Std: want.Normalization.Std,
	}.Network()
	if err != nil {
		t.Fatal(err)
	}
	correct := 0
	for i, row := range logits(t, store, n, data.Test) {
		if slices.Index(row, slices.Max(row)) == int(data.Test.Labels[i]) {
			correct++
		}
		if i < len(want.Logits) {
			got := make([]float64, len(row))
			for j, logit := range row {
				got[j] = float64(logit)
			}
			testkit.CheckClose(t, "logits of an image", got, want.Logits[i], 1e-4)
		}
	}
	wantCorrect := want.TestAccuracy * float64(want.TestImages)
	t.Logf("right on %d of %d images, PyTorch on %.0f", correct, want.TestImages, wantCorrect)
	if math.Abs(float64(correct)-wantCorrect) > 1.5 {
		t.Error("these differ by more than one image")
	}
}

func TestGoWritesTheStateDictOfPyTorch(t *testing.T) {
	want, store := weights(t)
	got, err := statedict.Of(store)
	if err != nil {
		t.Fatal(err)
	}
	onlyPyTorchs := map[string]bool{"classifier.validationset_available": true, "classifier.precomputed_thresholds": true}
	if len(got) != len(want)-len(onlyPyTorchs) {
		t.Errorf("got %d entries, want %d", len(got), len(want)-len(onlyPyTorchs))
	}
	for name, value := range want {
		switch {
		case onlyPyTorchs[name]:
		case got[name] == nil:
			t.Errorf("entry %s is missing", name)
		case !got[name].Shape().Equal(value.Shape()):
			t.Errorf("entry %s: got %s, want %s", name, got[name].Shape(), value.Shape())
		case value.DType().IsFloat() && !got[name].Equal(value):
			t.Errorf("entry %s has other values", name)
		}
	}
}
