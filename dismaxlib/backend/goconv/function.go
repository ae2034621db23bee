package goconv

import (
	"reflect"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/elementwise"
)

//go:generate go run ./internal/generate

// function passes every operation on to the inner function, which infers shapes and finds mistakes at once, and
// records the operations of the main function so that they can be emitted again, in pieces (see plan.go). Most of its
// methods are in recorded_gen.go.
type function struct {
	compute.Function
	builder *builder
}

// operator emits an operation on a function. It must depend on nothing of the function that it was first called on.
type operator func(to compute.Function, v []compute.Value) ([]compute.Value, error)

// operation is a recorded operation: a call of an operator, or of a direct kernel in its place.
type operation struct {
	inputs, outputs []compute.Value // of the inner main function; nil for an output that another operation has
	emit            operator
	direct          directKernel
	reversed        []int                // the axes, if it is a Reverse
	hazard          bool                 // whether it fails for some data
	elementwise     elementwise.Op       // what it does to every element of float32 arrays, if that is all; see fuse.go
	normalization   *directNormalization // what its kernel normalizes; nil if it does not
	convolution     *directConvolution   // what its kernel convolves; nil if it does not
	inPlace         [][]int              // for each output of a kernel, the inputs that it may be written over
}

// emit calls an operator on the inner function and records it.
func (f *function) emit(inputs []compute.Value, op operator) ([]compute.Value, error) {
	outputs, err := op(f.Function, inputs)
	if err != nil {
		return nil, err
	}
	f.builder.record(operation{inputs: inputs, outputs: outputs, emit: op})
	return outputs, nil
}

// emitHazard is emit for an operation that fails for some data: a remainder by zero, a scatter to an index that does not
// exist.
func (f *function) emitHazard(inputs []compute.Value, op operator) ([]compute.Value, error) {
	outputs, err := op(f.Function, inputs)
	if err != nil {
		return nil, err
	}
	hazard := true
	if shape, err := f.Shape(outputs[0]); err == nil && len(inputs) == 2 {
		hazard = !shape.DType.IsFloat()
	}
	f.builder.record(operation{inputs: inputs, outputs: outputs, emit: op, hazard: hazard})
	return outputs, nil
}

// emitElementwise is emit for an operation on every element of its operands.
func (f *function) emitElementwise(
	kind elementwise.Op, inputs []compute.Value, op operator,
) ([]compute.Value, error) {
	outputs, err := op(f.Function, inputs)
	if err != nil {
		return nil, err
	}
	shape, err := f.Shape(outputs[0])
	if err != nil {
		return nil, err
	}
	recorded := operation{inputs: inputs, outputs: outputs, emit: op}
	recorded.hazard = kind == elementwise.Div && !shape.DType.IsFloat()
	if f.isElementwise(shape, inputs) {
		recorded.elementwise = kind
	}
	f.builder.record(recorded)
	return outputs, nil
}

// isElementwise reports whether operands are float32 arrays of that shape, or single numbers.
func (f *function) isElementwise(shape shapes.Shape, operands []compute.Value) bool {
	if shape.DType != dtypes.Float32 || shape.IsDynamic() || shape.Size() < 2 {
		return false
	}
	for _, operand := range operands {
		given, err := f.Shape(operand)
		if err != nil || given.DType != dtypes.Float32 ||
			given.Size() != 1 && !slices.Equal(given.Dimensions, shape.Dimensions) {
			return false
		}
	}
	return true
}

// Reverse implements compute.Function.
func (f *function) Reverse(x compute.Value, axes ...int) (compute.Value, error) {
	reversed, err := f.Function.Reverse(x, axes...)
	if err != nil {
		return nil, err
	}
	f.builder.record(operation{
		inputs: []compute.Value{x}, outputs: []compute.Value{reversed}, reversed: axes,
		emit: func(to compute.Function, v []compute.Value) ([]compute.Value, error) {
			return listed(to.Reverse(v[0], axes...))
		},
	})
	return reversed, nil
}

// one and listed convert between the results of operations with one output and with many.
func one(values []compute.Value, err error) (compute.Value, error) {
	if err != nil {
		return nil, err
	}
	return values[0], nil
}

func listed(value compute.Value, err error) ([]compute.Value, error) {
	return []compute.Value{value}, err
}

// Builder implements compute.Function.
func (f *function) Builder() compute.Builder { return f.builder }

// Parent implements compute.Function.
func (f *function) Parent() compute.Function { return f.builder.wrap(f.Function.Parent()) }

// Closure implements compute.Function.
func (f *function) Closure() (compute.Function, error) {
	f.builder.whole = true
	inner, err := f.Function.Closure()
	if err != nil {
		return nil, err
	}
	return f.builder.wrap(inner), nil
}

// Parameter implements compute.Function.
func (f *function) Parameter(
	name string, shape shapes.Shape, sharding *compute.ShardingSpec,
) (compute.Value, error) {
	value, err := f.Function.Parameter(name, shape, sharding)
	if err != nil {
		return nil, err
	}
	if shape.IsDynamic() {
		f.builder.whole = true
	}
	f.builder.parameters = append(f.builder.parameters, parameter{name: name, shape: shape, value: value})
	return value, nil
}

// Constant implements compute.Function.
func (f *function) Constant(flat any, dimensions ...int) (compute.Value, error) {
	// The caller may change its slice before the constant is emitted again.
	own := reflect.AppendSlice(reflect.Zero(reflect.TypeOf(flat)), reflect.ValueOf(flat)).Interface()
	return one(f.emit(nil, func(to compute.Function, _ []compute.Value) ([]compute.Value, error) {
		return listed(to.Constant(own, dimensions...))
	}))
}

// Return implements compute.Function.
func (f *function) Return(outputs []compute.Value, shardings []*compute.ShardingSpec) error {
	if err := f.Function.Return(outputs, shardings); err != nil {
		return err
	}
	if f.Name() == compute.MainName {
		f.builder.outputs = outputs
	}
	return nil
}

// unwrap returns the function that the inner backend knows.
func unwrap(f compute.Function) compute.Function {
	if wrapped, ok := f.(*function); ok {
		return wrapped.Function
	}
	return f
}

// Call implements compute.Function.
func (f *function) Call(callee compute.Function, inputs ...compute.Value) ([]compute.Value, error) {
	f.builder.whole = true
	return f.Function.Call(unwrap(callee), inputs...)
}

// Sort implements compute.Function.
func (f *function) Sort(
	comparator compute.Function, axis int, isStable bool, inputs ...compute.Value,
) ([]compute.Value, error) {
	f.builder.whole = true
	return f.Function.Sort(unwrap(comparator), axis, isStable, inputs...)
}

// While implements compute.Function.
func (f *function) While(cond, body compute.Function, initialState ...compute.Value) ([]compute.Value, error) {
	f.builder.whole = true
	return f.Function.While(unwrap(cond), unwrap(body), initialState...)
}

// If implements compute.Function.
func (f *function) If(
	predicate compute.Value, trueBranch, falseBranch compute.Function,
) ([]compute.Value, error) {
	f.builder.whole = true
	return f.Function.If(predicate, unwrap(trueBranch), unwrap(falseBranch))
}
