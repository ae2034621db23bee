package posthoc

import (
	"math"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib"
	. "github.com/gomlx/gomlx/core/graph"
)

// ASHP, registered as "ASH-P", is the energy after activation shaping by pruning (Djurisic et al. 2023, arXiv
// 2209.09858, algorithm 1):
//
//	log sum_j exp head(pruned x)_j
//
// where each row keeps the D - round(D percentile/100) largest of its D activations, and the others are 0. That is the
// authors' code, and OpenOOD's and pytorch-ood's; read literally, with an interpolated percentile of which nothing
// below is kept, the paper's text keeps one more. The paper prunes the feature map before it is averaged, this the
// features. Any head will do, but with one that divides features by their length [ASHS] comes to the same, and [SCALE]
// to Energy. The default, 60, is what the paper takes for ResNet-50 on ImageNet. Like its siblings it panics unless the
// percentile is 0 or more, and less than 100.
func ASHP(percentile float64) *dismaxlib.Score {
	return shaped("ASH-P", "energy of pruned activations", percentile, func(x *Node, kept int) *Node {
		return Mul(x, isKept(x, kept))
	})
}

// ASHB, registered as "ASH-B", is [ASHP] with the kept activations made equal, so that their sum is that of all before
// (algorithm 2). The default, 65, is what the paper takes for ResNet-50 on ImageNet.
func ASHB(percentile float64) *dismaxlib.Score {
	return shaped("ASH-B", "energy of binarized activations", percentile, func(x *Node, kept int) *Node {
		sum := ReduceAndKeep(x, ReduceSum, -1)
		mask := isKept(x, kept)
		return Mul(mask, Div(sum, ReduceAndKeep(mask, ReduceSum, -1)))
	})
}

// ASHS, registered as "ASH-S", is [ASHP] with the kept activations times exp(s1/s2), where s1 is the sum of all and s2
// that of the kept ones (algorithm 3). The default, 90, is what the paper takes for ResNet-50 on ImageNet.
func ASHS(percentile float64) *dismaxlib.Score {
	return shaped("ASH-S", "energy of pruned and scaled activations", percentile, func(x *Node, kept int) *Node {
		pruned := Mul(x, isKept(x, kept))
		return Mul(pruned, scaleOf(x, ReduceAndKeep(pruned, ReduceSum, -1)))
	})
}

// SCALE is the energy of scaled activations (Xu et al. 2024, arXiv 2310.00227):
//
//	log sum_j exp head(x exp(s1/s2))_j
//
// where s1 is the sum of all activations of the row and s2 that of those that [ASHP] keeps. Nothing is pruned. The
// paper's percentile is 85.
func SCALE(percentile float64) *dismaxlib.Score {
	return shaped("SCALE", "energy of scaled activations", percentile, func(x *Node, kept int) *Node {
		return Mul(x, scaleOf(x, sumOfLargest(x, kept)))
	})
}

// shaped is the energy of the logits of shaped features, of which a number counts as kept.
func shaped(name, title string, percentile float64, shape func(x *Node, kept int) *Node) *dismaxlib.Score {
	checkPercentile(strings.ReplaceAll(name, "-", ""), percentile)
	return &dismaxlib.Score{
		Name: name, Title: title, Parameters: map[string]float64{"percentile": percentile},
		Needs: dismaxlib.NeedsFeatures | dismaxlib.NeedsHead,
		Graph: func(in dismaxlib.ScoreInputs) *Node {
			size := in.Features.Shape().Dim(-1)
			kept := size - int(math.RoundToEven(float64(size)*percentile/100))
			return energy(in.Head(shape(in.Features, max(kept, 1))))
		},
	}
}

// isKept returns 1 where a row has one of its largest values, else 0. Of values equal to the smallest that is kept, all
// are.
func isKept(x *Node, kept int) *Node {
	return ConvertDType(GreaterOrEqual(x, kthLargest(x, kept)), x.DType())
}

// scaleOf returns exp(sum of x / sum of the kept), [batch, 1], and 1 for a row of zeros.
func scaleOf(x, sumOfKept *Node) *Node {
	sum := ReduceAndKeep(x, ReduceSum, -1)
	isZero := Equal(sumOfKept, ZerosLike(sumOfKept))
	return Exp(Where(isZero, ZerosLike(sum), Div(sum, Where(isZero, OnesLike(sumOfKept), sumOfKept))))
}
