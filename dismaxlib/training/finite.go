package training

import (
	"encoding/binary"
	"fmt"
	"math"
	"path/filepath"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/ml/model"
)

func isFinite(value float64) bool { return !math.IsNaN(value) && !math.IsInf(value, 0) }

// NotFiniteError is the error of a run whose loss or variables became infinite or NaN.
type NotFiniteError struct {
	err error
	// Checkpoint is the step of the last checkpoint, from which [Config.ContinueAtRate] goes on; 0 if there is none.
	Checkpoint int
}

// Error says what is not finite, and what to do.
func (e *NotFiniteError) Error() string {
	if e.Checkpoint == 0 {
		return fmt.Sprintf("%v: lower the learning rate", e.err)
	}
	return fmt.Sprintf("%v: lower the learning rate; the checkpoint of step %d is good", e.err, e.Checkpoint)
}

// Unwrap returns what is not finite.
func (e *NotFiniteError) Unwrap() error { return e.err }

func (r *run) notFinite(err error) error {
	e := &NotFiniteError{err: err}
	if r.checkpoints != nil {
		e.Checkpoint = r.checkpoints.newest
	}
	return e
}

// lossNotFinite is the error of a step with such a loss, which is that of the variables before the step.
func (r *run) lossNotFinite(loss float64) error {
	if r.checkpoints != nil && r.done.Step > 0 && r.done.Step == r.checkpoints.newest {
		return &NotFiniteError{
			err: fmt.Errorf("the loss is %v with the variables of %s itself: unless the batch is at fault, delete that file",
				loss, filepath.Join(r.Folder, fileName(r.done.Step))),
			Checkpoint: r.checkpoints.before,
		}
	}
	err := fmt.Errorf("the loss is %v at learning rate %g", loss, r.rate(r.done.Step))
	if spoiled := checkFinite(variablesToSave(r.Store)); spoiled != nil {
		err = fmt.Errorf("%w, and %w", err, spoiled)
	}
	return r.notFinite(err)
}

// checkFinite returns an error that names the first variable with a value that is infinite or NaN.
func checkFinite(variables []*model.Variable) error {
	for _, variable := range variables {
		value, err := variable.Value()
		if err != nil {
			return err
		}
		finite := true
		if err := value.ConstBytes(func(data []byte) { finite = allFinite(variable.DType(), data) }); err != nil {
			return fmt.Errorf("variable %s: %w", variable.Path(), err)
		}
		if !finite {
			return fmt.Errorf("%s has values that are infinite or NaN", variable.Path())
		}
	}
	return nil
}

// allFinite reports whether no value has all bits of its exponent set, which is how infinity and NaN are written in
// every IEEE format.
func allFinite(dtype dtypes.DType, data []byte) bool {
	switch dtype {
	case dtypes.Float64, dtypes.Complex128:
		const exponent = 0x7ff0_0000_0000_0000
		for ; len(data) >= 8; data = data[8:] {
			if binary.NativeEndian.Uint64(data)&exponent == exponent {
				return false
			}
		}
	case dtypes.Float32, dtypes.Complex64:
		const exponent = 0x7f80_0000
		for ; len(data) >= 4; data = data[4:] {
			if binary.NativeEndian.Uint32(data)&exponent == exponent {
				return false
			}
		}
	case dtypes.Float16:
		return allFinite16(data, 0x7c00)
	case dtypes.BFloat16:
		return allFinite16(data, 0x7f80)
	}
	return true
}

func allFinite16(data []byte, exponent uint16) bool {
	for ; len(data) >= 2; data = data[2:] {
		if binary.NativeEndian.Uint16(data)&exponent == exponent {
			return false
		}
	}
	return true
}
