package dismaxlib

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
)

// TrainingOutputs are what a network gave for its training set, in evaluation mode: what scores are fitted on.
// Tensors are float32, as networks give them, or float64.
type TrainingOutputs struct {
	Logits   *tensors.Tensor // [rows, classes], raw: not divided by any temperature
	Features *tensors.Tensor // [rows, features]; nil if they were not kept
	Labels   []int32         // [rows], each in [0, classes)

	// Weights [classes, features] and Bias [classes] are those of a linear head; nil for any other.
	Weights, Bias *tensors.Tensor
}

// FitScores fits those of the scores that have a state, and returns the states by the names of the scores.
func FitScores(scores []*Score, training TrainingOutputs) (map[string]Fitted, error) {
	if err := training.check(); err != nil {
		return nil, fmt.Errorf("fitting scores: %w", err)
	}
	all := make(map[string]Fitted)
	for _, score := range scores {
		if score == nil {
			return nil, errors.New("fitting scores: one of them is nil")
		}
		if score.Fit == nil {
			continue
		}
		if score.Needs.Has(NeedsFeatures) && training.Features == nil {
			return nil, fmt.Errorf("fitting score %s: the training outputs have no features", score.Name)
		}
		if score.Needs.Has(NeedsLinearHead) && (training.Weights == nil || training.Bias == nil) {
			return nil, fmt.Errorf("fitting score %s: it needs a linear head, and the training outputs have no weights "+
				"and bias of one: see Score.AppliesTo", score.Name)
		}
		fitted, err := score.Fit(training)
		if err != nil {
			return nil, fmt.Errorf("fitting score %s: %w", score.Name, err)
		}
		all[score.Name] = fitted
	}
	return all, nil
}

func (t TrainingOutputs) check() error {
	if t.Logits == nil || len(t.Labels) == 0 {
		return errors.New("the training outputs have no logits or no labels")
	}
	for _, values := range []*tensors.Tensor{t.Logits, t.Features} {
		if values == nil {
			continue
		}
		shape := values.Shape()
		if !isFloat32Or64(shape.DType) || shape.Rank() != 2 || shape.Dim(0) != len(t.Labels) {
			return fmt.Errorf("want logits and features of float32 or float64, one row for each of the %d labels, got %s",
				len(t.Labels), shape)
		}
	}
	classes := t.Logits.Shape().Dim(1)
	if err := t.checkHead(classes); err != nil {
		return err
	}
	for i, label := range t.Labels {
		if label < 0 || int(label) >= classes {
			return fmt.Errorf("labels[%d] is %d, want a class from 0 to %d", i, label, classes-1)
		}
	}
	return nil
}

// checkHead refuses a linear head of other shapes than those of the logits and features.
func (t TrainingOutputs) checkHead(classes int) error {
	if t.Weights == nil && t.Bias == nil || t.Features == nil {
		return nil
	}
	if t.Weights == nil || t.Bias == nil {
		return errors.New("a linear head has weights and a bias, and one of them is missing")
	}
	weights, bias := t.Weights.Shape(), t.Bias.Shape()
	features := t.Features.Shape().Dim(1)
	if !isFloat32Or64(weights.DType) || !isFloat32Or64(bias.DType) ||
		!slices.Equal(weights.Dimensions, []int{classes, features}) || !slices.Equal(bias.Dimensions, []int{classes}) {
		return fmt.Errorf("want weights [%d, %d] and bias [%d] of float32 or float64, got %s and %s",
			classes, features, classes, weights, bias)
	}
	return nil
}

func isFloat32Or64(dtype dtypes.DType) bool {
	return dtype == dtypes.Float32 || dtype == dtypes.Float64
}
