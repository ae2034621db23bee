package plot

import (
	"math"
	"strings"
	"testing"
)

func TestTickStepIsARoundNumber(t *testing.T) {
	for rough, want := range map[float64]float64{1: 1, 1.5: 2, 3: 5, 7: 10, 0.012: 0.02, 0.2: 0.2, 45: 50, 0: 1, -1: 1} {
		if got := tickStep(rough); math.Abs(got-want) > 1e-12 {
			t.Errorf("tickStep(%g): got %g, want %g", rough, got, want)
		}
	}
	if got := tickStep(math.NaN()); got != 1 {
		t.Errorf("tickStep(NaN): got %g, want 1", got)
	}
}

func TestLogTicksAreRoundNumbers(t *testing.T) {
	for _, test := range []struct {
		low, high float64
		want      string
	}{
		{0.01, 1, "0.01 0.02 0.05 0.1 0.2 0.5 1"},
		{0.3, 9, "0.5 1 2 5"},
		{0.001, 100, "0.001 0.01 0.1 1 10 100"},
	} {
		var got []string
		for _, tick := range logTicks(plainTick)(test.low, test.high) {
			got = append(got, tick.Label)
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%g to %g: got %v, want %s", test.low, test.high, got, test.want)
		}
	}
}
