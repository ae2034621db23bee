package dismaxlib

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

const temperatureName = "temperature"

// SetTemperature stores the temperature that the heads of a model divide their logits by, in the precision of each
// head. It takes effect at the next execution of any graph of the model, and checkpoints keep it. Packages network and
// detect, whose logits are raw, refuse weights that store another temperature than 1.
// The temperature must be positive and finite, and the store must hold a head: build the model, for instance by
// running one batch, or load its checkpoint before.
func SetTemperature(store *model.Store, temperature float64) error {
	if err := checkTemperature(temperature); err != nil {
		return err
	}
	variables, err := temperatures(store)
	if err != nil {
		return err
	}
	for _, variable := range variables {
		value, err := tensors.FromAnyValue(shapes.CastAsDType(temperature, variable.DType()))
		if err == nil {
			err = variable.SetValue(value)
		}
		if err != nil {
			return fmt.Errorf("setting %s: %w", variable.Path(), err)
		}
	}
	return nil
}

// Temperature returns the stored temperature of a model. It is an error if the store holds no head, or several heads
// of different temperatures.
func Temperature(store *model.Store) (float64, error) {
	variables, err := temperatures(store)
	if err != nil {
		return 0, err
	}
	var temperature float64
	for i, variable := range variables {
		value, err := scalarValue(variable)
		if err != nil {
			return 0, err
		}
		if i > 0 && value != temperature {
			return 0, fmt.Errorf("the heads of the model have different temperatures: %g at %s, %g at %s",
				temperature, variables[0].Path(), value, variable.Path())
		}
		temperature = value
	}
	return temperature, nil
}

// Probabilities returns the calibrated probabilities of raw logits [batch, classes], in the same shape and with 32 bits
// at least:
//
//	softmax(logits / temperature)
//
// The temperature is one that package calibrate found; scores are taken from the raw logits instead. Logits of a head
// whose stored temperature is not 1 are divided already. It panics unless the temperature is positive and finite.
func Probabilities(logits *Node, temperature float64) *Node {
	if err := checkTemperature(temperature); err != nil {
		panic(err)
	}
	return Softmax(DivScalar(atLeastFloat32(logits), temperature))
}

func checkTemperature(temperature float64) error {
	if !(temperature > 0) || math.IsInf(temperature, 1) {
		return fmt.Errorf("a temperature must be positive and finite, got %g", temperature)
	}
	return nil
}

// temperatures finds the temperature variables of all heads in the store.
func temperatures(store *model.Store) ([]*model.Variable, error) {
	if store == nil {
		return nil, errors.New("the store of the temperature is nil")
	}
	suffix := model.JoinPath("/", HeadScope, temperatureName)
	var found []*model.Variable
	for variable := range store.IterVariables() {
		if strings.HasSuffix(variable.Path(), suffix) {
			found = append(found, variable)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("the store holds no dismaxlib head (no variable %q): "+
			"run the model once or load its checkpoint first", suffix[1:])
	}
	return found, nil
}

func scalarValue(variable *model.Variable) (float64, error) {
	if !variable.HasValue() {
		return 0, fmt.Errorf("%s has no value yet: run the model once or load its checkpoint first", variable.Path())
	}
	value, err := variable.Value()
	if err != nil {
		return 0, fmt.Errorf("reading %s: %w", variable.Path(), err)
	}
	if variable.DType() == dtypes.Float32 {
		return float64(tensors.ToScalar[float32](value)), nil
	}
	return tensors.ToScalar[float64](value), nil
}
