package direct_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/direct"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/kerneltest"
)

// float32Sums is the precision of sums in float32.
var float32Sums = kerneltest.Precision{Unit: 0x1p-24, Factor: 3}

// draw draws a convolution; what is not asked for is 1.
func draw(random *rand.Rand, inputDilation bool) direct.Convolution {
	c := direct.Convolution{Batch: 1 + random.IntN(5), In: 1 + random.IntN(20), Out: 1 + random.IntN(70)}
	smallest, sizes := 1, 11
	switch random.IntN(20) {
	case 0, 1: // more than a slab
		c.In, c.Batch = direct.SlabRows-10+random.IntN(2*direct.SlabRows), 1
	case 2: // more images than a task frames at a time, and more positions than make one sum
		c.In, c.Out, c.Batch = 8+random.IntN(8), 1+random.IntN(20), 6+random.IntN(4)
		smallest, sizes = 30, 20
	}
	for i := range c.Axes {
		axis := &c.Axes[i]
		*axis = direct.Spatial{Taps: 1 + random.IntN(4), Stride: 1, Dilation: 1, InputDilation: 1}
		if inputDilation {
			axis.InputDilation = 1 + random.IntN(3)
		} else {
			axis.Stride, axis.Dilation = 1+random.IntN(3), 1+random.IntN(3)
		}
		axis.Size = smallest + random.IntN(sizes)
		reach := (axis.Taps-1)*axis.Dilation + 1
		axis.Pad = random.IntN(reach+1) - 1
		padded := (axis.Size-1)*axis.InputDilation + 1 + axis.Pad + random.IntN(reach+1) - 1
		for padded < reach {
			padded, axis.Size = padded+axis.InputDilation, axis.Size+1
		}
		axis.Positions = (padded-reach)/axis.Stride + 1
	}
	// Either the order of GoMLX's kernels, or that of its gradients of inputs.
	if random.IntN(2) == 0 {
		return kerneltest.Reversed(c)
	}
	return kerneltest.Ordered(c)
}

func TestForwardIsTheSumThatDefinesIt(t *testing.T) {
	direct.ForEachKernelSet(t, func(t *testing.T) {
		for _, inputDilation := range []bool{false, true} {
			name := "direct on " + direct.Name() + ", forward"
			if inputDilation {
				name = "direct on " + direct.Name() + ", gradient of the input by phases"
			}
			kerneltest.Family(t, name, 200, func(random *rand.Rand) (excess float64, convolution string) {
				c := draw(random, inputDilation)
				if !c.Supported() {
					t.Fatalf("%+v is not supported", c)
				}
				x, w := kerneltest.Images(random, c), kerneltest.Kernel(random, c)
				excess = kerneltest.KernelExcess(float32Sums, kerneltest.Forward(c, x, w),
					func(y []float32, workers int, run direct.Runner) { direct.NewForward(c).Run(y, x, w, workers, run) })
				return excess, fmt.Sprintf("%+v", c)
			})
		}
	})
}

func TestKernelGradientIsTheSumThatDefinesIt(t *testing.T) {
	direct.ForEachKernelSet(t, func(t *testing.T) {
		name := "direct on " + direct.Name() + ", gradient of the kernel"
		kerneltest.Family(t, name, 400, func(random *rand.Rand) (excess float64, convolution string) {
			c := draw(random, false)
			x, dy := kerneltest.Images(random, c), kerneltest.Results(random, c)
			excess = kerneltest.KernelExcess(float32Sums, kerneltest.KernelGradient(c, x, dy),
				func(dw []float32, workers int, run direct.Runner) {
					direct.NewKernelGradient(c).Run(dw, x, dy, workers, run)
				})
			return excess, fmt.Sprintf("%+v", c)
		})
	})
}

func TestForwardDoesNotDependOnTheNumberOfWorkers(t *testing.T) {
	kerneltest.NeedKernels(t)
	random := rand.New(rand.NewPCG(9, 10))
	for _, c := range []direct.Convolution{
		kerneltest.Square(32, 32, 16, 16), kerneltest.Square(7, 32, 24, 48), kerneltest.Square(3, 9, 5, 70),
		kerneltest.Square(1, 6, 200, 33), kerneltest.Square(5, 7, 3, 12),
	} {
		x, w := kerneltest.Images(random, c), kerneltest.Kernel(random, c)
		want, got := make([]float32, kerneltest.ResultsLen(c)), make([]float32, kerneltest.ResultsLen(c))
		direct.NewForward(c).Run(want, x, w, 1, kerneltest.InOrder)
		for _, workers := range []int{2, 3, 5, 8, 16} {
			direct.NewForward(c).Run(got, x, w, workers, kerneltest.AtOnce)
			if !slices.Equal(got, want) {
				t.Errorf("%s: other bits with %d workers than with 1", kerneltest.Name(c), workers)
			}
		}
	}
}

func TestKernelGradientDoesNotDependOnTheNumberOfWorkers(t *testing.T) {
	kerneltest.NeedKernels(t)
	random := rand.New(rand.NewPCG(5, 6))
	for _, c := range []direct.Convolution{
		kerneltest.Square(7, 9, 5, 20), kerneltest.Square(3, 4, 150, 120), kerneltest.Square(20, 32, 48, 12),
	} {
		x, dy := kerneltest.Images(random, c), kerneltest.Results(random, c)
		want, got := make([]float32, kerneltest.KernelLen(c)), make([]float32, kerneltest.KernelLen(c))
		direct.NewKernelGradient(c).Run(want, x, dy, 1, kerneltest.InOrder)
		for _, workers := range []int{2, 3, 5, 16} {
			direct.NewKernelGradient(c).Run(got, x, dy, workers, kerneltest.AtOnce)
			if !slices.Equal(got, want) {
				t.Errorf("%s: other bits with %d workers than with 1", kerneltest.Name(c), workers)
			}
		}
	}
}

func BenchmarkConvolution(b *testing.B) {
	kerneltest.NeedKernels(b)
	random := rand.New(rand.NewPCG(7, 8))
	square := kerneltest.Square
	for _, c := range []direct.Convolution{
		square(32, 32, 3, 16), square(32, 32, 16, 16), square(32, 16, 32, 32), square(32, 8, 64, 64),
		square(4, 32, 64, 64), square(4, 16, 128, 128), square(4, 8, 256, 256), square(4, 4, 512, 512),
	} {
		x, w := kerneltest.Images(random, c), kerneltest.Kernel(random, c)
		y := make([]float32, kerneltest.ResultsLen(c))
		flops := 2 * float64(kerneltest.ResultsLen(c)) * 9 * float64(c.In)
		b.Run("Forward/"+kerneltest.Name(c), func(b *testing.B) {
			forward := direct.NewForward(c)
			for b.Loop() {
				forward.Run(y, x, w, 1, kerneltest.InOrder)
			}
			b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
		b.Run("KernelGradient/"+kerneltest.Name(c), func(b *testing.B) {
			gradient := direct.NewKernelGradient(c)
			for b.Loop() {
				gradient.Run(w, x, y, 1, kerneltest.InOrder)
			}
			b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
