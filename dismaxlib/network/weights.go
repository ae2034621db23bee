package network

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// IsWeight reports whether the path of a variable is one of the network's, and not of an optimizer, a metric or a
// counter.
func IsWeight(path string) bool {
	return isBackbone(path) || strings.HasPrefix(path, "/"+dismaxlib.HeadScope+"/")
}

func isBackbone(path string) bool { return strings.HasPrefix(path, "/"+BackboneScope+"/") }

// weightsOf returns the network's variables in the store, by their paths.
func weightsOf(store *model.Store) ([]*model.Variable, error) {
	if store == nil {
		return nil, errors.New("the store of the weights is nil")
	}
	var weights []*model.Variable
	for variable := range store.IterVariables() {
		if IsWeight(variable.Path()) {
			weights = append(weights, variable)
		}
	}
	slices.SortFunc(weights, func(a, b *model.Variable) int { return strings.Compare(a.Path(), b.Path()) })
	return weights, nil
}

// Weights returns a new store with copies of the network's variables in the store.
//
// A GoMLX checkpoint must be in the store before, not be loaded when it is needed:
// checkpoint.Load(store).Dir(folder).Immediate().Done().
func Weights(store *model.Store) (*model.Store, error) {
	weights, err := weightsOf(store)
	if err != nil {
		return nil, fmt.Errorf("copying weights: %w", err)
	}
	copies := model.NewStore()
	for _, variable := range weights {
		value, err := variable.Value()
		if err == nil {
			value, err = value.LocalClone()
		}
		if err == nil {
			_, err = copies.CreateVariable(variable.Path(), value)
		}
		if err != nil {
			return nil, fmt.Errorf("copying weight %s: %w", variable.Path(), err)
		}
	}
	return copies, nil
}

// BackboneWeights is [Weights] without those of the head: what another head is trained on.
func BackboneWeights(store *model.Store) (*model.Store, error) {
	weights, err := Weights(store)
	if err != nil {
		return nil, err
	}
	if err := weights.DeleteVariablesInScope("/" + dismaxlib.HeadScope); err != nil {
		return nil, fmt.Errorf("leaving out the head: %w", err)
	}
	return weights, nil
}

// CheckFinite returns an error that names the first weight that holds NaN or infinity, as after a training that went
// astray.
func CheckFinite(store *model.Store) error {
	weights, err := weightsOf(store)
	if err != nil {
		return err
	}
	for _, variable := range weights {
		value, err := variable.Value()
		if err != nil {
			return fmt.Errorf("weight %s: %w", variable.Path(), err)
		}
		at := -1
		err = value.ConstFlatData(func(flat any) {
			switch flat := flat.(type) {
			case []float32:
				at = slices.IndexFunc(flat, func(x float32) bool { return x-x != 0 })
			case []float64:
				at = slices.IndexFunc(flat, func(x float64) bool { return x-x != 0 })
			}
		})
		if err == nil && at >= 0 {
			err = fmt.Errorf("entry %d is NaN or infinite", at)
		}
		if err != nil {
			return fmt.Errorf("weight %s: %w", variable.Path(), err)
		}
	}
	return nil
}

// Checksum returns the SHA-256, in hexadecimal digits, of the network's variables in the store: their paths, shapes and
// values, in the order of the paths.
func Checksum(store *model.Store) (string, error) {
	weights, err := weightsOf(store)
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	for _, variable := range weights {
		value, err := variable.Value()
		if err == nil {
			fmt.Fprintf(hash, "%s %s\n", variable.Path(), value.Shape())
			err = value.ConstBytes(func(content []byte) { hash.Write(content) })
		}
		if err != nil {
			return "", fmt.Errorf("reading weight %s: %w", variable.Path(), err)
		}
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// Parameters counts the trainable numbers of the network in the store, which holds them once a graph was built.
func Parameters(store *model.Store) int {
	count := 0
	for variable := range store.IterVariables() {
		if variable.Trainable && IsWeight(variable.Path()) {
			count += variable.Shape().Size()
		}
	}
	return count
}

// LinearHead returns the weights [classes, features] and the bias [classes] of a SoftMax head in the store, or nil for
// any other head.
func LinearHead(store *model.Store) (weights, bias *tensors.Tensor, err error) {
	if store == nil {
		return nil, nil, errors.New("the store of the head is nil")
	}
	head := "/" + dismaxlib.HeadScope + "/"
	w, b := store.GetVariable(head+"weights"), store.GetVariable(head+"bias")
	if w == nil || b == nil {
		return nil, nil, nil
	}
	if weights, err = w.Value(); err == nil {
		bias, err = b.Value()
	}
	if err != nil {
		return nil, nil, fmt.Errorf("reading the head: %w", err)
	}
	return weights, bias, nil
}
