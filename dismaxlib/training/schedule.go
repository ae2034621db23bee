package training

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// Schedule gives the learning rate of every step, counted from 0.
//
// GoMLX's trainer forgets its learning-rate variable when it is made anew; a schedule is a function of the global step
// alone, so a resumed run goes on at the right rate.
type Schedule interface {
	// At returns the learning rate of the step.
	At(step int) float64
	// Graph returns the same for a scalar int64 node, as a scalar of the given dtype.
	Graph(step *Node, dtype dtypes.DType) *Node
}

// MultiStep multiplies the learning rate by Factor at each milestone, like PyTorch's MultiStepLR.
type MultiStep struct {
	Initial    float64
	Factor     float64
	Milestones []int // steps, counted from 0, from which on the factor applies once more
}

// At implements [Schedule].
func (m MultiStep) At(step int) float64 {
	rate := m.Initial
	for _, milestone := range m.Milestones {
		if step >= milestone {
			rate *= m.Factor
		}
	}
	return rate
}

// Graph implements [Schedule].
func (m MultiStep) Graph(step *Node, dtype dtypes.DType) *Node {
	rate := Scalar(step.Graph(), dtype, m.Initial)
	for _, milestone := range m.Milestones {
		reached := GreaterOrEqual(step, Scalar(step.Graph(), step.DType(), milestone))
		rate = Where(reached, MulScalar(rate, m.Factor), rate)
	}
	return rate
}
