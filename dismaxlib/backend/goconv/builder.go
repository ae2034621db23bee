package goconv

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
)

// builder wraps the functions that the inner builder makes, and records what the main function does.
type builder struct {
	compute.Builder
	backend   *backend
	functions map[compute.Function]*function

	// The record of the main function. It is good for nothing if whole is set: then something was built that cannot
	// be emitted again in pieces (a closure, a dynamic shape), and the inner builder's computation is used as it is.
	parameters []parameter
	operations []operation
	producers  map[compute.Value]int // the operation that each value comes from
	outputs    []compute.Value
	whole      bool

	columns int // bytes of im2col columns that kernel gradients share with their forward passes so far
}

// parameter is an input of the main function.
type parameter struct {
	name  string
	shape shapes.Shape
	value compute.Value
}

// wrap returns the wrapper of an inner function, always the same for the same function. A nil stays a nil interface.
func (b *builder) wrap(inner compute.Function) compute.Function {
	if inner == nil {
		return nil
	}
	wrapped, found := b.functions[inner]
	if !found {
		wrapped = &function{Function: inner, builder: b}
		b.functions[inner] = wrapped
	}
	return wrapped
}

// record keeps an operation, unless it is one that was there already: the inner backend returns the same value for
// the same operation on the same inputs.
//
// For that reason some outputs of a composed operation may have been there, such as the mean of two normalizations of
// one operand. They stay the outputs of the first, and the second has to be emitted: a kernel makes all or nothing.
func (b *builder) record(op operation) {
	if _, known := b.producers[op.outputs[0]]; known {
		return
	}
	op.outputs = slices.Clone(op.outputs)
	for i, output := range op.outputs {
		if _, known := b.producers[output]; known {
			op.outputs[i], op.direct = nil, nil
			continue
		}
		b.producers[output] = len(b.operations)
	}
	b.operations = append(b.operations, op)
}

// unreversed returns what a value is the reverse of, and along which axes; the value itself if it is no reverse.
func (b *builder) unreversed(value compute.Value) (compute.Value, []int) {
	producer, made := b.producers[value]
	if !made || b.operations[producer].reversed == nil {
		return value, nil
	}
	return b.operations[producer].inputs[0], b.operations[producer].reversed
}

// Main implements compute.Builder.
func (b *builder) Main() compute.Function { return b.wrap(b.Builder.Main()) }

// NewFunction implements compute.Builder.
func (b *builder) NewFunction(name string) (compute.Function, error) {
	b.whole = true
	inner, err := b.Builder.NewFunction(name)
	if err != nil {
		return nil, err
	}
	return b.wrap(inner), nil
}

// Compile implements compute.Builder.
func (b *builder) Compile() (compute.Executable, error) {
	if b.whole || !b.hasDirect() || !b.isComplete() {
		inner, err := b.Builder.Compile()
		if err != nil {
			return nil, err
		}
		hazard := b.whole || slices.ContainsFunc(b.operations, func(op operation) bool { return op.hazard })
		return &executable{Executable: b.backend.guard(inner, hazard), backend: b.backend}, nil
	}
	return newPlan(b)
}

// isComplete reports whether the record explains every value that the outputs depend on. It does not where an operation
// has passed by unrecorded, as one that a newer module compute has and recorded_gen.go has not.
func (b *builder) isComplete() bool {
	isParameter := make(map[compute.Value]bool)
	for _, parameter := range b.parameters {
		isParameter[parameter.value] = true
	}
	seen := make(map[compute.Value]bool)
	open := slices.Clone(b.outputs)
	for len(open) > 0 {
		value := open[len(open)-1]
		open = open[:len(open)-1]
		if value == nil || seen[value] || isParameter[value] {
			continue
		}
		seen[value] = true
		producer, made := b.producers[value]
		if !made {
			return false
		}
		open = append(open, b.operations[producer].inputs...)
	}
	return len(b.outputs) > 0
}

// hasDirect reports whether any operation has a kernel of its own.
func (b *builder) hasDirect() bool {
	for i := range b.operations {
		if b.operations[i].direct != nil {
			return true
		}
	}
	return false
}
