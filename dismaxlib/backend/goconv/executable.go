package goconv

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/pkg/errors"
)

// executable runs an inner executable on the inner buffers.
type executable struct {
	compute.Executable
	backend *backend
}

// Execute implements compute.Executable.
func (e *executable) Execute(
	inputs []compute.Buffer, donate []bool, device compute.DeviceNum,
) (outputs []compute.Buffer, err error) {
	defer recoverTo(&err)
	inner, err := unwrapBuffers(inputs)
	if err != nil {
		return nil, err
	}
	outputs, err = e.Executable.Execute(inner, donate, device)
	if err != nil {
		return nil, err
	}
	return e.backend.wrapBuffers(outputs), nil
}

// planExecutable runs a plan.
type planExecutable struct{ plan *plan }

// Finalize implements compute.Executable.
func (e *planExecutable) Finalize() {
	for _, stage := range e.plan.stages {
		if stage.segment != nil {
			stage.segment.executable.Finalize()
		}
	}
	e.plan.stages = nil
}

// Inputs implements compute.Executable.
func (e *planExecutable) Inputs() (names []string, inputShapes []shapes.Shape) {
	return e.plan.names, e.plan.inputs
}

// Outputs implements compute.Executable.
func (e *planExecutable) Outputs() (outputShapes []shapes.Shape) { return e.plan.outputs }

// Execute implements compute.Executable.
func (e *planExecutable) Execute(
	inputs []compute.Buffer, donate []bool, device compute.DeviceNum,
) (outputs []compute.Buffer, err error) {
	defer recoverTo(&err)
	if len(inputs) != len(e.plan.inputs) {
		return nil, errors.Errorf("backend %q: want %d inputs, got %d", Name, len(e.plan.inputs), len(inputs))
	}
	inner, err := unwrapBuffers(inputs)
	if err != nil {
		return nil, err
	}
	r := &planRun{plan: e.plan, device: device, slots: make([]slot, e.plan.slots)}
	for i, input := range inner {
		shape, err := input.Shape()
		if err != nil {
			return nil, err
		}
		if !shape.Equal(e.plan.inputs[i]) {
			return nil, errors.Errorf("backend %q: parameter %q: want %s, got %s",
				Name, e.plan.names[i], e.plan.inputs[i], shape)
		}
		r.slots[i] = slot{buffer: input, owned: len(donate) > 0 && donate[i]}
	}
	if err := r.execute(); err != nil {
		return nil, err
	}
	for _, i := range e.plan.outputSlots {
		outputs = append(outputs, r.slots[i].buffer)
	}
	return e.plan.backend.wrapBuffers(outputs), nil
}

// planRun is one execution of a plan.
type planRun struct {
	plan   *plan
	device compute.DeviceNum
	slots  []slot
}

// slot holds a value between stages.
type slot struct {
	buffer compute.Buffer
	owned  bool    // whether the buffer can be given to the inner backend for good
	result *result // what it is part of, if a kernel made it
}

func (r *planRun) execute() error {
	for _, stage := range r.plan.stages {
		if stage.segment != nil {
			if err := r.executeSegment(stage.segment); err != nil {
				return err
			}
		}
		for i := range stage.kernels {
			if err := r.executeKernel(&stage.kernels[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *planRun) executeSegment(s *segment) error {
	inputs, donate := make([]compute.Buffer, len(s.inputs)), make([]bool, len(s.inputs))
	for i, from := range s.inputs {
		inputs[i], donate[i] = r.slots[from].buffer, s.last[i] && r.slots[from].owned
	}
	outputs, err := runSegment(s, inputs, donate, r.device)
	if err != nil {
		return err
	}
	r.release(s.inputs, s.last)
	for i, to := range s.outputs {
		r.slots[to] = slot{buffer: outputs[i], owned: true}
	}
	return nil
}

func (r *planRun) executeKernel(k *kernelCall) error {
	inputs, outputs := make([][]float32, len(k.inputs)), make([][]float32, len(k.outputs))
	for i, from := range k.inputs {
		flat, err := r.slots[from].buffer.Data()
		if err != nil {
			return err
		}
		inputs[i] = flat.([]float32)
	}
	for i, to := range k.outputs {
		if over := r.takeOver(k, i); over >= 0 {
			given := &r.slots[k.inputs[over]]
			r.slots[to] = *given
			given.owned, given.result = false, nil
			outputs[i] = inputs[over]
			continue
		}
		made, err := r.plan.backend.newResult(k.shapes[i])
		if err != nil {
			return err
		}
		r.slots[to] = slot{buffer: made.buffer, result: made}
		outputs[i] = made.flat
	}
	r.plan.backend.runKernel(k, outputs, inputs)
	r.release(k.inputs, k.last)
	return nil
}

// takeOver returns an input that the kernel's output is written over, because it was donated or made by a kernel and
// nothing needs it any more; -1 if there is none. The input's buffer is the output's from then on.
func (r *planRun) takeOver(k *kernelCall, output int) int {
	if len(k.inPlace) == 0 {
		return -1
	}
	for _, input := range k.inPlace[output] {
		if given := r.slots[k.inputs[input]]; k.last[input] && (given.owned || given.result != nil) {
			return input
		}
	}
	return -1
}

// release forgets the inputs that are not needed any more.
func (r *planRun) release(inputs []int, last []bool) {
	for i, from := range inputs {
		if !last[i] {
			continue
		}
		if made := r.slots[from].result; made != nil {
			r.plan.backend.keepResult(made)
		}
		r.slots[from] = slot{}
	}
}

// recoverTo makes an error of a panic, so that whatever goes wrong in an operation is the caller's to handle.
func recoverTo(err *error) {
	if problem := recover(); problem != nil {
		*err = errors.Errorf("backend %q: an operation failed: %v", Name, problem)
	}
}

func unwrapBuffers(buffers []compute.Buffer) ([]compute.Buffer, error) {
	inner := make([]compute.Buffer, len(buffers))
	for i, given := range buffers {
		wrapped, ok := given.(*buffer)
		if !ok {
			return nil, fmt.Errorf("backend %q: input %d is a buffer of another backend (%T)", Name, i, given)
		}
		inner[i] = wrapped.Buffer
	}
	return inner, nil
}

func (b *backend) wrapBuffers(inner []compute.Buffer) []compute.Buffer {
	wrapped := make([]compute.Buffer, len(inner))
	for i := range inner {
		wrapped[i] = &buffer{Buffer: inner[i], backend: b}
	}
	return wrapped
}
