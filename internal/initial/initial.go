// Package initial makes the initial values of variables on the host, so that one seed gives the same network on every
// backend: GoMLX's own initializers compute in graphs, whose random numbers differ between backends, and have to be
// compiled. Start with [Normal].
//
// The generator is PCG-DXSM of math/rand/v2. Each variable has a stream of its own, whose seed is the SHA-256 of the
// store's random state and of the variable's path: neither the order in which variables are created nor other variables
// change what a variable starts with. Values are drawn in float64, in row-major order, and rounded to the dtype.
package initial

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// Normal returns the variable of the name in the scope. If there is none yet, it starts with values of N(0, std²), in
// float32 or float64, drawn into the memory of the graph's backend where the host can write to that. Like all
// graph-building code it panics on errors.
func Normal(g *graph.Graph, scope *model.Scope, name string, shape shapes.Shape, std float64) *model.Variable {
	return drawn(g, scope, name, shape, func(random *rand.Rand) float64 { return std * random.NormFloat64() })
}

// Uniform is [Normal] for values between low and high.
func Uniform(
	g *graph.Graph, scope *model.Scope, name string, shape shapes.Shape, low, high float64,
) *model.Variable {
	return drawn(g, scope, name, shape, func(random *rand.Rand) float64 { return low + (high-low)*random.Float64() })
}

// shapesOnlyParam marks the stores that ShapesOnly was called for.
const shapesOnlyParam = "initial_shapes_only"

// ShapesOnly spares the drawing of values in a store of which no graph will be executed.
func ShapesOnly(store *model.Store) { store.SetParam("/"+shapesOnlyParam, true) }

func drawn(
	g *graph.Graph, scope *model.Scope, name string, shape shapes.Shape, draw func(*rand.Rand) float64,
) *model.Variable {
	var random *rand.Rand
	store, path := scope.Store(), model.JoinPath(scope.Scope(), name)
	return filled(g, store, path, shape, func() float64 {
		if random == nil {
			random = stream(store, path)
		}
		return draw(random)
	})
}

// Constant is [Normal] for values that are all the same, in any dtype of floats.
func Constant(g *graph.Graph, scope *model.Scope, name string, shape shapes.Shape, value float64) *model.Variable {
	return ConstantAt(g, scope.Store(), model.JoinPath(scope.Scope(), name), shape, value)
}

// ConstantAt is [Constant] for the variable at a path of the store.
func ConstantAt(g *graph.Graph, store *model.Store, path string, shape shapes.Shape, value float64) *model.Variable {
	if shape.DType != dtypes.Float32 && shape.DType != dtypes.Float64 {
		return store.VariableWithShape(path, shape, func(g *graph.Graph, shape shapes.Shape) *graph.Node {
			return graph.MulScalar(graph.Ones(g, shape), value)
		})
	}
	return filled(g, store, path, shape, func() float64 { return value })
}

func filled(
	g *graph.Graph, store *model.Store, path string, shape shapes.Shape, next func() float64,
) *model.Variable {
	_, shapesOnly := store.RootScope().GetParam(shapesOnlyParam)
	if shapesOnly || store.GetVariable(path) != nil {
		return store.VariableWithShape(path, shape, initializer.Zero)
	}
	// A copy on the host would stay beside the backend's until the first collection, which short trainings never see.
	values, err := tensors.FromShapeForBackend(g.Backend(), 0, shape)
	if err != nil {
		panic(fmt.Errorf("variable %s: %w", path, err))
	}
	switch shape.DType {
	case dtypes.Float32:
		fill[float32](values, next)
	case dtypes.Float64:
		fill[float64](values, next)
	default:
		Panicf("variable %s: initial values are drawn in float32 or float64, not in %s", path, shape.DType)
	}
	return store.VariableWithValue(path, values)
}

// stream returns the random numbers of the variable at the path.
func stream(store *model.Store, path string) *rand.Rand {
	statePath := model.JoinPath("/", model.RNGStateVariableName)
	state := store.GetVariable(statePath)
	if state == nil || !state.HasValue() {
		if err := store.ResetRNGState(); err != nil {
			panic(err)
		}
		state = store.GetVariable(statePath)
	}
	hash := sha256.New()
	for _, word := range tensors.MustCopyFlatData[uint64](state.MustValue()) {
		hash.Write(binary.LittleEndian.AppendUint64(nil, word))
	}
	hash.Write([]byte(path))
	sum := hash.Sum(nil)
	return rand.New(rand.NewPCG(binary.LittleEndian.Uint64(sum), binary.LittleEndian.Uint64(sum[8:])))
}

func fill[T float32 | float64](tensor *tensors.Tensor, next func() float64) {
	tensors.MustMutableFlatData(tensor, func(values []T) {
		for i := range values {
			values[i] = T(next())
		}
	})
}
