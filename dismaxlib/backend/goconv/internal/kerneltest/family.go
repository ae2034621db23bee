package kerneltest

import (
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/direct"
)

// variable holds how many random convolutions a family of kernels is tested with.
const variable = "DISMAX_CONVOLUTIONS"

// Cases is how many random convolutions to test with: what the variable DISMAX_CONVOLUTIONS says, or else as many as
// usual.
func Cases(tb testing.TB, usual int) int {
	tb.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return usual
	}
	cases, err := strconv.Atoi(text)
	if err != nil || cases < 1 {
		tb.Fatalf("%s=%s: want a number of convolutions", variable, text)
	}
	return cases
}

// Family tests a family of kernels with random convolutions: check draws one, says which, and returns its largest error
// relative to the bound, as [Excess] does. What the worst of all came to is logged.
func Family(t *testing.T, name string, usual int, check func(random *rand.Rand) (excess float64, convolution string)) {
	t.Helper()
	cases := Cases(t, usual)
	random := rand.New(rand.NewPCG(1, 2))
	worst := 0.0
	for i := range cases {
		excess, convolution := check(random)
		if excess > 1 {
			t.Errorf("%s, case %d, %s: got an error of %.3g times its bound, want at most 1",
				name, i, convolution, excess)
		}
		worst = max(worst, excess)
	}
	mark := "" // figures are shown where they were asked for
	if os.Getenv(variable) != "" {
		mark = "figure: "
	}
	t.Logf("%s%s: %d random convolutions, the largest error %.2f of its bound", mark, name, cases, worst)
}

// KernelExcess is the [Excess] of a kernel, the larger of those on one goroutine and on several. What it does not write
// stays NaN.
func KernelExcess(p Precision, want *Sums, kernel func(to []float32, workers int, run direct.Runner)) float64 {
	excess := 0.0
	for workers, run := range map[int]direct.Runner{1: InOrder, 3: AtOnce} {
		got := slices.Repeat([]float32{float32(math.NaN())}, len(want.Values))
		kernel(got, workers, run)
		excess = max(excess, Excess(p, got, want))
	}
	return excess
}
