package network

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/dismax-go/dismax/internal/initial"
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// CheckBackbone compares the variables of the backbone in the store with those that the network's backbone uses. The
// error names the first that is missing, has another shape or belongs to no layer. It spares a training that would
// begin, unnoticed, with random values.
func (n *Network) CheckBackbone(backend compute.Backend, store *model.Store) error {
	if err := n.Check(); err != nil {
		return err
	}
	weights, err := weightsOf(store)
	if err != nil {
		return err
	}
	wanted, err := n.backboneVariables(backend)
	if err != nil {
		return fmt.Errorf("building the backbone %s: %w", n.Model.Name, err)
	}
	known := map[string]bool{}
	for _, variable := range weights {
		known[variable.Path()] = true
		if !isBackbone(variable.Path()) {
			continue
		}
		switch want, found := wanted[variable.Path()]; {
		case !found:
			return fmt.Errorf("the weights hold %s, which the model %s has not: they are of another model",
				variable.Path(), n.Model.Name)
		case !want.EqualDimensions(variable.Shape()):
			return fmt.Errorf("the weights hold %s of shape %v, and the model %s wants %v: they are of another model",
				variable.Path(), variable.Shape().Dimensions, n.Model.Name, want.Dimensions)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(wanted)) {
		if !known[path] {
			return fmt.Errorf("the weights lack %s of the model %s: they are of another model", path, n.Model.Name)
		}
	}
	return nil
}

// backboneVariables returns the shapes of the backbone's variables by their paths. Nothing is compiled.
func (n *Network) backboneVariables(backend compute.Backend) (map[string]shapes.Shape, error) {
	if backend == nil {
		return nil, errors.New("there is no backend: open one by backend.Open")
	}
	store := model.NewStore()
	initial.ShapesOnly(store)
	g := NewGraph(backend, "variables of a backbone")
	defer g.Finalize()
	err := TryCatch[error](func() {
		images := Parameter(g, "images", shapes.Make(dtypes.Float32, 1, n.Height, n.Width, n.Channels()))
		n.features(store.RootScope().In(BackboneScope), images)
	})
	variables := map[string]shapes.Shape{}
	for variable := range store.IterVariables() {
		if isBackbone(variable.Path()) {
			variables[variable.Path()] = variable.Shape()
		}
	}
	return variables, err
}
