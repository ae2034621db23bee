package direct_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/direct"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/kerneltest"
)

// epilogueOf multiplies results by -2, which shows what it is given twice or too early. It checks that a multiple of 8
// channels is divided into multiples of 8.
func epilogueOf(t *testing.T, c direct.Convolution, y []float32) direct.Epilogue {
	return func(firstRow, endRow, first, end int) {
		if c.Out%8 == 0 && (first%8 != 0 || end%8 != 0) {
			t.Errorf("%+v: got channels %d to %d, want multiples of 8", c, first, end)
		}
		for row := firstRow; row < endRow; row++ {
			for channel := first; channel < end; channel++ {
				y[row*c.Out+channel] *= -2
			}
		}
	}
}

func TestEpiloguesGetEveryResultOnceWhenItIsFinal(t *testing.T) {
	direct.ForEachKernelSet(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(15, 16))
		for i := range 300 {
			c := draw(random, false)
			x, w := kerneltest.Images(random, c), kerneltest.Kernel(random, c)
			want := make([]float32, kerneltest.ResultsLen(c))
			direct.NewForward(c).Run(want, x, w, 1, kerneltest.InOrder)
			for at := range want {
				want[at] *= -2
			}
			for workers, run := range map[int]direct.Runner{1: kerneltest.InOrder, 3: kerneltest.AtOnce} {
				got := kerneltest.Normal(random, len(want))
				direct.NewForward(c).RunWith(epilogueOf(t, c, got), got, x, w, workers, run)
				if !slices.Equal(got, want) {
					t.Errorf("case %d, %d workers, %+v: got other results than those of Run times -2", i, workers, c)
				}
			}
		}
	})
}
