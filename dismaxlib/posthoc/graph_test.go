package posthoc

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dismax-go/dismax/tests/testkit"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// orderStatistics are rows that a search could stumble over.
func orderStatistics() [][]float64 {
	random := rand.New(rand.NewPCG(1, 0))
	rows := [][]float64{
		make([]float64, 20), // all equal
		{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 5, 5, 1, 2, 2.5, 2.5, 10},
		{-1e9, 1e9, 1, 1 + 1e-7, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, -1e9},
		{-1, -2, -3, -4, -5, -6, -7, -8, -9, -10, -11, -12, -13, -14, -15, -16, -17, -18, -19, -20},
	}
	for range 20 {
		row := make([]float64, 20)
		for i := range row {
			row[i] = math.Max(random.NormFloat64(), 0)
		}
		rows = append(rows, row)
	}
	return rows
}

func TestTheKthLargestIsThatOfASort(t *testing.T) {
	rows := orderStatistics()
	for _, k := range []int{1, 2, 7, 19, 20} {
		exec := MustNewExec(testkit.Backend(t), func(x *Node) []*Node { return []*Node{kthLargest(x, k), sumOfLargest(x, k)} })
		results := exec.MustCall(tensors.FromValue(rows))
		kth, sums := tensors.MustCopyFlatData[float64](results[0]), tensors.MustCopyFlatData[float64](results[1])
		for i, row := range rows {
			ordered := slices.Sorted(slices.Values(row))
			slices.Reverse(ordered)
			if kth[i] != ordered[k-1] {
				t.Errorf("row %d, k %d: got %v, want %v", i, k, kth[i], ordered[k-1])
			}
			sum := 0.0
			for _, value := range ordered[:k] {
				sum += value
			}
			if !(math.Abs(sums[i]-sum) <= 1e-12*max(1, math.Abs(ordered[0]))) {
				t.Errorf("row %d, sum of %d: got %v, want %v", i, k, sums[i], sum)
			}
		}
	}
}
