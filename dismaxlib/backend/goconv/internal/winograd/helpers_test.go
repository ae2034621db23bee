package winograd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/direct"
)

// convolution is a 3x3 convolution of stride 1 with zeros around the images, and its kernel in GoMLX's order.
func convolution(batch, height, width, in, out, pad int) direct.Convolution {
	axis := func(size int) direct.Spatial {
		return direct.Spatial{
			Size: size, Taps: 3, Positions: size + 2*pad - 2, Stride: 1, Dilation: 1, Pad: pad, InputDilation: 1,
		}
	}
	return direct.Convolution{Batch: batch, In: in, Out: out, Axes: [2]direct.Spatial{axis(height), axis(width)},
		KernelStrides: [4]int{3 * in * out, in * out, out, 1}}
}

// square is a convolution that keeps the size of its images.
func square(batch, size, in, out int) direct.Convolution {
	return convolution(batch, size, size, in, out, 1)
}

// reversed is the same convolution with the memory order of a gradient of the input: inputs and outputs of the kernel
// exchanged, and its taps backwards.
func reversed(c direct.Convolution) direct.Convolution {
	c.KernelStrides = [4]int{-3 * c.In * c.Out, -c.In * c.Out, 1, c.In}
	c.KernelStart = 8 * c.In * c.Out
	return c
}

// draw draws a small convolution that need not keep the size of its images.
func draw(random *rand.Rand) direct.Convolution {
	pad := random.IntN(3)
	size := func() int { return max(1, 3-2*pad) + random.IntN(12) }
	c := convolution(1+random.IntN(5), size(), size(), 1+random.IntN(40), 1+random.IntN(70), pad)
	for i := range c.Axes { // more or less padding behind than in front
		c.Axes[i].Positions = max(1, c.Axes[i].Positions+random.IntN(3)-1)
	}
	if random.IntN(10) == 0 {
		c.In, c.Batch = 180+random.IntN(300), 1
		c.KernelStrides = [4]int{3 * c.In * c.Out, c.In * c.Out, c.Out, 1}
	}
	return c
}

func name(c direct.Convolution) string {
	return fmt.Sprintf("%dx%dx%dx%dto%d", c.Batch, c.Axes[0].Size, c.Axes[1].Size, c.In, c.Out)
}

func imagesLen(c direct.Convolution) int { return c.Batch * c.Axes[0].Size * c.Axes[1].Size * c.In }

func resultsLen(c direct.Convolution) int {
	return c.Batch * c.Axes[0].Positions * c.Axes[1].Positions * c.Out
}

func kernelLen(c direct.Convolution) int { return 9 * c.In * c.Out }

// eachTap calls visit for every position and tap whose pixel lies in the image, with where x, w and y begin.
func eachTap(c direct.Convolution, visit func(x, w, y int)) {
	rows, columns := c.Axes[0], c.Axes[1]
	for at := range c.Batch * rows.Positions * columns.Positions {
		image, i, j := at/columns.Positions/rows.Positions, at/columns.Positions%rows.Positions, at%columns.Positions
		for tap := range 9 {
			row, column := i+tap/3-rows.Pad, j+tap%3-columns.Pad
			if row < 0 || row >= rows.Size || column < 0 || column >= columns.Size {
				continue
			}
			w := c.KernelStart + tap/3*c.KernelStrides[0] + tap%3*c.KernelStrides[1]
			visit(((image*rows.Size+row)*columns.Size+column)*c.In, w, at*c.Out)
		}
	}
}

// exactForward is the sum that defines the convolution, in float64.
func exactForward(c direct.Convolution, x, w []float32) []float64 {
	y := make([]float64, resultsLen(c))
	eachTap(c, func(xAt, wAt, yAt int) {
		for in, value := range x[xAt:][:c.In] {
			for out := range y[yAt:][:c.Out] {
				y[yAt+out] += float64(value) * float64(w[wAt+in*c.KernelStrides[2]+out*c.KernelStrides[3]])
			}
		}
	})
	return y
}

// exactKernelGradient is the sum that defines the gradient of the kernel, in float64.
func exactKernelGradient(c direct.Convolution, x, dy []float32) []float64 {
	dw := make([]float64, kernelLen(c))
	eachTap(c, func(xAt, wAt, yAt int) {
		for in, value := range x[xAt:][:c.In] {
			to := dw[wAt+in*c.Out:][:c.Out]
			for out := range to {
				to[out] += float64(value) * float64(dy[yAt+out])
			}
		}
	})
	return dw
}

func randomFloats(random *rand.Rand, n int) []float32 {
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(random.NormFloat64())
	}
	return values
}

// relativeError is the root of the mean square of the differences over that of the values.
func relativeError[T float32 | float64](got []float32, want []T) float64 {
	var difference, magnitude float64
	for i := range want {
		d := float64(got[i]) - float64(want[i])
		difference += d * d
		magnitude += float64(want[i]) * float64(want[i])
	}
	return math.Sqrt(difference / max(magnitude, math.SmallestNonzeroFloat64))
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

// needKernels skips a test on processors without kernels.
func needKernels(t testing.TB) {
	t.Helper()
	if !direct.Available() {
		t.Skip("this processor has neither AVX-512 nor AVX2")
	}
}
