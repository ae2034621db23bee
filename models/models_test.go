package models_test

import (
	"testing"

	"github.com/dismax-go/dismax/models"
	"github.com/dismax-go/dismax/tests/testkit"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// features builds a registered model in a store and evaluates it on black images.
func features(t *testing.T, store *model.Store, name string, training bool) *tensors.Tensor {
	t.Helper()
	m, err := models.ByName(name)
	if err != nil {
		t.Fatal(err)
	}
	exec, err := model.NewExec(testkit.Backend(t), store, func(scope *model.Scope, images *Node) *Node {
		scope.SetTraining(images.Graph(), training)
		return m.Backbone(scope.In("backbone"), models.Normalize(images, []float32{.5, .5, .5}, []float32{.25, .25, .25}))
	})
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	output, err := exec.Call1(tensors.FromShape(shapes.Make(dtypes.Uint8, 2, m.ImageSize, m.ImageSize, 3)))
	if err != nil {
		t.Fatal(err)
	}
	return output
}

func TestSmallModelsHaveTheFeaturesTheyDeclare(t *testing.T) {
	for _, name := range []string{"resnet8", "resnet20", "densenet-bc-40", "wideresnet-10-1"} {
		m, err := models.ByName(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := features(t, model.NewStore(), name, false).Shape().Dimensions; got[0] != 2 || got[1] != m.Features {
			t.Errorf("%s: features %v, want [2 %d]", name, got, m.Features)
		}
	}
}

func TestTrainingMovesTheRunningStatistics(t *testing.T) {
	store := model.NewStore()
	features(t, store, "resnet8", true)
	mean := store.GetVariable("/backbone/bn1/mean")
	variance := store.GetVariable("/backbone/bn1/variance")
	if mean == nil || variance == nil {
		t.Fatal("no running statistics at /backbone/bn1")
	}
	if mean.Trainable || variance.Trainable {
		t.Error("running statistics are trainable")
	}
	moved := false
	for _, value := range tensors.MustCopyFlatData[float32](mean.MustValue()) {
		moved = moved || value != 0
	}
	if !moved {
		t.Error("the running mean did not move")
	}
}
