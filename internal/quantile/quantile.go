// Package quantile holds the definition of a quantile that this project uses everywhere: numpy's default.
package quantile

import "math"

// Linear returns the quantile at the share from 0 to 1 of values in ascending order, interpolated linearly between
// neighbours: numpy.quantile(values, share). There must be at least one value. Between -Inf and any other value lies
// -Inf, and between any other value and +Inf lies +Inf.
func Linear(ascending []float64, share float64) float64 {
	position := share * float64(len(ascending)-1)
	below := int(position)
	value, rest := ascending[below], position-float64(below)
	if rest == 0 || math.IsInf(value, -1) {
		return value
	}
	next := ascending[below+1]
	return min(max(value*(1-rest)+next*rest, value), next) // between the two, whatever is rounded
}
