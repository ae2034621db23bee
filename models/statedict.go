package models

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// StateTensor is one entry of a PyTorch state dict: values in row-major order, convolution kernels as
// [out, in, height, width].
type StateTensor struct {
	Dimensions []int
	Values     []float32
}

// LoadState copies the entries of a PyTorch state dict, named as in the published code ("layer1.0.conv1.weight",
// "bn1.running_mean", …), into the variables of a backbone that was built in the given scope path. Counters
// ("num_batches_tracked") are passed over. It is an error if an entry has no variable or another shape, or if a
// variable of the backbone is left without an entry.
func LoadState(store *model.Store, scopePath string, state map[string]StateTensor) error {
	missing := map[string]bool{}
	for variable := range store.Scope(scopePath).IterVariables() {
		missing[variable.Path()] = true
	}
	for name, entry := range state {
		if strings.HasSuffix(name, ".num_batches_tracked") {
			continue
		}
		variable, err := stateVariable(store, scopePath, name, entry)
		if err != nil {
			return err
		}
		value, err := entry.tensor(variable)
		if err == nil {
			err = variable.SetValue(value)
		}
		if err != nil {
			return fmt.Errorf("state dict entry %s: %w", name, err)
		}
		delete(missing, variable.Path())
	}
	for path := range missing {
		return fmt.Errorf("the state dict has no entry for %d variables of the model, among them %s: "+
			"it is of another model", len(missing), path)
	}
	return nil
}

// stateVariable finds the variable that a state dict's entry belongs to. A rank-1 weight or bias is a batch
// normalization's unless its scope holds a convolution.
func stateVariable(store *model.Store, scopePath, name string, entry StateTensor) (*model.Variable, error) {
	parts := strings.Split(name, ".")
	last := parts[len(parts)-1]
	candidates := map[string][]string{
		"weight": {"scale"}, "bias": {"offset", "biases"}, "running_mean": {"mean"}, "running_var": {"variance"},
	}[last]
	if last == "weight" && len(entry.Dimensions) == 4 {
		candidates = []string{"weights"}
	}
	scopePath = model.JoinPath(append([]string{scopePath}, parts[:len(parts)-1]...)...)
	for _, candidate := range candidates {
		if variable := store.GetVariable(model.JoinPath(scopePath, candidate)); variable != nil {
			return variable, nil
		}
	}
	return nil, fmt.Errorf("state dict entry %s: the model has no such variable in %s: it is of another model", name, scopePath)
}

// tensor returns the entry in the layout of the variable: kernels become [height, width, in, out].
func (s StateTensor) tensor(variable *model.Variable) (*tensors.Tensor, error) {
	size := 1
	for _, dimension := range s.Dimensions {
		size *= dimension
	}
	if size != len(s.Values) {
		return nil, fmt.Errorf("%d values for the dimensions %v", len(s.Values), s.Dimensions)
	}
	values, dimensions := s.Values, s.Dimensions
	if len(dimensions) == 4 {
		values, dimensions = kernelToGoMLX(values, dimensions)
	}
	if want := variable.Shape().Dimensions; !slices.Equal(dimensions, want) {
		return nil, fmt.Errorf("dimensions %v, but the model's %s has %v: it is of another model",
			dimensions, variable.Path(), want)
	}
	if variable.DType() == dtypes.Float64 {
		wide := make([]float64, len(values))
		for i, value := range values {
			wide[i] = float64(value)
		}
		return tensors.FromFlatDataAndDimensions(wide, dimensions...), nil
	}
	return tensors.FromFlatDataAndDimensions(slices.Clone(values), dimensions...), nil
}

// kernelToGoMLX transposes [out, in, height, width] to [height, width, in, out].
func kernelToGoMLX(values []float32, dimensions []int) ([]float32, []int) {
	out, in, area := dimensions[0], dimensions[1], dimensions[2]*dimensions[3]
	transposed := make([]float32, len(values))
	for o := range out {
		for i := range in {
			for p := range area {
				transposed[(p*in+i)*out+o] = values[(o*in+i)*area+p]
			}
		}
	}
	return transposed, []int{dimensions[2], dimensions[3], in, out}
}
