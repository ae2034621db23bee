// Package compilations counts what a backend compiles. [Count] wraps one, and what is computed with the wrapper is
// computed by the backend inside. Start there.
package compilations

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
)

// Graph is a graph that was compiled.
type Graph struct {
	Name string
	Took time.Duration // of the backend alone: neither of building the graph nor of its first execution
}

// Backend is a backend that counts. Its builders, executables and buffers are wrapped like itself, because GoMLX
// compares the backend of a buffer with the one that executes; functions and graph values pass through untouched.
type Backend struct {
	compute.Backend

	mutex  sync.Mutex
	graphs []Graph
}

// Count returns the backend wrapped in one that counts from zero. Tensors on the one are of no use to the other.
func Count(inner compute.Backend) *Backend { return &Backend{Backend: inner} }

// Graphs returns what was compiled so far, in that order. It is safe for concurrent use.
func (b *Backend) Graphs() []Graph {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return slices.Clone(b.graphs)
}

// Builder implements [compute.Backend].
func (b *Backend) Builder(name string) compute.Builder {
	return &builder{Builder: b.Backend.Builder(name), backend: b}
}

// BufferFromFlatData implements [compute.Backend].
func (b *Backend) BufferFromFlatData(device compute.DeviceNum, flat any, shape shapes.Shape) (compute.Buffer, error) {
	inner, err := b.Backend.BufferFromFlatData(device, flat, shape)
	if err != nil {
		return nil, err
	}
	return &buffer{inner, b}, nil
}

// NewSharedBuffer implements [compute.Backend].
func (b *Backend) NewSharedBuffer(device compute.DeviceNum, shape shapes.Shape) (compute.Buffer, any, error) {
	inner, flat, err := b.Backend.NewSharedBuffer(device, shape)
	if err != nil {
		return nil, nil, err
	}
	return &buffer{inner, b}, flat, nil
}

type builder struct {
	compute.Builder
	backend *Backend
}

// Compile implements [compute.Builder].
func (b *builder) Compile() (compute.Executable, error) {
	start := time.Now()
	inner, err := b.Builder.Compile()
	if err != nil {
		return nil, err
	}
	b.backend.mutex.Lock()
	defer b.backend.mutex.Unlock()
	b.backend.graphs = append(b.backend.graphs, Graph{b.Name(), time.Since(start)})
	return &executable{inner, b.backend}, nil
}

type executable struct {
	compute.Executable
	backend *Backend
}

// Execute implements [compute.Executable].
func (e *executable) Execute(
	inputs []compute.Buffer, donate []bool, device compute.DeviceNum,
) ([]compute.Buffer, error) {
	inner := make([]compute.Buffer, len(inputs))
	for i, input := range inputs {
		wrapped, ours := input.(*buffer)
		if !ours {
			return nil, fmt.Errorf("input %d is a buffer of another backend (%T)", i, input)
		}
		inner[i] = wrapped.Buffer
	}
	outputs, err := e.Executable.Execute(inner, donate, device)
	if err != nil {
		return nil, err
	}
	for i, output := range outputs {
		outputs[i] = &buffer{output, e.backend}
	}
	return outputs, nil
}

type buffer struct {
	compute.Buffer
	backend *Backend
}

// Backend implements [compute.Buffer].
func (b *buffer) Backend() compute.Backend { return b.backend }

// CopyToDevice implements [compute.Buffer].
func (b *buffer) CopyToDevice(device compute.DeviceNum) (compute.Buffer, error) {
	inner, err := b.Buffer.CopyToDevice(device)
	if err != nil {
		return nil, err
	}
	return &buffer{inner, b.backend}, nil
}
