package posthoc

import (
	"errors"
	"fmt"

	"github.com/dismax-go/dismax/dismaxlib"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	. "github.com/gomlx/gomlx/support/exceptions"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// ViM is virtual-logit matching (Wang et al. 2022, arXiv 2203.10807), as its authors' code computes it:
//
//	log sum_j exp logit_j - alpha ‖residual(x - u)‖
//
// where u = -W⁺b is the point at which all logits of the linear head W, b are 0, and the residual is what the dim
// principal directions of the training features about u leave of a vector. alpha is the mean largest logit over the mean
// length of the residual of the training rows. The probability of the virtual logit, which the paper speaks of, falls as
// this rises, and saturates.
//
// dim 0 stands for the paper's choice, 1000 of more than 1500 features and 512 of fewer, or half of the features where
// there are not so many. It is the number of directions that are removed, not of those that remain. W must have full
// rank: rows that sum to 0 make u meaningless. It panics if dim is negative; one that leaves no direction is an error of
// the fit.
func ViM(dim int) *dismaxlib.Score {
	if dim < 0 {
		Panicf("posthoc.ViM: dim is %d, want at least 1, or 0 for the paper's choice", dim)
	}
	score := &dismaxlib.Score{
		Name: "ViM", Title: "virtual-logit matching", Needs: dismaxlib.NeedsFeatures | dismaxlib.NeedsLinearHead,
		Fit: func(outputs dismaxlib.TrainingOutputs) (dismaxlib.Fitted, error) { return fitViM(outputs, dim) },
		Graph: func(in dismaxlib.ScoreInputs) *Node {
			centred := Sub(in.Features, InsertAxes(state(in, "origin"), 0))
			residual := product(centred, state(in, "residual"))
			length := Sqrt(ReduceSum(Square(residual), -1))
			return Sub(energy(in.Logits), Mul(length, state(in, "alpha")))
		},
	}
	if dim > 0 {
		score.Parameters = map[string]float64{"dim": float64(dim)}
	}
	return score
}

// fitViM returns "origin" [features], "residual" [features - dim, features] and "alpha" [].
func fitViM(outputs dismaxlib.TrainingOutputs, dim int) (dismaxlib.Fitted, error) {
	t, err := readTraining(outputs)
	if err != nil {
		return nil, err
	}
	rows, size := t.features.Dims()
	if dim == 0 {
		dim = principalDirections(size)
	}
	if dim < 1 || dim >= size {
		return nil, fmt.Errorf("%d principal directions of %d features: want at least 1, and fewer than features", dim, size)
	}
	origin, err := t.origin()
	if err != nil {
		return nil, err
	}
	for row := range rows {
		floats.Sub(t.features.RawRowView(row), origin)
	}
	_, vectors, err := principal(t.features)
	if err != nil {
		return nil, err
	}
	residual := mat.DenseCopyOf(vectors.Slice(0, size, 0, size-dim).T())
	alpha, err := t.virtualScale(residual)
	return dismaxlib.Fitted{
		"origin": tensors.FromFlatDataAndDimensions(origin, size), "residual": tensorOf(residual),
		"alpha": tensors.FromScalar(alpha),
	}, err
}

// principalDirections is the paper's number of them, or half of the features.
func principalDirections(features int) int {
	switch {
	case features > 1500:
		return 1000
	case features > 512:
		return 512
	}
	return features / 2
}

// origin returns -W⁺b.
func (t *training) origin() ([]float64, error) {
	var svd mat.SVD
	if !svd.Factorize(t.weights, mat.SVDThin) {
		return nil, errors.New("the weights of the head have no singular values: are they finite?")
	}
	_, size := t.weights.Dims()
	var origin mat.Dense
	if rank := svd.Rank(1e-15 * float64(size)); rank > 0 {
		svd.SolveTo(&origin, t.bias, rank)
	} else {
		origin = *mat.NewDense(size, 1, nil)
	}
	origin.Scale(-1, &origin)
	return mat.Col(nil, 0, &origin), nil
}

// virtualScale returns alpha, from features about the origin.
func (t *training) virtualScale(residual *mat.Dense) (float64, error) {
	var residuals mat.Dense
	residuals.Mul(t.features, residual.T())
	rows, _ := residuals.Dims()
	largest, lengths := make([]float64, rows), make([]float64, rows)
	for row := range rows {
		largest[row] = floats.Max(t.logits.RawRowView(row))
		lengths[row] = floats.Norm(residuals.RawRowView(row), 2)
	}
	length := stat.Mean(lengths, nil)
	if !(length > 0) {
		return 0, errors.New("the principal directions leave nothing of the training features: choose fewer")
	}
	return stat.Mean(largest, nil) / length, nil
}
