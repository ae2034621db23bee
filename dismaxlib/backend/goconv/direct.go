package goconv

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/batchnorm"
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

// finisher is a convolver that lets an epilogue work on each part of its result.
type finisher interface {
	convolver
	RunWith(epilogue direct.Epilogue, to, a, b []float32, workers int, run direct.Runner)
}

// directConvolution is a convolution with a kernel, and what the kernel does along with it; see fuse_convolution.go. Its
// operands are those of the operation of GoMLX, then scale, offset, mean and variance of the normalization before it, and
// then those of the one behind it and what that adds.
type directConvolution struct {
	convolver
	dilates       bool                 // whether there are zeros between its pixels
	ofKernel      bool                 // whether it is the gradient of a kernel
	before, after *directNormalization // of what it reads and of its result; nil for none
}

func (c *convolution) dilates() bool {
	return slices.ContainsFunc(c.spatial, func(axis spatialAxis) bool { return axis.inputDilation > 1 })
}

// finishes reports whether the convolution can normalize its result.
func (d *directConvolution) finishes() bool {
	_, can := d.convolver.(finisher)
	return can && !d.dilates && d.after == nil
}

// reads reports whether the convolution can normalize what it reads.
func (d *directConvolution) reads() bool { return d.before == nil && reading(d.convolver, nil) != nil }

// reading is the convolution of what a prologue makes of the images, nil if it takes none.
func reading(made convolver, prologue direct.Prologue) convolver {
	switch made := made.(type) {
	case *direct.Forward:
		return made.Reading(prologue)
	case *direct.KernelGradient:
		return made.Reading(prologue)
	}
	return nil
}

// operation is the record of the convolution.
func (d *directConvolution) operation(operands, outputs []compute.Value) operation {
	return operation{inputs: operands, outputs: outputs, direct: d.compute, convolution: d}
}

func (d *directConvolution) compute(out, in [][]float32, workers int, run direct.Runner) {
	made, y, x, w, more := d.convolver, out[0], in[0], in[1], in[2:]
	if d.before != nil {
		made = reading(made, d.before.Parts(parameters(more)))
		more = more[4:]
	}
	if d.after == nil {
		made.Run(y, x, w, workers, run)
		return
	}
	var residual []float32
	if d.after.adds {
		residual = more[4]
	}
	made.(finisher).RunWith(d.after.Blocks(y, residual, parameters(more)).Normalize, y, x, w, workers, run)
}

// parameters are those of a normalization with given mean and variance.
func parameters(in [][]float32) batchnorm.Parameters {
	return batchnorm.Parameters{Scale: in[0], Offset: in[1], Mean: in[2], Variance: in[3]}
}

// unitAxis is the spatial axis that 1-D convolutions do not have.
var unitAxis = direct.Spatial{Size: 1, Taps: 1, Positions: 1, Stride: 1, Dilation: 1, InputDilation: 1}

func isInOrder(first int, spatial []int, last int) bool {
	return slices.IsSorted(slices.Concat([]int{first}, spatial, []int{last}))
}
