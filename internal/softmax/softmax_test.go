package softmax

import (
	"math"
	"slices"
	"testing"
)

func TestExponentialsAreThoseBelowTheFirstLargest(t *testing.T) {
	for _, test := range []struct {
		row     []float64
		inverse float64
		largest int
		want    []float64
	}{
		{[]float64{0, 3, 1, 3}, 1, 1, []float64{math.Exp(-3), 1, math.Exp(-2), 1}},
		{[]float64{-1, -2}, 10, 0, []float64{1, math.Exp(-10)}},
		{[]float64{math.MaxFloat64, -math.MaxFloat64}, 1000, 0, []float64{1, 0}},
		{[]float64{5}, 0.01, 0, []float64{1}},
	} {
		got, wantSum := make([]float64, len(test.row)), 0.0
		largest, sum := Exponentials(got, test.row, test.inverse)
		close := func(a, b float64) bool { return math.Abs(a-b) <= 1e-15 }
		for _, value := range test.want {
			wantSum += value
		}
		if largest != test.largest || !slices.EqualFunc(got, test.want, close) || !close(sum, wantSum) {
			t.Errorf("%v at %g: got %v, largest %d, sum %g, want %v, %d, %g",
				test.row, test.inverse, got, largest, sum, test.want, test.largest, wantSum)
		}
	}
}
