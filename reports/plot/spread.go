package plot

import (
	"math"
	"slices"

	"github.com/dismax-go/dismax/internal/quantile"
	"gonum.org/v1/gonum/stat"
)

// Spread returns the mean of the values, and the range that holds the middle 95% of them; NaN of no values.
func Spread(name string, values []float64) Interval {
	ascending := slices.Sorted(slices.Values(values))
	if len(ascending) == 0 {
		return Interval{name, math.NaN(), math.NaN(), math.NaN()}
	}
	low, high := quantile.Linear(ascending, 0.025), quantile.Linear(ascending, 0.975)
	return Interval{name, stat.Mean(values, nil), low, high}
}
