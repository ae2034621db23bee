package statedict

import (
	"errors"
	"fmt"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// Of returns the state dict of the model whose variables the store holds in the places; no places stand for
// [Published]. What lies elsewhere, such as the state of optimizers, is left out. Entries have the dtype of their
// variables, and a copy of their values.
//
// In PyTorch, load_state_dict(state) takes it as it is for the heads of SoftMax and IsoMax, and needs strict=False for
// two others: the published DisMax head has thresholds of its own, which are not written, and the published IsoMax+
// head has no "temperature", but cannot be told from that of DisMax, which has. A "temperature" other than 1 is written
// for every head. Counters ("num_batches_tracked") are 0. The weights of a SoftMax head are named "weights", as
// published; nn.Linear, and with it torchvision, says "weight".
func Of(store *model.Store, places ...Place) (State, error) {
	if store == nil {
		return nil, errors.New("making a state dict: the store is nil")
	}
	if len(places) == 0 {
		places = Published()
	}
	state := State{}
	for variable := range store.IterVariables() {
		place := ofVariable(places, variable.Path())
		if place == nil {
			continue
		}
		if err := state.add(store, place, variable); err != nil {
			return nil, fmt.Errorf("making a state dict: variable %s: %w", variable.Path(), err)
		}
	}
	if len(state) == 0 {
		return nil, fmt.Errorf("making a state dict: the store has no variables in %v: build the model or load it first",
			places)
	}
	return state, nil
}

// add adds the entry of a variable.
func (s State) add(store *model.Store, place *Place, variable *model.Variable) error {
	value, err := entryValue(variable)
	if err != nil {
		return err
	}
	if isDefaultTemperature(store, variable, value) {
		return nil
	}
	module := entryModule(place, variable.Scope())
	name := module + entryLast(variable)
	if s[name] != nil {
		return fmt.Errorf("another variable has the entry %s too", name)
	}
	s[name] = value
	if variable.Name() == "mean" {
		s[module+batchCounter] = tensors.FromScalar(int64(0))
	}
	return nil
}

// entryValue returns a copy of the variable's value in PyTorch's layout.
func entryValue(variable *model.Variable) (*tensors.Tensor, error) {
	value, err := variable.Value()
	if err != nil {
		return nil, err
	}
	a, err := arrayOf(value)
	if err != nil {
		return nil, err
	}
	if isSingle(a.dimensions) {
		a.dimensions = []int{1}
	}
	return a.transposed(toPyTorch).tensor(variable.DType())
}

// isDefaultTemperature reports whether the variable is a temperature of 1 that need not be written.
func isDefaultTemperature(store *model.Store, variable *model.Variable, value *tensors.Tensor) bool {
	if variable.Name() != temperature || store.GetVariable(model.JoinPath(variable.Scope(), distanceScale)) != nil {
		return false
	}
	a, err := arrayOf(value)
	return err == nil && len(a.values) == 1 && a.values[0] == 1
}
