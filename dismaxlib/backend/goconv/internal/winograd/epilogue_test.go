package winograd

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/direct"
)

// epilogueOf multiplies results by -2, which shows what it is given twice or too early.
func epilogueOf(c direct.Convolution, y []float32) direct.Epilogue {
	return func(firstRow, endRow, first, end int) {
		for row := firstRow; row < endRow; row++ {
			for channel := first; channel < end; channel++ {
				y[row*c.Out+channel] *= -2
			}
		}
	}
}

func TestEpiloguesGetEveryResultOnceWhenItIsFinal(t *testing.T) {
	needKernels(t)
	random := rand.New(rand.NewPCG(15, 16))
	for i := range 200 {
		c := draw(random)
		x, w := randomFloats(random, imagesLen(c)), randomFloats(random, kernelLen(c))
		want := make([]float32, resultsLen(c))
		NewForward(c).Run(want, x, w, 1, inOrder)
		for at := range want {
			want[at] *= -2
		}
		for workers, run := range map[int]direct.Runner{1: inOrder, 3: atOnce} {
			got := randomFloats(random, len(want))
			NewForward(c).RunWith(epilogueOf(c, got), got, x, w, workers, run)
			if !slices.Equal(got, want) {
				t.Errorf("case %d, %d workers, %s: got other results than those of Run times -2", i, workers, name(c))
			}
		}
	}
}
