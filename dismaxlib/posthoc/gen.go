package posthoc

import (
	"github.com/dismax-go/dismax/dismaxlib"
	. "github.com/gomlx/gomlx/core/graph"
)

// GEN is the generalized entropy score (Liu, Lochman and Zach 2023, CVPR): minus
//
//	sum over the top most probable classes of p^gamma (1 - p)^gamma
//
// with p = softmax(logits); all classes, if there are fewer. The paper uses gamma 0.1 and, for the 1000 classes of
// ImageNet, 100 of them. pytorch-ood averages where the paper sums, and moves p into [1e-7, 1 - 1e-7].
// It panics unless gamma is positive and finite, and top positive.
func GEN(gamma float64, top int) *dismaxlib.Score {
	checkPositive("GEN", "gamma", gamma)
	checkCount("GEN", "top", top)
	return &dismaxlib.Score{
		Name: "GEN", Title: "generalized entropy",
		Parameters: map[string]float64{"gamma": gamma, "top": float64(top)},
		Graph: func(in dismaxlib.ScoreInputs) *Node {
			p := Softmax(in.Logits)
			spread := func(p *Node) *Node { return PowScalar(Mul(p, OneMinus(p)), gamma) }
			classes := p.Shape().Dim(-1)
			if top >= classes {
				return Neg(ReduceSum(spread(p), -1))
			}
			kth := kthLargest(p, top)
			isLarger := ConvertDType(GreaterThan(p, kth), p.DType())
			rest := Sub(Scalar(p.Graph(), p.DType(), float64(top)), ReduceAndKeep(isLarger, ReduceSum, -1))
			sum := Add(ReduceAndKeep(Mul(isLarger, spread(p)), ReduceSum, -1), Mul(rest, spread(kth)))
			return Neg(Reshape(sum, -1))
		},
	}
}
