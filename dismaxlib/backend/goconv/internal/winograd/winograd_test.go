package winograd

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/direct"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/kerneltest"
)

// errorBound is what a relative error may be: about twice the largest that doc.go states.
const errorBound = 1e-6

// sums is the precision of Winograd's sums in float32: products of tiles that a few additions have made larger, and
// results that share the errors of their tile.
var sums = kerneltest.Precision{Unit: 0x1p-24, Factor: 3, Shared: true, RMS: errorBound}

var square = kerneltest.Square

// convolution is a 3x3 convolution of stride 1 with zeros around the images.
func convolution(batch, height, width, in, out, pad int) direct.Convolution {
	axis := func(size int) direct.Spatial {
		return direct.Spatial{
			Size: size, Taps: 3, Positions: size + 2*pad - 2, Stride: 1, Dilation: 1, Pad: pad, InputDilation: 1,
		}
	}
	axes := [2]direct.Spatial{axis(height), axis(width)}
	return kerneltest.Ordered(direct.Convolution{Batch: batch, In: in, Out: out, Axes: axes})
}

// draw draws a small convolution that need not keep the size of its images.
func draw(random *rand.Rand) direct.Convolution {
	pad := random.IntN(3)
	size := func() int { return max(1, 3-2*pad) + random.IntN(12) }
	c := convolution(1+random.IntN(5), size(), size(), 1+random.IntN(40), 1+random.IntN(70), pad)
	for i := range c.Axes { // more or less padding behind than in front
		c.Axes[i].Positions = max(1, c.Axes[i].Positions+random.IntN(3)-1)
	}
	switch random.IntN(20) {
	case 0, 1: // more than a slab
		c.In, c.Batch = 180+random.IntN(300), 1
	case 2: // more tiles than make one sum
		size = func() int { return 30 + random.IntN(20) }
		return convolution(4+random.IntN(4), size(), size(), 1+random.IntN(20), 1+random.IntN(20), pad)
	}
	return kerneltest.Ordered(c)
}

func TestRandomConvolutionsAreTheSumsThatDefineThem(t *testing.T) {
	kerneltest.NeedKernels(t)
	for _, family := range []struct {
		name  string
		order func(direct.Convolution) direct.Convolution
	}{{"forward", kerneltest.Ordered}, {"gradient of the input", kerneltest.Reversed}} {
		name := "Winograd on " + direct.Name() + ", " + family.name
		kerneltest.Family(t, name, 150, func(random *rand.Rand) (excess float64, convolution string) {
			c := family.order(draw(random))
			if !Supported(c) {
				t.Fatalf("%+v is not supported", c)
			}
			x, w := kerneltest.Images(random, c), kerneltest.Kernel(random, c)
			excess = kerneltest.KernelExcess(sums, kerneltest.Forward(c, x, w),
				func(y []float32, workers int, run direct.Runner) { NewForward(c).Run(y, x, w, workers, run) })
			return excess, fmt.Sprintf("%+v", c)
		})
	}
}

func TestRandomKernelGradientsAreTheSumsThatDefineThem(t *testing.T) {
	kerneltest.NeedKernels(t)
	name := "Winograd on " + direct.Name() + ", gradient of the kernel"
	kerneltest.Family(t, name, 150, func(random *rand.Rand) (excess float64, convolution string) {
		c := draw(random)
		x, dy := kerneltest.Images(random, c), kerneltest.Results(random, c)
		excess = kerneltest.KernelExcess(sums, kerneltest.KernelGradient(c, x, dy),
			func(dw []float32, workers int, run direct.Runner) { NewKernelGradient(c).Run(dw, x, dy, workers, run) })
		return excess, fmt.Sprintf("%+v", c)
	})
}

func TestErrorsAgainstFloat64StayWithinTheStatedBound(t *testing.T) {
	kerneltest.NeedKernels(t)
	random := rand.New(rand.NewPCG(3, 4))
	for _, c := range []direct.Convolution{
		square(8, 32, 16, 16), square(8, 16, 32, 32), square(8, 8, 64, 64), square(8, 8, 48, 12), square(1, 32, 64, 64),
		square(1, 16, 128, 128), square(2, 8, 256, 256), square(2, 4, 512, 512), square(1, 4, 640, 640),
	} {
		x, w, dy := kerneltest.Images(random, c), kerneltest.Kernel(random, c), kerneltest.Results(random, c)
		y, dw := make([]float32, kerneltest.ResultsLen(c)), make([]float32, kerneltest.KernelLen(c))
		NewForward(c).Run(y, x, w, 1, kerneltest.InOrder)
		NewKernelGradient(c).Run(dw, x, dy, 1, kerneltest.InOrder)
		forward := kerneltest.RelativeRMS(y, kerneltest.Forward(c, x, w))
		gradient := kerneltest.RelativeRMS(dw, kerneltest.KernelGradient(c, x, dy))
		if max(forward, gradient) > errorBound {
			t.Errorf("%s: got errors of %.2g and, in the gradient of the kernel, of %.2g, want at most %.2g",
				kerneltest.Name(c), forward, gradient, errorBound)
		}
	}
}

