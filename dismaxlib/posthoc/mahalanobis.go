package posthoc

import (
	"errors"
	"math"

	"github.com/dismax-go/dismax/dismaxlib"
	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// Mahalanobis is minus the squared Mahalanobis distance to the nearest class (Lee et al. 2018, arXiv 1807.03888,
// equations 1 and 2, on the last features):
//
//	-min_k (x - mean_k)ᵀ Σ⁻¹ (x - mean_k),  Σ = 1/N sum_i (x_i - mean_label(i)) (x_i - mean_label(i))ᵀ
//
// over the training rows. Directions in which the features do not vary within classes do not count: Σ⁻¹ is the
// pseudo-inverse, as in scikit-learn. OpenOOD calls this score MDS. pytorch-ood does not divide by N, adds 1e-6 to the
// diagonal and halves the distance.
func Mahalanobis() *dismaxlib.Score {
	return &dismaxlib.Score{
		Name: "Mahalanobis", Title: "Mahalanobis distance to the nearest class", Needs: dismaxlib.NeedsFeatures,
		Fit: func(outputs dismaxlib.TrainingOutputs) (dismaxlib.Fitted, error) {
			t, err := readTraining(outputs)
			if err != nil {
				return nil, err
			}
			return t.gaussians("", t.classes(), t.labelled)
		},
		Graph: func(in dismaxlib.ScoreInputs) *Node {
			return Neg(ReduceMin(mahalanobis(in, ""), -1))
		},
	}
}

// RelativeMahalanobis, registered as "RMD", is minus the squared Mahalanobis distance to the nearest class, relative to
// that to the whole training set (Ren et al. 2021, arXiv 2106.09022):
//
//	-min_k (MD_k - MD_0)
//
// with MD_k as in [Mahalanobis], and MD_0 with the mean and the covariance, divided by N, of all rows without classes.
// pytorch-ood does not divide by N and adds 1e-6 to the diagonal, but does not halve.
func RelativeMahalanobis() *dismaxlib.Score {
	const background = "background_"
	return &dismaxlib.Score{
		Name: "RMD", Title: "relative Mahalanobis distance", Needs: dismaxlib.NeedsFeatures,
		Fit: func(outputs dismaxlib.TrainingOutputs) (dismaxlib.Fitted, error) {
			t, err := readTraining(outputs)
			if err != nil {
				return nil, err
			}
			fitted, err := t.gaussians("", t.classes(), t.labelled)
			if err != nil {
				return nil, err
			}
			all, err := t.gaussians(background, 1, oneClass)
			for name, value := range all {
				fitted[name] = value
			}
			return fitted, err
		},
		Graph: func(in dismaxlib.ScoreInputs) *Node {
			return Neg(ReduceMin(Sub(mahalanobis(in, ""), mahalanobis(in, background)), -1))
		},
	}
}

// mahalanobis returns the squared distances to the means, [batch, classes].
func mahalanobis(in dismaxlib.ScoreInputs, prefix string) *Node {
	white := product(in.Features, in.Fitted[prefix+"whitening"])
	differences := Sub(InsertAxes(white, 1), InsertAxes(in.Fitted[prefix+"white_means"], 0))
	return ReduceSum(Square(differences), -1)
}

// gaussians returns "whitening" [directions, features], the rows of which turn distances into Mahalanobis distances, and
// "white_means" [classes, directions], by names with the prefix. A class without rows has no mean: it is left out.
func (t *training) gaussians(prefix string, classes int, classOf classOfRow) (dismaxlib.Fitted, error) {
	means, counts := t.classMeans(classes, classOf)
	centred := mat.DenseCopyOf(t.features)
	rows, _ := centred.Dims()
	for row := range rows {
		class, _ := classOf(row)
		floats.Sub(centred.RawRowView(row), means.RawRowView(class))
	}
	whitening, err := whiteningOf(centred)
	if err != nil {
		return nil, err
	}
	var white mat.Dense
	white.Mul(rowsWith(means, counts), whitening.T())
	return dismaxlib.Fitted{prefix + "whitening": tensorOf(whitening), prefix + "white_means": tensorOf(&white)}, nil
}

// rowsWith returns the rows whose count is not 0.
func rowsWith(m *mat.Dense, counts []float64) *mat.Dense {
	_, size := m.Dims()
	var kept []float64
	for row, count := range counts {
		if count > 0 {
			kept = append(kept, m.RawRowView(row)...)
		}
	}
	return mat.NewDense(len(kept)/size, size, kept)
}

// whiteningOf returns W with WᵀW the pseudo-inverse of the covariance of centred rows.
func whiteningOf(centred *mat.Dense) (*mat.Dense, error) {
	values, vectors, err := principal(centred)
	if err != nil {
		return nil, err
	}
	size := len(values)
	cutOff := values[size-1] * float64(size) * 0x1p-52
	if !(values[size-1] > 0) {
		return nil, errors.New("the features of all training rows of a class are the same: there is no covariance")
	}
	var whitening []float64
	for i, value := range values {
		if value > cutOff {
			direction := mat.Col(nil, i, vectors)
			floats.Scale(1/math.Sqrt(value), direction)
			whitening = append(whitening, direction...)
		}
	}
	return mat.NewDense(len(whitening)/size, size, whitening), nil
}

// principal returns the eigenvalues of 1/N rowsᵀ rows in ascending order, and the eigenvectors as columns.
func principal(rows *mat.Dense) (values []float64, vectors *mat.Dense, err error) {
	n, size := rows.Dims()
	var moment mat.Dense
	moment.Mul(rows.T(), rows) // faster than SymOuterK, which computes half as much
	moment.Scale(1/float64(n), &moment)
	var eigen mat.EigenSym
	if !eigen.Factorize(mat.NewSymDense(size, moment.RawMatrix().Data), true) {
		return nil, nil, errors.New("the covariance of the training features has no eigenvalues: are they finite?")
	}
	vectors = new(mat.Dense)
	eigen.VectorsTo(vectors)
	return eigen.Values(nil), vectors, nil
}
