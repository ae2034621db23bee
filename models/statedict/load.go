package statedict

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// Load copies the entries into the variables of the store, those of the places; no places stand for [Published].
// Floats of any width are converted to the dtype of the variable. Call it before the graph that evaluates is compiled,
// which may hold the values of variables as constants.
//
// Where the store holds the variables of a place, the model was built, every entry must find its variable with the same
// dimensions, and every variable must get an entry; the error of anything else says that the state dict is of another
// model. Where it holds none, they are created as float32, and the model finds them when it is built; a variable that
// it does not find starts untrained, so build the model before if the state dict may be of another.
// If there is an error, the store is unchanged.
//
// Passed over are entries of no place, counters ("num_batches_tracked") and the thresholds of the published DisMax
// head. A head without a "temperature", as those of SoftMax, IsoMax and IsoMax+ in PyTorch, has temperature 1.
// The common prefix "module." of a DataParallel network is left out.
func (s State) Load(store *model.Store, places ...Place) error {
	if store == nil {
		return errors.New("loading a state dict: the store is nil")
	}
	if len(places) == 0 {
		places = Published()
	}
	l := loading{
		state: s.unwrapped(), places: places,
		known: map[string]*model.Variable{}, built: map[*Place]bool{}, values: map[string]*tensors.Tensor{},
	}
	for variable := range store.IterVariables() {
		if place := ofVariable(places, variable.Path()); place != nil {
			l.known[variable.Path()], l.built[place] = variable, true
		}
	}
	if err := l.plan(); err != nil {
		return fmt.Errorf("loading a state dict: %w", err)
	}
	for _, path := range slices.Sorted(maps.Keys(l.values)) {
		if err := set(store, path, l.values[path]); err != nil {
			return fmt.Errorf("loading a state dict: setting %s: %w", path, err)
		}
	}
	return nil
}

// loading is a state dict on its way into a store.
type loading struct {
	state  State
	places []Place
	known  map[string]*model.Variable // the variables of all places, by path
	built  map[*Place]bool            // the places that have variables
	values map[string]*tensors.Tensor // what the variables will hold, by path
}

// plan fills the values.
func (l *loading) plan() error {
	used := map[*Place]bool{}
	for _, name := range slices.Sorted(maps.Keys(l.state)) {
		place := ofEntry(l.places, name)
		if _, last := splitEntry(name); place == nil || passedOver[last] {
			continue
		}
		used[place] = true
		if err := l.add(place, name); err != nil {
			return fmt.Errorf("entry %s: %w", name, err)
		}
	}
	for i := range l.places {
		place := &l.places[i]
		if !used[place] {
			return fmt.Errorf("it has no entry for %s, none begins with %q: give the places of its parts",
				place.Scope, place.Prefix)
		}
		l.addTemperature(place)
	}
	return l.checkComplete()
}

// add plans the value of one entry.
func (l *loading) add(place *Place, name string) error {
	if tensor := l.state[name]; tensor == nil || !tensor.Ok() {
		return errors.New("it has no value")
	}
	path := l.state.variablePath(place, name)
	if l.values[path] != nil {
		return fmt.Errorf("another entry is %s too", path)
	}
	value, err := arrayOf(l.state[name])
	if err != nil {
		return err
	}
	value = value.transposed(toGoMLX)
	dtype := dtypes.Float32
	if variable := l.known[path]; variable != nil {
		dtype = variable.DType()
		if value.dimensions, err = fit(value.dimensions, variable); err != nil {
			return err
		}
	} else if l.built[place] {
		return fmt.Errorf("the model has no %s: it is of another model", path)
	} else if _, last := splitEntry(name); isSingle(value.dimensions) && model.BasePath(path) == last && last != "bias" {
		value.dimensions = nil // not an array of one channel or class, but a number
	}
	l.values[path], err = value.tensor(dtype)
	return err
}

// fit returns the dimensions of the variable if they are those of the entry, in our layout.
func fit(dimensions []int, variable *model.Variable) ([]int, error) {
	want := variable.Shape().Dimensions
	if !slices.Equal(dimensions, want) && !(isSingle(dimensions) && isSingle(want)) {
		return nil, fmt.Errorf("dimensions %v (in GoMLX's order), but the model's %s has %v: it is of another model",
			dimensions, variable.Path(), want)
	}
	return want, nil
}

// addTemperature plans the temperature 1 of a head whose state dict has none.
func (l *loading) addTemperature(place *Place) {
	path := model.JoinPath(place.Scope, temperature)
	if l.values[path] != nil {
		return
	}
	variable := l.known[path]
	if variable == nil && (l.built[place] || !l.hasHead(place)) {
		return
	}
	one := tensors.FromScalar(float32(1))
	if variable != nil && variable.DType() == dtypes.Float64 {
		one = tensors.FromScalar(float64(1))
	}
	l.values[path] = one
}

// hasHead reports whether the place's scope holds the matrix of a head itself, without a module.
func (l *loading) hasHead(place *Place) bool {
	for _, name := range []string{"prototypes", "weights"} {
		if value := l.values[model.JoinPath(place.Scope, name)]; value != nil && value.Rank() == 2 {
			return true
		}
	}
	return false
}

// checkComplete makes sure that every variable gets a value.
func (l *loading) checkComplete() error {
	var missing []string
	for path := range l.known {
		if l.values[path] == nil {
			missing = append(missing, path)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("it has no entry for %d variables of the model, among them %s: it is of another model",
		len(missing), slices.Min(missing))
}

// set sets a variable, or creates it.
func set(store *model.Store, path string, value *tensors.Tensor) error {
	if variable := store.GetVariable(path); variable != nil {
		return variable.SetValue(value)
	}
	variable, err := store.CreateVariable(path, value)
	if err == nil {
		switch variable.Name() {
		case "mean", "variance", temperature:
			variable.SetTrainable(false)
		}
	}
	return err
}
