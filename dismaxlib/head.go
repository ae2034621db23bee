package dismaxlib

import (
	"math"

	"github.com/dismax-go/dismax/internal/initial"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// HeadScope is the sub-scope in which a head keeps its variables: "prototypes" [classes, features] (SoftMax: "weights"
// and "bias"), "distance_scale" (IsoMax+ and DisMax) and "temperature", both scalars. ScaledCosine has more in the
// sub-scope "scale", GODIN in "divisor".
const HeadScope = "head"

// Head builds a classifier's last layer. Create one with [SoftMax], [IsoMax], [IsoMaxPlus] or [DisMax], or with
// [ScaledCosine] or [GODIN], to which the paper compares; set options, then call [Head.Done]. All heads take features [batch, features] and give logits [batch, classes].
//
// Variables and logits have the dtype of the features, float32 if these have 16 bits.
// Heads add no regularization loss: weight decay belongs to the optimizer.
//
// Like all graph-building code heads panic on errors, such as features of another rank than 2, which GoMLX's trainer and
// model.Exec return.
type Head struct {
	scope       *model.Scope
	features    *Node
	classes     int
	temperature float64
	initializer model.VariableInitializer
	logits      func(head *Head) *Node // at temperature 1
}

// newHead checks what all heads need, and panics if it is not given.
func newHead(scope *model.Scope, features *Node, numClasses int, logits func(*Head) *Node) *Head {
	if features.Rank() != 2 || !features.DType().IsFloat() {
		Panicf("dismaxlib: a head needs features of floats shaped [batch, features], got %s: "+
			"pool or flatten the backbone's output first", features.Shape())
	}
	if features.Shape().Dim(1) < 1 {
		Panicf("dismaxlib: a head needs at least one feature, got %s", features.Shape())
	}
	if numClasses < 1 {
		Panicf("dismaxlib: a head needs at least one class, got %d", numClasses)
	}
	features = atLeastFloat32(features)
	return &Head{scope: scope, features: features, classes: numClasses, temperature: 1, logits: logits}
}

// atLeastFloat32 converts floats of 16 bits, too coarse for distances and logarithms.
func atLeastFloat32(x *Node) *Node {
	if x.DType() == dtypes.Float64 {
		return x
	}
	return ConvertDType(x, dtypes.Float32)
}

// Temperature sets the temperature that a new variable starts with. The default is 1. A stored temperature, from a
// checkpoint or from [SetTemperature], is kept. It panics unless the temperature is positive and finite.
func (h *Head) Temperature(temperature float64) *Head {
	if err := checkTemperature(temperature); err != nil {
		panic(err)
	}
	h.temperature = temperature
	return h
}

// Initializer replaces the initial value of the prototypes (SoftMax: of the weights), shaped [classes, features].
// The default of each head is the distribution of the published code. Its values are drawn on the host: the same seed
// gives the same on every backend, which GoMLX's random initializers do not.
func (h *Head) Initializer(initializer model.VariableInitializer) *Head {
	h.initializer = initializer
	return h
}

// Done adds the head to the graph and returns the logits [batch, classes], divided by the temperature.
func (h *Head) Done() *Node {
	h.scope = h.ownScope()
	temperature := h.scalar(temperatureName, h.temperature).SetTrainable(false)
	return Div(h.logits(h), h.settable(temperature))
}

// ownScope is the head's, of which there can be one alone below the scope that the user gave.
func (h *Head) ownScope() (scope *model.Scope) {
	if err := TryCatch[error](func() { scope = h.scope.In(HeadScope) }); err != nil {
		Panicf("dismaxlib: the scope %q holds a head already: give each head a scope of its own, as in "+
			"dismaxlib.DisMax(scope.In(\"second\"), features, numClasses)", h.scope.Scope())
	}
	return scope
}

// settable returns the value of a variable that may change between executions of a compiled graph. For backends that
// ask for it, GoMLX compiles variables into evaluation graphs as constants; into training graphs it never does.
func (h *Head) settable(variable *model.Variable) *Node {
	g := h.features.Graph()
	isTraining := h.scope.IsTraining(g)
	h.scope.SetTraining(g, true)
	defer h.scope.SetTraining(g, isTraining)
	return variable.NodeValue(g)
}

// prototypes returns the value of a variable shaped [classes, features], which create makes unless the user chose its
// initial value.
func (h *Head) prototypes(name string, create newVariable) *Node {
	shape := shapes.Make(h.features.DType(), h.classes, h.features.Shape().Dim(1))
	if h.initializer != nil {
		return h.scope.WithInitializer(h.initializer).VariableWithShape(name, shape).NodeValue(h.features)
	}
	return create(h.features.Graph(), h.scope, name, shape).NodeValue(h.features)
}

// newVariable returns the variable of a name in the scope, with an initial value if there is none yet.
type newVariable func(g *Graph, scope *model.Scope, name string, shape shapes.Shape) *model.Variable

func zeros(g *Graph, scope *model.Scope, name string, shape shapes.Shape) *model.Variable {
	return initial.Constant(g, scope, name, shape, 0)
}

func normal(std float64) newVariable {
	return func(g *Graph, scope *model.Scope, name string, shape shapes.Shape) *model.Variable {
		return initial.Normal(g, scope, name, shape, std)
	}
}

func uniform(bound float64) newVariable {
	return func(g *Graph, scope *model.Scope, name string, shape shapes.Shape) *model.Variable {
		return initial.Uniform(g, scope, name, shape, -bound, bound)
	}
}

func (h *Head) scalar(name string, value float64) *model.Variable {
	return initial.Constant(h.features.Graph(), h.scope, name, shapes.Make(h.features.DType()), value)
}

// SoftMax is the linear head that the others replace:
//
//	logit_j = (w_j · feature + b_j) / temperature
//
// Weights start uniform in ±1/sqrt(features) and the bias at zero, as in the published code. The difference from
// layers.Dense is the layout of the weights, [classes, features], and the temperature.
func SoftMax(scope *model.Scope, features *Node, numClasses int) *Head {
	return newHead(scope, features, numClasses, func(h *Head) *Node {
		bound := 1 / math.Sqrt(float64(h.features.Shape().Dim(1)))
		weights := h.prototypes("weights", uniform(bound))
		bias := zeros(features.Graph(), h.scope, "bias", shapes.Make(h.features.DType(), h.classes)).NodeValue(h.features)
		return Add(Einsum("bf,cf->bc", h.features, weights), InsertAxes(bias, 0))
	})
}

// IsoMax is the head of the isotropy maximization loss (arXiv 1908.05569): the logit of a class is the negative
// Euclidean distance of the feature to the prototype of the class,
//
//	logit_j = -‖feature - prototype_j‖ / temperature
//
// Prototypes start at zero.
func IsoMax(scope *model.Scope, features *Node, numClasses int) *Head {
	return newHead(scope, features, numClasses, func(h *Head) *Node {
		return Neg(distances(h.features, h.prototypes("prototypes", zeros)))
	})
}

// IsoMaxPlus is the head of the enhanced isotropy maximization loss (IsoMax+, arXiv 2105.14399): distances between
// directions, times a learned scale,
//
//	logit_j = -|scale| ‖unit(feature) - unit(prototype_j)‖ / temperature
//
// where unit(v) = v / ‖v‖. Prototypes start as N(0, 1), the scale at 1.
func IsoMaxPlus(scope *model.Scope, features *Node, numClasses int) *Head {
	return newHead(scope, features, numClasses, func(h *Head) *Node {
		return Neg(h.isometricDistances())
	})
}

// DisMax is the head of the distinction maximization loss: each logit holds the distance to its own prototype and the
// mean distance to all prototypes,
//
//	d_j = |scale| ‖unit(feature) - unit(prototype_j)‖ / sqrt(2)
//	logit_j = -(d_j + mean over k of d_k) / temperature
//
// (the "enhanced logits" of the paper), where unit(v) = v / ‖v‖. Prototypes start as N(0, 1), the scale at 1.
// The mean cancels in a softmax: it leaves probabilities as they are and shifts the scores made of logits.
//
// The layer called DisMax in Google's uncertainty-baselines is another one, with logits -‖feature - prototype_j‖.
func DisMax(scope *model.Scope, features *Node, numClasses int) *Head {
	return newHead(scope, features, numClasses, func(h *Head) *Node {
		d := DivScalar(h.isometricDistances(), math.Sqrt2)
		return Neg(Add(d, ReduceAndKeep(d, ReduceMean, -1)))
	})
}

// isometricDistances returns |scale| ‖unit(feature) - unit(prototype)‖ [batch, classes].
func (h *Head) isometricDistances() *Node {
	prototypes := h.prototypes("prototypes", normal(1))
	scale := Abs(h.scalar("distance_scale", 1).NodeValue(h.features))
	return Mul(scale, distances(unit(h.features), unit(prototypes)))
}
