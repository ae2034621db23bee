package posthoc

import (
	"math"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/internal/softmax"
	. "github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// KLMatching is minus the divergence from the nearest of typical probabilities (Hendrycks et al. 2022, arXiv
// 1911.11132):
//
//	-min_k KL(p ‖ d_k),  p = softmax(logits)
//
// where d_k is the mean p of the training rows that are predicted as k, whatever their label. A class that is never
// predicted is left out. The paper takes d_k from a validation set.
func KLMatching() *dismaxlib.Score {
	return &dismaxlib.Score{
		Name: "KLMatching", Title: "divergence from typical probabilities",
		Fit: func(outputs dismaxlib.TrainingOutputs) (dismaxlib.Fitted, error) {
			logits, err := denseOf(outputs.Logits)
			if err != nil {
				return nil, err
			}
			return dismaxlib.Fitted{"log_typical": tensorOf(logTypical(logits))}, nil
		},
		Graph: func(in dismaxlib.ScoreInputs) *Node {
			logP := LogSoftmax(in.Logits)
			negativeEntropy := ReduceAndKeep(Mul(Exp(logP), logP), ReduceSum, -1)
			divergences := Sub(negativeEntropy, product(Exp(logP), state(in, "log_typical")))
			return Neg(ReduceMin(divergences, -1))
		},
	}
}

// logTypical returns log d_k of each class that is predicted, [predicted classes, classes].
func logTypical(logits *mat.Dense) *mat.Dense {
	const smallest = 1e-307 // of probabilities: less counts as this, so that the logarithm is finite
	rows, classes := logits.Dims()
	sums, counts, p := mat.NewDense(classes, classes, nil), make([]float64, classes), make([]float64, classes)
	for row := range rows {
		class, total := softmax.Exponentials(p, logits.RawRowView(row), 1)
		floats.AddScaled(sums.RawRowView(class), 1/total, p)
		counts[class]++
	}
	var typical []float64
	for class, count := range counts {
		if count == 0 {
			continue
		}
		for _, sum := range sums.RawRowView(class) {
			typical = append(typical, math.Log(max(sum/count, smallest)))
		}
	}
	return mat.NewDense(len(typical)/classes, classes, typical)
}
