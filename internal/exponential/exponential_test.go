package exponential

import (
	"math"
	"testing"
)

func TestOfNegativeIsTheExponentialToTheLastDigits(t *testing.T) {
	for x := 0.0; x >= lowest; x -= 0.00917 {
		want := math.Exp(x)
		if got := OfNegative(x); !(math.Abs(got-want) <= 1e-15*want) {
			t.Fatalf("OfNegative(%g): got %.17g, want %.17g", x, got, want)
		}
	}
}

func TestOfNegativeAtTheEnds(t *testing.T) {
	for _, c := range []struct{ x, want float64 }{
		{0, 1},
		{math.Copysign(0, -1), 1},
		{-1e-300, 1},
		{-709, 0},
		{-math.MaxFloat64, 0},
		{math.Inf(-1), 0},
	} {
		if got := OfNegative(c.x); got != c.want {
			t.Errorf("OfNegative(%g): got %g, want %g", c.x, got, c.want)
		}
	}
	if got := OfNegative(math.NaN()); !math.IsNaN(got) {
		t.Errorf("OfNegative(NaN): got %g, want NaN", got)
	}
}

func BenchmarkOfNegative(b *testing.B) {
	sum := 0.0
	for i := 0; b.Loop(); i++ {
		sum += OfNegative(-float64(i&1023) / 64)
	}
	if sum == 0 {
		b.Fatal("no exponential was computed")
	}
}
