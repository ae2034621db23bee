package posthoc

import (
	"math"

	. "github.com/gomlx/gomlx/support/exceptions"
)

// checkCount panics unless a number of things, of which there must be some, is positive.
func checkCount(score, parameter string, value int) {
	if value < 1 {
		Panicf("posthoc.%s: %s is %d, want at least 1", score, parameter, value)
	}
}

// checkPositive panics unless a number is positive and finite.
func checkPositive(score, parameter string, value float64) {
	if !(value > 0) || math.IsInf(value, 1) {
		Panicf("posthoc.%s: %s is %g, want a positive, finite number", score, parameter, value)
	}
}

// checkPercentile panics unless a percentile of activations is one that keeps some.
func checkPercentile(score string, percentile float64) {
	if !(percentile >= 0 && percentile < 100) {
		Panicf("posthoc.%s: percentile is %g, want 0 up to, but not including, 100", score, percentile)
	}
}
