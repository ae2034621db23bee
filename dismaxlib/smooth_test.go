package dismaxlib_test

import (
	"math"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/tests/testkit"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/train"
)

// smoothedByHand is the cross entropy of smoothed targets, as their formula has it.
func smoothedByHand(rows [][]float64, labels []int32, share, scale float64) float64 {
	total := 0.0
	for i, row := range rows {
		sum := 0.0
		for _, logit := range row {
			sum += math.Exp(scale * logit)
		}
		for class, logit := range row {
			target := share / float64(len(row))
			if int32(class) == labels[i] {
				target += 1 - share
			}
			total -= target * (scale*logit - math.Log(sum))
		}
	}
	return total / float64(len(rows))
}

func TestSmoothedLabelsAreThoseOfTheirFormula(t *testing.T) {
	rows, labels := [][]float64{{0.1, -0.2, 0.3}, {1, 0.5, -1}}, []int32{2, 1}
	for _, share := range []float64{0, 0.1, 0.9} {
		loss := dismaxlib.SmoothLabels(dismaxlib.SoftMaxLoss, share)
		got := smoothedLossOf(t, loss, rows, labels)
		testkit.CheckClose(t, "the loss", []float64{got}, []float64{smoothedByHand(rows, labels, share, 1)}, 1e-12)
	}
}

func smoothedLossOf(t *testing.T, loss train.LossFn, rows [][]float64, labels []int32) float64 {
	t.Helper()
	value, err := CallOnce(testkit.Backend(t), func(labels, logits *Node) *Node {
		return loss([]*Node{labels}, []*Node{logits})
	}, labels, rows)
	if err != nil {
		t.Fatal(err)
	}
	return tensors.ToScalar[float64](value)
}

func TestSmoothLabelsRefusesAShareThatIsNone(t *testing.T) {
	for _, share := range []float64{-0.1, 1, math.NaN()} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("a share of %g is taken", share)
				}
			}()
			dismaxlib.SmoothLabels(dismaxlib.SoftMaxLoss, share)
		}()
	}
}
