package direct

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// epilogueOf multiplies results by -2, which shows what it is given twice or too early. It checks that a multiple of 16
// channels is divided into multiples of 16.
func epilogueOf(t *testing.T, c Convolution, y []float32) Epilogue {
	return func(firstRow, endRow, first, end int) {
		if c.Out%16 == 0 && (first%16 != 0 || end%16 != 0) {
			t.Errorf("%+v: got channels %d to %d, want multiples of 16", c, first, end)
		}
		for row := firstRow; row < endRow; row++ {
			for channel := first; channel < end; channel++ {
				y[row*c.Out+channel] *= -2
			}
		}
	}
}

func TestEpiloguesGetEveryResultOnceWhenItIsFinal(t *testing.T) {
	forEachKernelSet(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(15, 16))
		for i := range 300 {
			c := draw(random, false)
			x, w := randomFloats(random, c.Batch*c.imageLen()), randomFloats(random, c.kernelLen())
			want := make([]float32, c.Batch*c.resultLen())
			NewForward(c).Run(want, x, w, 1, inOrder)
			for at := range want {
				want[at] *= -2
			}
			for workers, run := range map[int]Runner{1: inOrder, 3: atOnce} {
				got := randomFloats(random, len(want))
				NewForward(c).RunWith(epilogueOf(t, c, got), got, x, w, workers, run)
				if !slices.Equal(got, want) {
					t.Errorf("case %d, %d workers, %+v: got other results than those of Run times -2", i, workers, c)
				}
			}
		}
	})
}
