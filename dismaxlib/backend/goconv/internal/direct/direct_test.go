package direct

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
)

// draw draws a convolution; what is not asked for is 1.
func draw(random *rand.Rand, inputDilation bool) Convolution {
	c := Convolution{Batch: 1 + random.IntN(5), In: 1 + random.IntN(20), Out: 1 + random.IntN(70)}
	if random.IntN(10) == 0 { // more than a slab
		c.In, c.Batch = slabRows-10+random.IntN(2*slabRows), 1
	}
	for i := range c.Axes {
		axis := &c.Axes[i]
		*axis = Spatial{Taps: 1 + random.IntN(4), Stride: 1, Dilation: 1, InputDilation: 1}
		if inputDilation {
			axis.InputDilation = 1 + random.IntN(3)
		} else {
			axis.Stride, axis.Dilation = 1+random.IntN(3), 1+random.IntN(3)
		}
		axis.Size = 1 + random.IntN(11)
		reach := (axis.Taps-1)*axis.Dilation + 1
		axis.Pad = random.IntN(reach+1) - 1
		padded := (axis.Size-1)*axis.InputDilation + 1 + axis.Pad + random.IntN(reach+1) - 1
		for padded < reach {
			padded, axis.Size = padded+axis.InputDilation, axis.Size+1
		}
		axis.Positions = (padded-reach)/axis.Stride + 1
	}
	// Either the order of GoMLX's kernels, or that of its gradients of inputs: inputs and outputs exchanged and the
	// taps backwards.
	taps := [2]int{c.Axes[0].Taps, c.Axes[1].Taps}
	c.KernelStrides = [4]int{taps[1] * c.In * c.Out, c.In * c.Out, c.Out, 1}
	if random.IntN(2) == 0 {
		c.KernelStrides = [4]int{-taps[1] * c.In * c.Out, -c.In * c.Out, 1, c.In}
		c.KernelStart = (taps[0]*taps[1] - 1) * c.In * c.Out
	}
	return c
}

// each calls visit for every product in the sum that defines the convolution, with the places of its factors.
func (c *Convolution) each(visit func(x, w, y int)) {
	rows, columns := c.Axes[0], c.Axes[1]
	at := func(s Spatial, position, tap int) (int, bool) {
		p := s.Stride*position + s.Dilation*tap - s.Pad
		if p < 0 || p%s.InputDilation != 0 || p/s.InputDilation >= s.Size {
			return 0, false
		}
		return p / s.InputDilation, true
	}
	for b := range c.Batch {
		for i := range rows.Positions {
			for j := range columns.Positions {
				for ti := range rows.Taps {
					for tj := range columns.Taps {
						row, inside := at(rows, i, ti)
						column, insideToo := at(columns, j, tj)
						if !inside || !insideToo {
							continue
						}
						x := ((b*rows.Size+row)*columns.Size + column) * c.In
						y := ((b*rows.Positions+i)*columns.Positions + j) * c.Out
						w := c.KernelStart + ti*c.KernelStrides[0] + tj*c.KernelStrides[1]
						for in := range c.In {
							for out := range c.Out {
								visit(x+in, w+in*c.KernelStrides[2]+out*c.KernelStrides[3], y+out)
							}
						}
					}
				}
			}
		}
	}
}

func randomFloats(random *rand.Rand, n int) []float32 {
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(random.NormFloat64())
	}
	return values
}

// differs returns the largest difference over the largest magnitude.
func differs(got []float32, want []float64) float64 {
	var difference, magnitude float64
	for i := range want {
		difference = max(difference, math.Abs(float64(got[i])-want[i]))
		magnitude = max(magnitude, math.Abs(want[i]))
	}
	return difference / max(magnitude, 1e-30)
}

func inOrder(tasks int, task func(int)) {
	for i := range tasks {
		task(i)
	}
}

func atOnce(tasks int, task func(int)) {
	var group sync.WaitGroup
	for i := range tasks {
		group.Go(func() { task(i) })
	}
	group.Wait()
}

// forEachKernelSet runs a test with every set of kernels that this processor has.
func forEachKernelSet(t *testing.T, test func(t *testing.T)) {
	if !Available() {
		t.Skip("this processor has neither AVX-512 nor AVX2")
	}
	detected := kernels
	defer func() { kernels = detected }()
	for _, set := range availableKernelSets() {
		kernels = set
		t.Run(set.name, test)
	}
}

func TestForwardIsTheSumThatDefinesIt(t *testing.T) {
	forEachKernelSet(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(1, 2))
		for i := range 400 {
			c := draw(random, i%2 == 1)
			if !c.Supported() {
				t.Fatalf("%+v is not supported", c)
			}
			x, w := randomFloats(random, c.Batch*c.imageLen()), randomFloats(random, c.kernelLen())
			want := make([]float64, c.Batch*c.resultLen())
			c.each(func(xi, wi, yi int) { want[yi] += float64(x[xi]) * float64(w[wi]) })
			for workers, run := range map[int]Runner{1: inOrder, 3: atOnce} {
				got := randomFloats(random, c.Batch*c.resultLen())
				NewForward(c).Run(got, x, w, workers, run)
				if e := differs(got, want); e > 1e-5 {
					t.Errorf("case %d, %d workers, %+v: off by %.2g relative", i, workers, c, e)
				}
			}
		}
	})
}

