package testkit

import (
	"math"
	"testing"
)

// CheckClose reports an error if any entry of got differs from want by more than tolerance times the largest absolute
// entry of want, or is NaN, or if the lengths differ. It names the worst entry.
func CheckClose(t testing.TB, what string, got, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: got %d values, want %d", what, len(got), len(want))
		return
	}
	largest := 0.0
	for _, value := range want {
		largest = max(largest, math.Abs(value))
	}
	worst, worstAt := 0.0, -1
	for i := range want {
		difference := math.Abs(got[i] - want[i])
		if math.IsNaN(difference) {
			t.Errorf("%s: entry %d: got %g, want %g", what, i, got[i], want[i])
			return
		}
		if difference > worst {
			worst, worstAt = difference, i
		}
	}
	if worst > tolerance*largest {
		t.Errorf("%s: entry %d: got %.15g, want %.15g: off by %.2g, allowed %.2g (%.0e of the largest entry)",
			what, worstAt, got[worstAt], want[worstAt], worst, tolerance*largest, tolerance)
	}
}
