package training

import (
	"slices"

	"github.com/dismax-go/dismax/internal/initial"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"
)

// sgdScope holds the velocities, at /optimizers/sgd/<path of the variable>.
const sgdScope = model.ScopeSeparator + optimizer.Scope + model.ScopeSeparator + "sgd"

// SGD is stochastic gradient descent with momentum, Nesterov momentum and weight decay as PyTorch's torch.optim.SGD
// defines them (dampening 0). For every trainable variable w with gradient g:
//
//	g = g + decay * w
//	v = momentum * v + g          (v starts at 0)
//	w = w - rate * (g + momentum * v)     with Nesterov
//	w = w - rate * v                      without
//
// Not to be confused with [optimizer.StochasticGradientDescent], which has neither momentum nor weight decay and
// divides the rate by the square root of the step unless told not to. It implements [optimizer.Interface].
type SGD struct {
	// LearningRate is where the learning-rate variable, [optimizer.LearningRateVar], starts, unless it exists; a
	// [Config.Schedule] sets the variable before every step.
	LearningRate float64
	Momentum     float64
	Nesterov     bool
	WeightDecay  float64 // on every trainable variable: batch-norm scales, prototypes and the distance scale included
}

var _ optimizer.Interface = (*SGD)(nil)

// UpdateGraph adds one step to the training graph. Like all graph-building code it panics on errors.
func (s *SGD) UpdateGraph(scope *model.Scope, g *Graph, loss *Node) {
	gradients := scope.BuildTrainableVariablesGradientsGraph(loss)
	s.UpdateGraphWithGradients(scope, gradients, loss.DType())
}

// UpdateGraphWithGradients is UpdateGraph for gradients that the trainer has accumulated, in the order in which the
// scope lists its trainable variables.
func (s *SGD) UpdateGraphWithGradients(scope *model.Scope, gradients []*Node, lossDType dtypes.DType) {
	if len(gradients) == 0 {
		return
	}
	g := gradients[0].Graph()
	optimizer.IncrementGlobalStep(g, dtypes.Int64)
	rate := optimizer.LearningRateVar(scope, lossDType, s.LearningRate).NodeValue(g)
	for i, variable := range trainableVariables(scope, g) {
		s.update(scope.Store(), variable, gradients[i], rate)
	}
}

// update applies one step to one variable.
func (s *SGD) update(store *model.Store, variable *model.Variable, gradient, rate *Node) {
	weight := variable.NodeValue(gradient.Graph())
	if s.WeightDecay != 0 {
		gradient = Add(gradient, MulScalar(weight, s.WeightDecay))
	}
	direction := gradient
	if s.Momentum != 0 {
		velocity := initial.ConstantAt(gradient.Graph(), store, sgdScope+variable.Path(), variable.Shape(), 0).
			SetTrainable(false)
		v := Add(MulScalar(velocity.NodeValue(gradient.Graph()), s.Momentum), gradient)
		velocity.SetNodeValue(v)
		direction = v
		if s.Nesterov {
			direction = Add(gradient, MulScalar(v, s.Momentum))
		}
	}
	variable.SetNodeValue(Sub(weight, Mul(ConvertDType(rate, weight.DType()), direction)))
}

// Clear deletes the velocities.
func (s *SGD) Clear(scope *model.Scope) error {
	return scope.Store().DeleteVariablesInScope(sgdScope)
}

// trainableVariables lists what the gradients belong to. It is a list of its own since velocities join the store
// while it is walked.
func trainableVariables(scope *model.Scope, g *Graph) []*model.Variable {
	return slices.Collect(func(yield func(*model.Variable) bool) {
		for variable := range scope.IterVariables() {
			if variable.Trainable && variable.InUseByGraph(g) && !yield(variable) {
				return
			}
		}
	})
}