func TestKernelGradientIsTheSumThatDefinesIt(t *testing.T) {
	forEachKernelSet(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(3, 4))
		for i := range 400 {
			c := draw(random, false)
			x, dy := randomFloats(random, c.Batch*c.imageLen()), randomFloats(random, c.Batch*c.resultLen())
			want := make([]float64, c.kernelLen())
			c.each(func(xi, wi, yi int) { want[wi] += float64(x[xi]) * float64(dy[yi]) })
			for workers, run := range map[int]Runner{1: inOrder, 3: atOnce} {
				got := randomFloats(random, c.kernelLen())
				NewKernelGradient(c).Run(got, x, dy, workers, run)
				if e := differs(got, want); e > 1e-5 {
					t.Errorf("case %d, %d workers, %+v: off by %.2g relative", i, workers, c, e)
				}
			}
		}
	})
}

// square is a 3x3 convolution of stride 1 that keeps the size of its images.
func square(batch, size, in, out int) Convolution {
	axis := Spatial{Size: size, Taps: 3, Positions: size, Stride: 1, Dilation: 1, Pad: 1, InputDilation: 1}
	return Convolution{Batch: batch, In: in, Out: out, Axes: [2]Spatial{axis, axis},
		KernelStrides: [4]int{3 * in * out, in * out, out, 1}}
}

func TestForwardDoesNotDependOnTheNumberOfWorkers(t *testing.T) {
	if !Available() {
		t.Skip("this processor has neither AVX-512 nor AVX2")
	}
	random := rand.New(rand.NewPCG(9, 10))
	for _, c := range []Convolution{
		square(32, 32, 16, 16), square(7, 32, 24, 48), square(3, 9, 5, 70), square(1, 6, 200, 33), square(5, 7, 3, 12),
	} {
		x, w := randomFloats(random, c.Batch*c.imageLen()), randomFloats(random, c.kernelLen())
		want, got := make([]float32, c.Batch*c.resultLen()), make([]float32, c.Batch*c.resultLen())
		NewForward(c).Run(want, x, w, 1, inOrder)
		for _, workers := range []int{2, 3, 5, 8, 16} {
			NewForward(c).Run(got, x, w, workers, atOnce)
			if !slices.Equal(got, want) {
				t.Errorf("%+v: other bits with %d workers than with 1", c, workers)
			}
		}
	}
}

func TestForwardSharesImagesOutEvenly(t *testing.T) {
	for _, test := range []struct {
		c                      Convolution
		workers, groups, parts int
	}{
		{square(32, 32, 16, 16), 1, 5, 1},
		{square(32, 32, 16, 16), 2, 6, 1},
		{square(32, 32, 16, 16), 8, 8, 1},
		{square(32, 32, 16, 16), 16, 16, 1},
		{square(3, 32, 99, 64), 2, 3, 2},    // an image is a group, and a panel 32 channels
		{square(3, 32, 16, 16), 16, 3, 1},   // there are no more images, and one panel
		{square(16, 4, 64, 128), 4, 1, 4},   // panels of 32 channels
		{square(16, 4, 64, 128), 16, 16, 1}, // more workers than panels
		{square(4, 4, 64, 128), 16, 4, 4},
		{square(16, 4, 512, 512), 2, 4, 1},
		{square(16, 4, 512, 512), 8, 3, 8}, // a panel is 32 channels
		{square(16, 4, 512, 48), 2, 4, 1},  // panels of 32 and 16 channels
	} {
		groups, parts := NewForward(test.c).split(test.workers)
		if groups != test.groups || parts != test.parts {
			t.Errorf("%d images of %d for %d workers: got %d groups and %d parts, want %d and %d", test.c.Batch,
				test.c.Axes[0].Size, test.workers, groups, parts, test.groups, test.parts)
		}
	}
}

func TestKernelGradientDoesNotDependOnTheNumberOfWorkers(t *testing.T) {
	if !Available() {
		t.Skip("this processor has neither AVX-512 nor AVX2")
	}
	random := rand.New(rand.NewPCG(5, 6))
	for _, c := range []Convolution{square(7, 9, 5, 20), square(3, 4, 150, 120), square(20, 32, 48, 12)} {
		x, dy := randomFloats(random, c.Batch*c.imageLen()), randomFloats(random, c.Batch*c.resultLen())
		want, got := make([]float32, c.kernelLen()), make([]float32, c.kernelLen())
		NewKernelGradient(c).Run(want, x, dy, 1, inOrder)
		for _, workers := range []int{2, 3, 5, 16} {
			NewKernelGradient(c).Run(got, x, dy, workers, atOnce)
			if !slices.Equal(got, want) {
				t.Errorf("%+v: other bits with %d workers than with 1", c, workers)
			}
		}
	}
}

func BenchmarkConvolution(b *testing.B) {
	if !Available() {
		b.Skip("this processor has neither AVX-512 nor AVX2")
	}
	random := rand.New(rand.NewPCG(7, 8))
	for _, c := range []Convolution{
		square(32, 32, 3, 16), square(32, 32, 16, 16), square(32, 16, 32, 32), square(32, 8, 64, 64),
		square(4, 32, 64, 64), square(4, 16, 128, 128), square(4, 8, 256, 256), square(4, 4, 512, 512),
	} {
		x, w := randomFloats(random, c.Batch*c.imageLen()), randomFloats(random, c.kernelLen())
		y := make([]float32, c.Batch*c.resultLen())
		flops := 2 * float64(c.Batch*c.resultLen()) * 9 * float64(c.In)
		name := fmt.Sprintf("%dx%dx%dx%dto%d", c.Batch, c.Axes[0].Size, c.Axes[1].Size, c.In, c.Out)
		b.Run("Forward/"+name, func(b *testing.B) {
			forward := NewForward(c)
			for b.Loop() {
				forward.Run(y, x, w, 1, inOrder)
			}
			b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
		b.Run("KernelGradient/"+name, func(b *testing.B) {
			gradient := NewKernelGradient(c)
			for b.Loop() {
				gradient.Run(w, x, y, 1, inOrder)
			}
			b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
