package quantile

import (
	"math"
	"testing"
)

func TestLinearInterpolatesBetweenNeighbours(t *testing.T) {
	infinity := math.Inf(1)
	for _, test := range []struct {
		values      []float64
		share, want float64
	}{
		{[]float64{7}, 0, 7}, {[]float64{7}, 0.3, 7}, {[]float64{7}, 1, 7},
		{[]float64{1, 2, 4}, 0, 1}, {[]float64{1, 2, 4}, 0.5, 2}, {[]float64{1, 2, 4}, 0.75, 3}, {[]float64{1, 2, 4}, 1, 4},
		{[]float64{-infinity, 0, infinity}, 0.25, -infinity}, {[]float64{-infinity, 0, infinity}, 0.5, 0},
		{[]float64{-infinity, 0, infinity}, 0.75, infinity}, {[]float64{-infinity, infinity}, 0.5, -infinity},
		{[]float64{infinity, infinity}, 0.5, infinity},
		{[]float64{-52, -52, 1}, 0.05, -52}, // where 0.9 of -52 and 0.1 of -52 are a little less
	} {
		if got := Linear(test.values, test.share); got != test.want {
			t.Errorf("quantile %g of %v: got %g, want %g", test.share, test.values, got, test.want)
		}
	}
}
