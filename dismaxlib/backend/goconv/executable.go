package goconv

import (
	"github.com/gomlx/compute"
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
) ([]compute.Buffer, error) {
	inner := make([]compute.Buffer, len(inputs))
	for i, input := range inputs {
		wrapped, ok := input.(*buffer)
		if !ok {
			return nil, errors.Errorf("backend %q: input %d is a buffer of another backend (%T)", Name, i, input)
		}
		inner[i] = wrapped.Buffer
	}
	outputs, err := e.Executable.Execute(inner, donate, device)
	if err != nil {
		return nil, err
	}
	for i, output := range outputs {
		outputs[i] = &buffer{Buffer: output, backend: e.backend}
	}
	return outputs, nil
}
