package plot

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Spread returns the mean of the values, and the range that holds the middle 95% of them; NaN of no values.
func Spread(name string, values []float64) Interval {
	ascending := slices.Sorted(slices.Values(values))
	if len(ascending) == 0 {
		return Interval{name, math.NaN(), math.NaN(), math.NaN()}
	}
	at := func(share float64) float64 {
		position := share * float64(len(ascending)-1)
		below := int(position)
		above := min(below+1, len(ascending)-1)
		return ascending[below] + (position-float64(below))*(ascending[above]-ascending[below])
	}
	return Interval{name, stat.Mean(values, nil), at(0.025), at(0.975)}
}
