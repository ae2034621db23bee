package network_test

import (
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/dismax-go/dismax/models"
	"github.com/dismax-go/dismax/tests/testkit"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/gomlx/gomlx/ml/train/optimizer"
)

func TestMistakesInABackboneNameTheirRemedy(t *testing.T) {
	pixels := func(x *Node) *Node { return Reshape(x, x.Shape().Dim(0), -1) }
	for name, test := range map[string]struct {
		features int
		backbone models.Backbone
		says     string
	}{
		"other number of features": {64, func(scope *model.Scope, x *Node) *Node {
			return layers.Dense(scope, pixels(x), true, 5)
		}, "correct the field Features"},
		"features not pooled": {3, func(_ *model.Scope, x *Node) *Node { return x }, "pool or flatten"},
		"forgotten scope": {5, func(scope *model.Scope, x *Node) *Node {
			return layers.Dense(scope, layers.Dense(scope, pixels(x), true, 5), true, 5)
		}, `scope.In("hidden")`},
	} {
		n := named(t, description())
		n.DType = 0
		n.Model = &models.Model{Name: "wrong", Features: test.features, Backbone: test.backbone}
		images := tensors.FromFlatDataAndDimensions(make([]uint8, n.PixelBytes()), 1, n.Height, n.Width, n.Channels())
		_, err := model.CallOnce(testkit.Backend(t), model.NewStore(), n.Logits, images)
		_, predicting := n.Predict(t.Context(), testkit.Backend(t), model.NewStore(), make([]uint8, n.PixelBytes()))
		for _, err := range []error{err, predicting} {
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%s: got error %v, want one that says %q", name, err, test.says)
			}
		}
	}
}

func TestTwoHeadsInOneScopeAreAnError(t *testing.T) {
	_, err := model.CallOnce(testkit.Backend(t), model.NewStore(), func(scope *model.Scope, features *Node) *Node {
		return Add(dismaxlib.DisMax(scope, features, 2).Done(), dismaxlib.DisMax(scope, features, 2).Done())
	}, [][]float32{{1, 2}})
	if err == nil || !strings.Contains(err.Error(), "give each head a scope of its own") {
		t.Errorf("got error %v, want one that names the remedy", err)
	}
}

func TestAFrozenBackboneStaysAsItIs(t *testing.T) {
	d := description()
	d.DType = ""
	n := named(t, d)
	for _, frozen := range []bool{true, false} {
		n.FrozenBackbone = frozen
		store := trained(t, n)
		before, err := network.BackboneWeights(store)
		if err != nil {
			t.Fatal(err)
		}
		sumBefore := checksum(t, before)
		headBefore := checksum(t, store)
		trainer := train.NewTrainer(testkit.Backend(t), store, n.Logits, n.Loss.Function, optimizer.StochasticGradientDescent().Done(), nil, nil)
		pixels := make([]uint8, 2*n.PixelBytes())
		for i := range pixels {
			pixels[i] = uint8(i * 7)
		}
		if _, err := trainer.TrainStep(train.Batch{
			Inputs: []*tensors.Tensor{tensors.FromFlatDataAndDimensions(pixels, 2, n.Height, n.Width, 3)},
			Labels: []*tensors.Tensor{tensors.FromValue([][]int32{{0}, {1}})},
		}); err != nil {
			t.Fatal(err)
		}
		after, err := network.BackboneWeights(store)
		if err != nil {
			t.Fatal(err)
		}
		if same := checksum(t, after) == sumBefore; same != frozen {
			t.Errorf("frozen: %t, and a step leaves the backbone as it is: %t", frozen, same)
		}
		if checksum(t, store) == headBefore {
			t.Errorf("frozen: %t, and a step leaves the head as it is", frozen)
		}
	}
}

func checksum(t *testing.T, store *model.Store) string {
	t.Helper()
	sum, err := network.Checksum(store)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func TestCheckBackboneTellsWeightsOfAnotherModel(t *testing.T) {
	n := named(t, description())
	store := trained(t, n)
	if err := n.CheckBackbone(testkit.Backend(t), store); err != nil {
		t.Errorf("its own weights: %v", err)
	}
	other := description()
	other.Model = "resnet20"
	if err := named(t, other).CheckBackbone(testkit.Backend(t), store); err == nil || !strings.Contains(err.Error(), "another model") {
		t.Errorf("weights of resnet8 for resnet20: got error %v", err)
	}
	if err := n.CheckBackbone(testkit.Backend(t), model.NewStore()); err == nil || !strings.Contains(err.Error(), "lack") {
		t.Errorf("no weights: got error %v", err)
	}
}
