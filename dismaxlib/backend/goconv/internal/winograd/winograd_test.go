package winograd

import (
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/direct"
)

// errorBound is what a relative error may be: about twice the largest that doc.go states.
const errorBound = 1e-6

// TestRandomConvolutionsAgreeWithTheDirectKernels draws 300 convolutions, or as many as DISMAX_CONVOLUTIONS says.
func TestRandomConvolutionsAgreeWithTheDirectKernels(t *testing.T) {
	needKernels(t)
	cases := 300
	if text := os.Getenv("DISMAX_CONVOLUTIONS"); text != "" {
		var err error
		if cases, err = strconv.Atoi(text); err != nil {
			t.Fatalf("DISMAX_CONVOLUTIONS: %v", err)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range cases {
		c := draw(random)
		order := c
		if i%2 == 1 {
			order = reversed(c)
		}
		if !Supported(order) {
			t.Fatalf("case %d: %+v is not supported", i, order)
		}
		x, w := randomFloats(random, imagesLen(c)), randomFloats(random, kernelLen(c))
		want, dy := make([]float32, resultsLen(c)), randomFloats(random, resultsLen(c))
		wantKernel := make([]float32, kernelLen(c))
		direct.NewForward(order).Run(want, x, w, 1, inOrder)
		direct.NewKernelGradient(c).Run(wantKernel, x, dy, 1, inOrder)
		for workers, run := range map[int]direct.Runner{1: inOrder, 3: atOnce} {
			got := randomFloats(random, len(want))
			NewForward(order).Run(got, x, w, workers, run)
			if e := relativeError(got, want); e > errorBound {
				t.Errorf("case %d, %d workers, %+v: got results off by %.2g, want at most %.2g", i, workers, order, e, errorBound)
			}
			got = randomFloats(random, len(wantKernel))
			NewKernelGradient(c).Run(got, x, dy, workers, run)
			if e := relativeError(got, wantKernel); e > errorBound {
				t.Errorf("case %d, %d workers, %+v: got weights off by %.2g, want at most %.2g", i, workers, c, e, errorBound)
			}
		}
	}
}

func TestErrorsAgainstFloat64StayWithinTheStatedBound(t *testing.T) {
	needKernels(t)
	shapes := []direct.Convolution{
		square(8, 32, 16, 16), square(8, 16, 32, 32), square(8, 8, 64, 64), square(8, 8, 48, 12),
		square(1, 32, 64, 64), square(2, 16, 128, 128), square(4, 8, 256, 256), square(4, 4, 512, 512), square(1, 8, 640, 640),
	}
	random := rand.New(rand.NewPCG(3, 4))
	t.Logf("%18s  forward: Winograd, direct; kernel gradient: Winograd, direct", "")
	for _, c := range shapes {
		x, w, dy := randomFloats(random, imagesLen(c)), randomFloats(random, kernelLen(c)), randomFloats(random, resultsLen(c))
		y, dw := make([]float32, resultsLen(c)), make([]float32, kernelLen(c))
		wantY, wantKernel := exactForward(c, x, w), exactKernelGradient(c, x, dy)
		var errors [4]float64
		NewForward(c).Run(y, x, w, 1, inOrder)
		errors[0] = relativeError(y, wantY)
		direct.NewForward(c).Run(y, x, w, 1, inOrder)
		errors[1] = relativeError(y, wantY)
		NewKernelGradient(c).Run(dw, x, dy, 1, inOrder)
		errors[2] = relativeError(dw, wantKernel)
		direct.NewKernelGradient(c).Run(dw, x, dy, 1, inOrder)
		errors[3] = relativeError(dw, wantKernel)
		t.Logf("%18s  %.1e  %.1e  %.1e  %.1e", name(c), errors[0], errors[1], errors[2], errors[3])
		if worst := slices.Max(errors[:]); worst > errorBound {
			t.Errorf("%s: got errors %.2g, want at most %.2g", name(c), errors, errorBound)
		}
	}
}

func TestResultsDoNotDependOnTheNumberOfWorkers(t *testing.T) {
	needKernels(t)
	random := rand.New(rand.NewPCG(5, 6))
	for _, c := range []direct.Convolution{square(7, 9, 5, 20), square(3, 4, 150, 120), square(5, 32, 16, 12)} {
		x, w, dy := randomFloats(random, imagesLen(c)), randomFloats(random, kernelLen(c)), randomFloats(random, resultsLen(c))
		compute := func(workers int, run direct.Runner) []float32 {
			y, dw := make([]float32, resultsLen(c)), make([]float32, kernelLen(c))
			NewForward(c).Run(y, x, w, workers, run)
			NewKernelGradient(c).Run(dw, x, dy, workers, run)
			return append(y, dw...)
		}
		want := compute(1, inOrder)
		for _, workers := range []int{1, 2, 5, 16} {
			if got := compute(workers, atOnce); !slices.Equal(got, want) {
				t.Errorf("%s: got other bits with %d workers than with 1", name(c), workers)
			}
		}
	}
}

func TestGroupsShareTilesOutEvenly(t *testing.T) {
	needKernels(t)
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
			t.Errorf("%s for %d workers: got %d groups of %d, want %d of %d", name(test.c), test.workers, groups, size,
				test.groups, test.size)
		}
	}
}

func TestOnlyThreeByThreeOfStrideOneIsSupported(t *testing.T) {
	needKernels(t)
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
	needKernels(t)
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
			t.Errorf("%s: got that it pays forward: %v, want %v", name(test.c), got, test.forward)
		}
		if got := PaysKernelGradient(test.c); got != test.gradient {
			t.Errorf("%s: got that it pays for the kernel's gradient: %v, want %v", name(test.c), got, test.gradient)
		}
	}
}
