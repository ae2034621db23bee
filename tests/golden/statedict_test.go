package golden

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/models"
	"github.com/dismax-go/dismax/models/statedict"
	"github.com/dismax-go/dismax/tests/testkit"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// The state dict of every published network has the published names and dimensions, and loads into our model.
func TestGoldenStateDicts(t *testing.T) {
	var file modelsFile
	testkit.Golden(t, "models.json", &file)
	for _, c := range file.Cases {
		if c.StateOrder == nil {
			continue
		}
		t.Run(c.Model, func(t *testing.T) {
			want := statedict.State{
				"classifier.prototypes":     tensors.FromShape(shapes.Make(dtypes.Float32, c.Classes, c.FeatureDim)),
				"classifier.distance_scale": tensors.FromShape(shapes.Make(dtypes.Float32, 1)),
				"classifier.temperature":    tensors.FromShape(shapes.Make(dtypes.Float32, 1)),
			}
			for _, entry := range c.StateOrder {
				name, dimensions := nameAndDimensions(entry)
				want[name] = tensors.FromShape(shapes.Make(dtypes.Float32, dimensions...))
				if module, found := strings.CutSuffix(name, ".running_mean"); found {
					want[module+".num_batches_tracked"] = tensors.FromScalar(int64(0))
				}
			}
			store := unsetVariables(t, c.Model, c.Classes)
			if err := want.Load(store); err != nil {
				t.Fatal(err)
			}
			got, err := statedict.Of(store)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := entries(got), entries(want); !slices.Equal(got, want) {
				t.Errorf("entries: got %v, want %v", got, want)
			}
		})
	}
}

// unsetVariables returns the variables of a network with the DisMax head, which have no values yet.
func unsetVariables(t *testing.T, published string, classes int) *model.Store {
	t.Helper()
	architecture, err := models.ByName(publishedNames[published])
	if err != nil {
		t.Fatal(err)
	}
	g := graph.NewGraph(testkit.Backend(t), published)
	defer g.Finalize()
	store := model.NewStore()
	size := architecture.ImageSize
	images := graph.Parameter(g, "images", shapes.Make(dtypes.Float32, 1, size, size, 3))
	features := architecture.Backbone(store.RootScope().In("backbone"), images)
	dismaxlib.DisMax(store.RootScope(), features, classes).Done()
	return store
}

// entries lists names and shapes.
func entries(state statedict.State) []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(state)) {
		list = append(list, fmt.Sprint(name, " ", state[name].Shape()))
	}
	return list
}
