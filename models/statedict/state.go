package statedict

import (
	"strings"

	"github.com/gomlx/gomlx/core/tensors"
)

// State is a state dict: its entries by PyTorch's names, in PyTorch's layout. Convolution kernels are
// [out, in, height, width], the weights of linear layers [out, in].
type State map[string]*tensors.Tensor

// Place is where a part of a state dict lives in a store: the variables below Scope have entries whose names begin with
// Prefix. Where prefixes of several places match a name, or scopes a variable, the longest wins.
type Place struct {
	Scope  string // "/backbone"
	Prefix string // "classifier.", or "" for what no other place's prefix matches
}

// Published returns the places of the published networks, which stand for no places: the head is their member
// "classifier". For networks of torchvision put Place{"/head", "fc."} in place of the second.
func Published() []Place { return []Place{{"/backbone", ""}, {"/head", "classifier."}} }

// ofEntry returns the place of the entry's name, or nil.
func ofEntry(places []Place, name string) (found *Place) {
	for i, place := range places {
		if strings.HasPrefix(name, place.Prefix) && (found == nil || len(place.Prefix) > len(found.Prefix)) {
			found = &places[i]
		}
	}
	return found
}

// ofVariable returns the place of the variable's path, or nil.
func ofVariable(places []Place, path string) (found *Place) {
	for i, place := range places {
		below := strings.TrimSuffix(place.Scope, "/") + "/"
		if strings.HasPrefix(path, below) && (found == nil || len(place.Scope) > len(found.Scope)) {
			found = &places[i]
		}
	}
	return found
}

// parallelPrefix begins every name in the state dict of a network inside of torch.nn.DataParallel.
const parallelPrefix = "module."

// unwrapped returns the state without the common prefix of a DataParallel network.
func (s State) unwrapped() State {
	plain := make(State, len(s))
	for name, value := range s {
		short, found := strings.CutPrefix(name, parallelPrefix)
		if !found {
			return s
		}
		plain[short] = value
	}
	return plain
}
