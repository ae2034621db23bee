package posthoc

import (
	"slices"

	"github.com/dismax-go/dismax/dismaxlib"
	. "github.com/gomlx/gomlx/core/graph"
	. "github.com/gomlx/gomlx/support/exceptions"
	"gonum.org/v1/gonum/mat"
)

// DICE is the energy of a sparse linear head (Sun and Li 2022, arXiv 2111.09805):
//
//	log sum_j exp (b_j + sum_f M_jf W_jf x_f)
//
// where M keeps the weights whose contribution, W_jf times the mean training feature x_f, is above the quantile at the
// share removed of the contributions of all classes together, interpolated linearly between neighbours. The bias stays.
// The default is 0.7. It panics unless the share lies between 0 and 1.
func DICE(removed float64) *dismaxlib.Score {
	if !(removed >= 0 && removed <= 1) {
		Panicf("posthoc.DICE: removed is %g, want a share from 0 to 1", removed)
	}
	return &dismaxlib.Score{
		Name: "DICE", Title: "energy of a sparse head", Parameters: map[string]float64{"removed": removed},
		Needs: dismaxlib.NeedsFeatures | dismaxlib.NeedsLinearHead,
		Fit: func(outputs dismaxlib.TrainingOutputs) (dismaxlib.Fitted, error) {
			t, err := readTraining(outputs)
			if err != nil {
				return nil, err
			}
			t.sparsify(removed)
			return dismaxlib.Fitted{"weights": tensorOf(t.weights), "bias": outputs.Bias}, nil
		},
		Graph: func(in dismaxlib.ScoreInputs) *Node {
			logits := Add(product(in.Features, state(in, "weights")), InsertAxes(state(in, "bias"), 0))
			return energy(logits)
		},
	}
}

// sparsify sets the weights to 0 that contribute little.
func (t *training) sparsify(removed float64) {
	mean := t.mean()
	contributions := mat.DenseCopyOf(t.weights)
	contributions.Apply(func(_, feature int, weight float64) float64 { return weight * mean[feature] }, contributions)
	threshold := shareOf(slices.Clone(contributions.RawMatrix().Data), removed)
	t.weights.Apply(func(class, feature int, weight float64) float64 {
		if contributions.At(class, feature) > threshold {
			return weight
		}
		return 0
	}, t.weights)
}
