package models

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// differentiableParam marks the graphs that Differentiable was called for.
const differentiableParam = model.ScopeSeparator + "models_differentiable"

// Differentiable makes the backbones of this package build evaluation graphs that have gradients, with respect to the
// images for example. Call it before the backbone. Training graphs always have them; GoMLX's batch normalization for
// inference, which is faster, has none.
func Differentiable(g *Graph) { model.SetGraphParam(g, differentiableParam, true) }

func isDifferentiable(g *Graph) bool {
	_, marked := model.GetGraphParam(g, differentiableParam)
	return marked
}

// lastAxis returns values [channels] with axes of 1 before them, as many as x has.
func lastAxis(values, x *Node) *Node { return ExpandLeftToRank(values, x.Rank()) }
