package goconv

import "github.com/gomlx/compute"

// builder wraps the functions that the inner builder makes.
type builder struct {
	compute.Builder
	backend   *backend
	functions map[compute.Function]*function
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

// Main implements compute.Builder.
func (b *builder) Main() compute.Function { return b.wrap(b.Builder.Main()) }

// NewFunction implements compute.Builder.
func (b *builder) NewFunction(name string) (compute.Function, error) {
	inner, err := b.Builder.NewFunction(name)
	if err != nil {
		return nil, err
	}
	return b.wrap(inner), nil
}

// Compile implements compute.Builder.
func (b *builder) Compile() (compute.Executable, error) {
	inner, err := b.Builder.Compile()
	if err != nil {
		return nil, err
	}
	return &executable{Executable: inner, backend: b.backend}, nil
}
