package posthoc

import (
	"slices"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/internal/quantile"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// ReAct is the energy of the logits of rectified features (Sun, Guo and Li 2021, arXiv 2111.12797):
//
//	log sum_j exp head(min(x, c))_j
//
// where c is the percentile of all activations of all training rows together, interpolated linearly between neighbours;
// the paper's is 90. Any head will do. It panics unless the percentile lies between 0 and 100.
func ReAct(percentile float64) *dismaxlib.Score {
	if !(percentile >= 0 && percentile <= 100) {
		Panicf("posthoc.ReAct: percentile is %g, want 0 to 100", percentile)
	}
	return &dismaxlib.Score{
		Name: "ReAct", Title: "energy of rectified activations",
		Parameters: map[string]float64{"percentile": percentile},
		Needs:      dismaxlib.NeedsFeatures | dismaxlib.NeedsHead,
		Fit: func(outputs dismaxlib.TrainingOutputs) (dismaxlib.Fitted, error) {
			features, err := denseOf(outputs.Features)
			if err != nil {
				return nil, err
			}
			limit := shareOf(features.RawMatrix().Data, percentile/100)
			return dismaxlib.Fitted{"limit": tensors.FromScalar(limit)}, nil
		},
		Graph: func(in dismaxlib.ScoreInputs) *Node {
			return energy(in.Head(Min(in.Features, state(in, "limit"))))
		},
	}
}

// shareOf returns the quantile of the values, which it sorts, at a share from 0 to 1.
func shareOf(values []float64, share float64) float64 {
	slices.Sort(values)
	return quantile.Linear(values, share)
}
