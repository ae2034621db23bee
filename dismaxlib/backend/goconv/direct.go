package goconv

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/direct"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/winograd"
)

// convolver returns what computes the convolution straight from memory, or nil if nothing does: float32 on a processor
// with AVX-512 or AVX2, one or two spatial axes, arrays in the order [batch, spatial..., channels]. Where it pays, that
// is Winograd's convolution. It gets the kernel of the convolution from before it was reversed along some axes.
func (c *convolution) convolver(input, kernel, output shapes.Shape, reversed []int) convolver {
	if input.DType != dtypes.Float32 || len(c.spatial) > 2 {
		return nil
	}
	if !c.isBatchLast() {
		return c.directForward(kernel, reversed)
	}
	if len(reversed) > 0 {
		return nil
	}
	return c.directGradient(output)
}

// directForward is for forward passes and for gradients of the input, whose kernels may have any memory order.
func (c *convolution) directForward(kernel shapes.Shape, reversed []int) convolver {
	a := c.axes
	d := direct.Convolution{Batch: c.batch, In: c.in, Out: c.out, Axes: [2]direct.Spatial{unitAxis, unitAxis}}
	strides := kernel.Strides()
	for _, axis := range reversed {
		d.KernelStart += strides[axis] * (kernel.Dim(axis) - 1)
		strides[axis] = -strides[axis]
	}
	d.KernelStrides[2], d.KernelStrides[3] = strides[a.KernelInputChannels], strides[a.KernelOutputChannels]
	for i, axis := range c.spatial {
		to := i + 2 - len(c.spatial)
		d.Axes[to] = direct.Spatial{
			Size: axis.size, Taps: axis.taps, Positions: axis.positions,
			Stride: axis.stride, Dilation: axis.dilation, Pad: axis.padLow, InputDilation: axis.inputDilation,
		}
		d.KernelStrides[to] = strides[a.KernelSpatial[i]]
	}
	inOrder := isInOrder(a.InputBatch, a.InputSpatial, a.InputChannels) &&
		isInOrder(a.OutputBatch, a.OutputSpatial, a.OutputChannels)
	if !inOrder || !d.Supported() {
		return nil
	}
	if c.winograd && winograd.PaysForward(d) {
		return winograd.NewForward(d)
	}
	return direct.NewForward(d)
}

// directGradient is for gradients of the kernel, which GoMLX expresses as a convolution over the batch: the images are
// its input channels, their channels its batch, the gradient of the output its kernel, and the taps its positions.
func (c *convolution) directGradient(output shapes.Shape) convolver {
	a := c.axes
	d := direct.Convolution{Batch: c.in, In: c.batch, Out: c.out, Axes: [2]direct.Spatial{unitAxis, unitAxis}}
	strides := output.Strides()
	d.KernelStrides[2], d.KernelStrides[3] = strides[a.OutputBatch], strides[a.OutputChannels]
	for i, axis := range c.spatial {
		to := i + 2 - len(c.spatial)
		d.Axes[to] = direct.Spatial{
			Size: axis.size, Taps: axis.positions, Positions: axis.taps,
			Stride: axis.dilation, Dilation: axis.stride, Pad: axis.padLow, InputDilation: axis.inputDilation,
		}
		d.KernelStrides[to] = strides[a.OutputSpatial[i]]
		if axis.inputDilation != 1 {
			return nil
		}
	}
	inOrder := isInOrder(a.InputChannels, a.InputSpatial, a.InputBatch) &&
		isInOrder(a.KernelInputChannels, a.KernelSpatial, a.KernelOutputChannels)
	if !inOrder || !d.Supported() {
		return nil
	}
	if c.winograd && winograd.PaysKernelGradient(d) {
		return winograd.NewKernelGradient(d)
	}
	return direct.NewKernelGradient(d)
}

// convolver is a prepared convolution or gradient of a kernel: it computes an array from two.
type convolver interface {
	Run(to, a, b []float32, workers int, run direct.Runner)
}

func kernelOf(c convolver) directKernel {
	return func(outputs, inputs [][]float32, workers int, run direct.Runner) {
		c.Run(outputs[0], inputs[0], inputs[1], workers, run)
	}
}

// finisher is a convolver that lets an epilogue work on each part of its result.
type finisher interface {
	convolver
	RunWith(epilogue direct.Epilogue, to, a, b []float32, workers int, run direct.Runner)
}

// finisherOf returns the convolver if it takes an epilogue, else nil.
func (c *convolution) finisherOf(made convolver) finisher {
	dilates := func(axis spatialAxis) bool { return axis.inputDilation > 1 }
	if slices.ContainsFunc(c.spatial, dilates) {
		return nil
	}
	f, _ := made.(finisher)
	return f
}

// unitAxis is the spatial axis that 1-D convolutions do not have.
var unitAxis = direct.Spatial{Size: 1, Taps: 1, Positions: 1, Stride: 1, Dilation: 1, InputDilation: 1}

func isInOrder(first int, spatial []int, last int) bool {
	return slices.IsSorted(slices.Concat([]int{first}, spatial, []int{last}))
}
