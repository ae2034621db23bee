package posthoc

import (
	"github.com/dismax-go/dismax/dismaxlib"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// KNN is minus the Euclidean distance to the k-th nearest training row (Sun et al. 2022, arXiv 2204.06507), between
// features divided by their lengths:
//
//	-‖unit(x) - unit(x_(k))‖
//
// k counts from 1; of fewer training rows than k it is the farthest. The paper takes 50 for CIFAR-10, 200 for CIFAR-100
// and 1000 for ImageNet. OpenOOD returns the square. It panics unless k is positive.
//
// All training features are its state, [rows, features] in float64.
func KNN(k int) *dismaxlib.Score {
	checkCount("KNN", "k", k)
	return &dismaxlib.Score{
		Name: "KNN", Title: "distance to the k-th nearest neighbour",
		Parameters: map[string]float64{"k": float64(k)}, Needs: dismaxlib.NeedsFeatures,
		Fit: func(outputs dismaxlib.TrainingOutputs) (dismaxlib.Fitted, error) {
			bank, err := directions(outputs.Features)
			return dismaxlib.Fitted{"bank": bank}, err
		},
		Graph: func(in dismaxlib.ScoreInputs) *Node {
			x, bank := unit(in.Features), state(in, "bank")
			similarities := product(x, bank)
			kth := kthLargest(similarities, min(k, bank.Shape().Dim(0)))
			// The neighbour is found by its cosine and its distance by subtraction, which keeps all digits.
			place := ArgMax(ConvertDType(Equal(similarities, kth), x.DType()), -1)
			neighbour := Gather(bank, InsertAxes(place, -1))
			return Neg(Sqrt(ReduceSum(Square(Sub(x, neighbour)), -1)))
		},
	}
}

// directions returns the rows divided by their lengths.
func directions(features *tensors.Tensor) (*tensors.Tensor, error) {
	rows, err := denseOf(features)
	if err != nil {
		return nil, err
	}
	normalize(rows)
	return tensorOf(rows), nil
}
