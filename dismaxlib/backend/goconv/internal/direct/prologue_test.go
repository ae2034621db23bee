package direct_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/direct"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/kerneltest"
)

// prologueOf doubles pixels. It checks that it gets whole rows.
func prologueOf(t *testing.T, c direct.Convolution) direct.Prologue {
	return func(to, from []float32) {
		if row := c.Axes[1].Size * c.In; len(to) != len(from) || len(to)%row != 0 {
			t.Errorf("%+v: got %d and %d floats, want rows of %d", c, len(to), len(from), row)
		}
		for i, v := range from {
			to[i] = 2 * v
		}
	}
}

func TestConvolutionsReadWhatThePrologueMakes(t *testing.T) {
	direct.ForEachKernelSet(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(17, 18))
		for i := range 300 {
			c := draw(random, i%2 == 1)
			if i%4 == 0 { // 1x1, which read images where they lie
				for axis := range c.Axes {
					size := c.Axes[axis].Size
					c.Axes[axis] = direct.Spatial{Size: size, Taps: 1, Positions: size, Stride: 1, Dilation: 1, InputDilation: 1}
				}
				c = kerneltest.Ordered(c)
			}
			x, w, dy := kerneltest.Images(random, c), kerneltest.Kernel(random, c), kerneltest.Results(random, c)
			doubled := slices.Clone(x)
			for at := range doubled {
				doubled[at] *= 2
			}
			y, dw := make([]float32, len(dy)), make([]float32, len(w))
			direct.NewForward(c).Run(y, doubled, w, 1, kerneltest.InOrder)
			if i%2 == 0 {
				direct.NewKernelGradient(c).Run(dw, doubled, dy, 1, kerneltest.InOrder)
			}
			for workers, run := range map[int]direct.Runner{1: kerneltest.InOrder, 3: kerneltest.AtOnce} {
				got := kerneltest.Normal(random, len(y))
				direct.NewForward(c).Reading(prologueOf(t, c)).Run(got, x, w, workers, run)
				if !slices.Equal(got, y) {
					t.Errorf("case %d, %d workers, %+v: got other results than with pixels that were doubled before", i, workers, c)
				}
				if i%2 != 0 {
					continue
				}
				got = kerneltest.Normal(random, len(dw))
				direct.NewKernelGradient(c).Reading(prologueOf(t, c)).Run(got, x, dy, workers, run)
				if !slices.Equal(got, dw) {
					t.Errorf("case %d, %d workers, %+v: got another gradient than with pixels that were doubled before", i, workers, c)
				}
			}
		}
	})
}
