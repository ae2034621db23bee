package goconv

import "github.com/gomlx/compute"

// function passes every operation to the inner function, but for those that take or return functions (wrapped here)
// and those that are lowered (in convolution.go and batchnorm.go).
type function struct {
	compute.Function
	builder *builder
}

// unwrap returns the function that the inner backend knows.
func unwrap(f compute.Function) compute.Function {
	if wrapped, ok := f.(*function); ok {
		return wrapped.Function
	}
	return f
}

// Builder implements compute.Function.
func (f *function) Builder() compute.Builder { return f.builder }

// Parent implements compute.Function.
func (f *function) Parent() compute.Function { return f.builder.wrap(f.Function.Parent()) }

// Closure implements compute.Function.
func (f *function) Closure() (compute.Function, error) {
	inner, err := f.Function.Closure()
	if err != nil {
		return nil, err
	}
	return f.builder.wrap(inner), nil
}

// Call implements compute.Function.
func (f *function) Call(callee compute.Function, inputs ...compute.Value) ([]compute.Value, error) {
	return f.Function.Call(unwrap(callee), inputs...)
}

// Sort implements compute.Function.
func (f *function) Sort(
	comparator compute.Function, axis int, isStable bool, inputs ...compute.Value,
) ([]compute.Value, error) {
	return f.Function.Sort(unwrap(comparator), axis, isStable, inputs...)
}

// While implements compute.Function.
func (f *function) While(cond, body compute.Function, initialState ...compute.Value) ([]compute.Value, error) {
	return f.Function.While(unwrap(cond), unwrap(body), initialState...)
}

// If implements compute.Function.
func (f *function) If(
	predicate compute.Value, trueBranch, falseBranch compute.Function,
) ([]compute.Value, error) {
	return f.Function.If(predicate, unwrap(trueBranch), unwrap(falseBranch))
}
