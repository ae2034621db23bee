package posthoc

import (
	"github.com/dismax-go/dismax/dismaxlib"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// FDBD, registered as "fDBD", is the fast decision boundary score (Liu and Qin 2024, arXiv 2312.11536): the mean
// distance to the boundaries of the predicted class k, relative to that from the mean of the training features,
//
//	1/(C-1) sum_{j≠k} |logit_k - logit_j| / ‖w_k - w_j‖ / ‖x - mean‖
//
// for a linear head with weights w_j. OpenOOD sums where the paper averages, and may divide by ‖x‖.
func FDBD() *dismaxlib.Score {
	return &dismaxlib.Score{
		Name: "fDBD", Title: "distance to the decision boundaries",
		Needs: dismaxlib.NeedsFeatures | dismaxlib.NeedsLinearHead,
		Fit: func(outputs dismaxlib.TrainingOutputs) (dismaxlib.Fitted, error) {
			t, err := readTraining(outputs)
			if err != nil {
				return nil, err
			}
			mean := t.mean()
			return dismaxlib.Fitted{
				"mean":   tensors.FromFlatDataAndDimensions(mean, len(mean)),
				"normal": tensorOf(distancesBetween(t.weights)),
			}, nil
		},
		Graph: func(in dismaxlib.ScoreInputs) *Node {
			largest := ReduceAndKeep(in.Logits, ReduceMax, -1)
			distances := Div(Sub(largest, in.Logits), predicted(in.Logits, state(in, "normal")))
			spread := lengths(Sub(in.Features, InsertAxes(state(in, "mean"), 0)))
			others := max(in.Logits.Shape().Dim(-1)-1, 1)
			return Div(DivScalar(ReduceSum(distances, -1), float64(others)), Reshape(spread, -1))
		},
	}
}

// distancesBetween returns the distance of every two rows, and 1 for equal ones: between such classes there is no
// boundary, and a difference of logits counts as it is.
func distancesBetween(rows *mat.Dense) *mat.Dense {
	n, _ := rows.Dims()
	distances := mat.NewDense(n, n, nil)
	distances.Apply(func(i, j int, _ float64) float64 {
		if distance := floats.Distance(rows.RawRowView(i), rows.RawRowView(j), 2); distance > 0 {
			return distance
		}
		return 1
	}, distances)
	return distances
}