func TestResultsDoNotDependOnTheNumberOfWorkers(t *testing.T) {
	kerneltest.NeedKernels(t)
	random := rand.New(rand.NewPCG(5, 6))
	for _, c := range []direct.Convolution{square(7, 9, 5, 20), square(3, 4, 150, 120), square(5, 32, 16, 12)} {
		x, w, dy := kerneltest.Images(random, c), kerneltest.Kernel(random, c), kerneltest.Results(random, c)
		compute := func(workers int, run direct.Runner) []float32 {
			y, dw := make([]float32, kerneltest.ResultsLen(c)), make([]float32, kerneltest.KernelLen(c))
			NewForward(c).Run(y, x, w, workers, run)
			NewKernelGradient(c).Run(dw, x, dy, workers, run)
			return append(y, dw...)
		}
		want := compute(1, kerneltest.InOrder)
		for _, workers := range []int{1, 2, 5, 16} {
			if got := compute(workers, kerneltest.AtOnce); !slices.Equal(got, want) {
				t.Errorf("%s: got other bits with %d workers than with 1", kerneltest.Name(c), workers)
			}
		}
	}
}

func TestGroupsShareTilesOutEvenly(t *testing.T) {
	kerneltest.NeedKernels(t)
	for _, test := range []struct {
		c                     direct.Convolution
		workers, size, groups int
	}{
		{square(32, 16, 32, 32), 1, 96, 22},
		{square(32, 16, 32, 32), 2, 96, 22},
		{square(32, 16, 32, 32), 8, 88, 24},
		{square(32, 8, 64, 64), 2, 32, 16},
		{square(16, 8, 48, 12), 2, 64, 4},
		{square(16, 8, 256, 256), 16, 32, 8}, // no smaller groups than that
	} {
		f := NewForward(test.c)
		size := f.groupFor(test.workers)
		if groups := (f.count() + size - 1) / size; size != test.size || groups != test.groups {
			t.Errorf("%s for %d workers: got %d groups of %d, want %d of %d", kerneltest.Name(test.c), test.workers, groups, size,
				test.groups, test.size)
		}
	}
}

func TestOnlyThreeByThreeOfStrideOneIsSupported(t *testing.T) {
	kerneltest.NeedKernels(t)
	for what, change := range map[string]func(axis *direct.Spatial){
		"5 taps": func(axis *direct.Spatial) { axis.Taps = 5 }, "stride 2": func(axis *direct.Spatial) { axis.Stride = 2 },
		"dilation 2":       func(axis *direct.Spatial) { axis.Dilation = 2 },
		"input dilation 2": func(axis *direct.Spatial) { axis.InputDilation = 2 },
	} {
		for i := range 2 {
			c := square(1, 8, 64, 64)
			change(&c.Axes[i])
			if Supported(c) {
				t.Errorf("%s along axis %d: got it supported", what, i)
			}
		}
	}
}

func TestItPaysWithEnoughInputChannelsAndTiles(t *testing.T) {
	kerneltest.NeedKernels(t)
	for _, test := range []struct {
		c                 direct.Convolution
		forward, gradient bool
	}{
		{square(32, 32, 16, 16), false, false},
		{square(32, 16, 32, 32), true, true},
		{square(16, 8, 48, 12), true, false},
		{square(16, 8, 12, 48), false, false},
		{square(8, 4, 512, 512), true, true},
		{square(4, 4, 512, 512), false, true},
		{square(1, 4, 512, 512), false, false},
		{square(16, 7, 64, 64), true, true},
		{square(64, 3, 64, 64), false, false}, // 4 tiles for 9 results
	} {
		if got := PaysForward(test.c); got != test.forward {
			t.Errorf("%s: got that it pays forward: %v, want %v", kerneltest.Name(test.c), got, test.forward)
		}
		if got := PaysKernelGradient(test.c); got != test.gradient {
			t.Errorf("%s: got that it pays for the kernel's gradient: %v, want %v", kerneltest.Name(test.c), got, test.gradient)
		}
	}
}
