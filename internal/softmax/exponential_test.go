package softmax

import (
	"math"
	"testing"
)

func TestExpIsTheExponentialToTheLastDigits(t *testing.T) {
	for x := 0.0; x >= lowest; x -= 0.00917 {
		want := math.Exp(x)
		if got := exp(x); !(math.Abs(got-want) <= 1e-15*want) {
			t.Fatalf("exp(%g): got %.17g, want %.17g", x, got, want)
		}
	}
}

func TestExpAtTheEnds(t *testing.T) {
	for _, c := range []struct{ x, want float64 }{
		{0, 1},
		{math.Copysign(0, -1), 1},
		{-1e-300, 1},
		{-709, 0},
		{-math.MaxFloat64, 0},
		{math.Inf(-1), 0},
	} {
		if got := exp(c.x); got != c.want {
			t.Errorf("exp(%g): got %g, want %g", c.x, got, c.want)
		}
	}
	if got := exp(math.NaN()); !math.IsNaN(got) {
		t.Errorf("exp(NaN): got %g, want NaN", got)
	}
}

func BenchmarkExp(b *testing.B) {
	sum := 0.0
	for i := 0; b.Loop(); i++ {
		sum += exp(-float64(i&1023) / 64)
	}
	if sum == 0 {
		b.Fatal("no exponential was computed")
	}
}
