package posthoc

import (
	"github.com/dismax-go/dismax/dismaxlib"
	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/floats"
)

// NNGuide is the energy guided by nearest neighbours (Park, Jung and Teoh 2023, arXiv 2309.14888):
//
//	log sum_j exp logit_j · mean of the k largest, over training rows i, of energy_i cos(x, x_i)
//
// where energy_i is that of the training row's logits: the neighbours are chosen after the weighting. k is cut to the
// number of rows. The paper's k is 10; it takes a hundredth of the training set for ImageNet, and this all of it, which
// is its state, [rows, features] in float64. OpenOOD adds 1e-10 to each normalized coordinate. It panics unless k is
// positive.
func NNGuide(k int) *dismaxlib.Score {
	checkCount("NNGuide", "k", k)
	return &dismaxlib.Score{
		Name: "NNGuide", Title: "energy guided by nearest neighbours", Parameters: map[string]float64{"k": float64(k)},
		Needs: dismaxlib.NeedsFeatures,
		Fit: func(outputs dismaxlib.TrainingOutputs) (dismaxlib.Fitted, error) {
			t, err := readTraining(outputs)
			if err != nil {
				return nil, err
			}
			normalize(t.features)
			for row := range t.labels {
				floats.Scale(floats.LogSumExp(t.logits.RawRowView(row)), t.features.RawRowView(row))
			}
			return dismaxlib.Fitted{"bank": tensorOf(t.features)}, nil
		},
		Graph: func(in dismaxlib.ScoreInputs) *Node {
			bank := state(in, "bank")
			k := min(k, bank.Shape().Dim(0))
			guidance := DivScalar(sumOfLargest(product(unit(in.Features), bank), k), float64(k))
			return Mul(energy(in.Logits), Reshape(guidance, -1))
		},
	}
}
