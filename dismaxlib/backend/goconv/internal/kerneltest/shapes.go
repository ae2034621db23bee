package kerneltest

import (
	"fmt"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/direct"
)

// Square is a 3x3 convolution of stride 1 that keeps the size of its images, with a kernel in GoMLX's order.
func Square(batch, size, in, out int) direct.Convolution {
	axis := direct.Spatial{Size: size, Taps: 3, Positions: size, Stride: 1, Dilation: 1, Pad: 1, InputDilation: 1}
	return Ordered(direct.Convolution{Batch: batch, In: in, Out: out, Axes: [2]direct.Spatial{axis, axis}})
}

// Ordered returns the convolution with a kernel [taps..., in, out], the order that GoMLX's kernels have.
func Ordered(c direct.Convolution) direct.Convolution {
	c.KernelStart = 0
	c.KernelStrides = [4]int{c.Axes[1].Taps * c.In * c.Out, c.In * c.Out, c.Out, 1}
	return c
}

// Reversed returns the convolution with the memory order that the kernel has in a gradient of the input: [taps..., out,
// in], with its taps backwards.
func Reversed(c direct.Convolution) direct.Convolution {
	c.KernelStart = KernelLen(c) - c.In*c.Out
	c.KernelStrides = [4]int{-c.Axes[1].Taps * c.In * c.Out, -c.In * c.Out, 1, c.In}
	return c
}

// ImagesLen, KernelLen and ResultsLen are how many numbers x, w and y have.
func ImagesLen(c direct.Convolution) int { return c.Batch * c.Axes[0].Size * c.Axes[1].Size * c.In }

// KernelLen is described at [ImagesLen].
func KernelLen(c direct.Convolution) int { return c.Axes[0].Taps * c.Axes[1].Taps * c.In * c.Out }

// ResultsLen is described at [ImagesLen].
func ResultsLen(c direct.Convolution) int {
	return c.Batch * c.Axes[0].Positions * c.Axes[1].Positions * c.Out
}

// Name names a convolution in a test or benchmark, as in 16x32x32x64to64.
func Name(c direct.Convolution) string {
	return fmt.Sprintf("%dx%dx%dx%dto%d", c.Batch, c.Axes[0].Size, c.Axes[1].Size, c.In, c.Out)
}
