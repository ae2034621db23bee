package winograd

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/direct"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/kerneltest"
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
	kerneltest.NeedKernels(t)
	random := rand.New(rand.NewPCG(15, 16))
	for i := range 200 {
		c := draw(random)
		x, w := kerneltest.Images(random, c), kerneltest.Kernel(random, c)
		want := make([]float32, kerneltest.ResultsLen(c))
		NewForward(c).Run(want, x, w, 1, kerneltest.InOrder)
		for at := range want {
			want[at] *= -2
		}
		for workers, run := range map[int]direct.Runner{1: kerneltest.InOrder, 3: kerneltest.AtOnce} {
			got := kerneltest.Normal(random, len(want))
			NewForward(c).RunWith(epilogueOf(c, got), got, x, w, workers, run)
			if !slices.Equal(got, want) {
				t.Errorf("case %d, %d workers, %s: got other results than those of Run times -2", i, workers, kerneltest.Name(c))
			}
		}
	}
}
