package statedict

import (
	"strings"

	"github.com/gomlx/gomlx/ml/model"
)

// Names that only one side has.
const (
	batchCounter  = "num_batches_tracked" // beside a batch normalization's running statistics; momentum does not need it
	temperature   = "temperature"         // PyTorch's heads without one divide by 1
	distanceScale = "distance_scale"
)

// passedOver are the last parts of the names of entries that no variable holds. The last two belong to the thresholds
// of the published DisMax head.
var passedOver = map[string]bool{batchCounter: true, "validationset_available": true, "precomputed_thresholds": true}

// splitEntry splits "layer1.0.bn1.weight" into its module "layer1.0.bn1." and the last part "weight".
func splitEntry(name string) (module, last string) {
	dot := strings.LastIndexByte(name, '.') + 1
	return name[:dot], name[dot:]
}

// variablePath returns the path of the variable that holds the entry, in its place.
//
// A weight of rank 1 is the scale of a batch normalization. A bias is a convolution's beside a kernel, and a batch
// normalization's offset beside a running mean. What has no other name here keeps its own.
func (s State) variablePath(place *Place, name string) string {
	module, last := splitEntry(name)
	variable := last
	switch last {
	case "weight":
		variable = "weights"
		if s[name].Rank() == 1 {
			variable = "scale"
		}
	case "bias":
		if s[module+"running_mean"] != nil {
			variable = "offset"
		} else if weight := s[module+"weight"]; weight != nil && weight.Rank() == kernelRank {
			variable = "biases"
		}
	case "running_mean":
		variable = "mean"
	case "running_var":
		variable = "variance"
	}
	scope := strings.ReplaceAll(strings.TrimPrefix(module, place.Prefix), ".", model.ScopeSeparator)
	return model.JoinPath(place.Scope, scope, variable)
}

// entryModule returns the part of the names of a scope's entries up to the last dot, which is included.
func entryModule(place *Place, scope string) string {
	below := strings.Trim(strings.TrimPrefix(scope, place.Scope), model.ScopeSeparator)
	if below == "" {
		return place.Prefix
	}
	return place.Prefix + strings.ReplaceAll(below, model.ScopeSeparator, ".") + "."
}

// entryLast returns the last part of the name of the variable's entry.
func entryLast(variable *model.Variable) string {
	switch variable.Name() {
	case "weights":
		if variable.Shape().Rank() == kernelRank {
			return "weight"
		}
	case "scale":
		return "weight"
	case "offset", "biases":
		return "bias"
	case "mean":
		return "running_mean"
	case "variance":
		return "running_var"
	}
	return variable.Name()
}
