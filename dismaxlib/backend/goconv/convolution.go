package goconv

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapeinference"
	"github.com/gomlx/compute/shapes"
)

// ConvGeneral implements compute.Function. See the package documentation for how it is computed.
func (f *function) ConvGeneral(
	input, kernel compute.Value, axes compute.ConvolveAxesConfig,
	strides []int, paddings [][2]int, inputDilations, kernelDilations []int,
	channelGroupCount, batchGroupCount int,
) (compute.Value, error) {
	operands := []compute.Value{input, kernel}
	asItIs := func(to compute.Function, v []compute.Value) ([]compute.Value, error) {
		return listed(to.ConvGeneral(v[0], v[1], axes, strides, paddings, inputDilations, kernelDilations,
			channelGroupCount, batchGroupCount))
	}
	g := &graph{inner: f.Function}
	inputShape, kernelShape := g.shape(input), g.shape(kernel)
	if inputShape.DType.IsHalfPrecision() && inputShape.DType == kernelShape.DType {
		return f.inFloat32(operands, func(wide []compute.Value) (compute.Value, error) {
			return f.ConvGeneral(wide[0], wide[1], axes, strides, paddings, inputDilations, kernelDilations,
				channelGroupCount, batchGroupCount)
		})
	}
	if g.err != nil || channelGroupCount > 1 || batchGroupCount > 1 || !lowers(inputShape, kernelShape) {
		return one(f.emit(operands, asItIs))
	}
	// The inner operation says best what is wrong with a wrong configuration.
	output, err := shapeinference.ConvGeneral(inputShape, kernelShape, axes, strides, paddings, inputDilations,
		kernelDilations, 1, 1)
	if err != nil || output.Size() == 0 || inputShape.Size() == 0 {
		return one(f.emit(operands, asItIs))
	}

	c := newConvolution(inputShape, kernelShape, output, axes, strides, paddings, inputDilations, kernelDilations)
	// A direct kernel walks backwards through the weights that GoMLX reverses for the gradient of the input.
	weights, reversed := f.builder.unreversed(kernel)
	c.winograd = f.builder.backend.options.winograd
	made := c.convolver(inputShape, kernelShape, output, reversed)
	if made == nil || f.builder.backend.options.im2col {
		c.recompute = c.isBatchLast() && !f.builder.keepsColumns(c.columnBytes(inputShape.DType))
		return one(f.emit(operands, c.lower))
	}
	y, err := c.lower(f.Function, operands)
	if err != nil {
		return nil, err
	}
	// A single output is either new or known, so that the kernel is never dropped and needs nothing to emit.
	d := &directConvolution{convolver: made, dilates: c.dilates(), ofKernel: c.isBatchLast()}
	f.builder.record(d.operation([]compute.Value{input, weights}, y))
	return y[0], nil
}

// lowers reports whether the operands are of a kind that the lowering takes.
func lowers(input, kernel shapes.Shape) bool {
	if input.DType != dtypes.Float32 && input.DType != dtypes.Float64 {
		return false
	}
	return input.DType == kernel.DType && !input.IsDynamic() && !kernel.IsDynamic() && input.Rank() >= 3
}

// convolution describes one convolution with every default filled in. With all arrays put in a canonical order,
//
//	y[batch, position, out] = sum over tap, in of  x'[batch, stride*position + dilation*tap, in] * w[tap, in, out]
//
// where x' is x with zeros put between its elements (inputDilation) and around them (padLow; what is needed after).
type convolution struct {
	axes compute.ConvolveAxesConfig

	batch, in, out int
	spatial        []spatialAxis

	winograd  bool // Winograd's convolution where it pays
	recompute bool // the columns anew, rather than those of the forward pass
}

// spatialAxis is what a convolution does along one spatial axis.
type spatialAxis struct {
	size, taps, positions    int // of the input, the kernel and the output
	stride, dilation, padLow int
	inputDilation            int
}

func newConvolution(
	input, kernel, output shapes.Shape, axes compute.ConvolveAxesConfig,
	strides []int, paddings [][2]int, inputDilations, kernelDilations []int,
) *convolution {
	c := &convolution{
		axes:    axes,
		batch:   input.Dim(axes.InputBatch),
		in:      input.Dim(axes.InputChannels),
		out:     kernel.Dim(axes.KernelOutputChannels),
		spatial: make([]spatialAxis, len(axes.InputSpatial)),
	}
	orOne := func(values []int, i int) int {
		if len(values) == 0 {
			return 1
		}
		return values[i]
	}
	for i := range c.spatial {
		c.spatial[i] = spatialAxis{
			size:          input.Dim(axes.InputSpatial[i]),
			taps:          kernel.Dim(axes.KernelSpatial[i]),
			positions:     output.Dim(axes.OutputSpatial[i]),
			stride:        orOne(strides, i),
			dilation:      orOne(kernelDilations, i),
			inputDilation: orOne(inputDilations, i),
		}
		if len(paddings) > 0 {
			c.spatial[i].padLow = paddings[i][0]
		}
	}
	return c
}

func (c *convolution) taps() []int {
	taps := make([]int, len(c.spatial))
	for i, axis := range c.spatial {
		taps[i] = axis.taps
	}
	return taps
}

func (c *convolution) positions() []int {
	positions := make([]int, len(c.spatial))
	for i, axis := range c.spatial {
		positions[i] = axis.positions
	}
	return positions
}

// lower emits the convolution as a matrix product. What lies last in memory decides the form: the channels, as in a
// forward pass over [batch, height, width, channels], or the batch, as in GoMLX's gradient of the kernel, where
// channels and batch of the input trade places.
func (c *convolution) lower(to compute.Function, v []compute.Value) ([]compute.Value, error) {
	g := &graph{inner: to}
	var y compute.Value
	if c.isBatchLast() {
		y = c.lowerBatchLast(g, v[0], v[1])
	} else {
		y = c.lowerChannelsLast(g, v[0], v[1])
	}
	return listed(y, g.err)
}

func (c *convolution) isBatchLast() bool {
	return c.axes.InputBatch > c.axes.InputChannels && c.axes.InputBatch == len(c.spatial)+1
}

// lowerChannelsLast computes columns · W, with one row of columns for each output position.
func (c *convolution) lowerChannelsLast(g *graph, x, kernel compute.Value) compute.Value {
	order := slices.Concat([]int{c.axes.InputBatch}, c.axes.InputSpatial, []int{c.axes.InputChannels})
	x = g.transpose(x, order...)
	columns := c.columns(g, x, c.positionWalk(), c.tapWalk()) // [batch, positions..., taps..., in]
	rows, width := c.batch*product(c.positions()), product(c.taps())*c.in
	columns = g.reshape(columns, rows, width)

	weights := g.transpose(kernel,
		slices.Concat(c.axes.KernelSpatial, []int{c.axes.KernelInputChannels, c.axes.KernelOutputChannels})...)
	y := g.product(columns, g.reshape(weights, width, c.out), 0)

	y = g.reshape(y, slices.Concat([]int{c.batch}, c.positions(), []int{c.out})...)
	return g.transpose(y, inverse(
		slices.Concat([]int{c.axes.OutputBatch}, c.axes.OutputSpatial, []int{c.axes.OutputChannels}))...)
}

// lowerBatchLast computes the transposed product wᵀ · columns. Here a row of columns belongs to a tap and an input
// channel, so that for GoMLX's gradient of the kernel, whose taps are the positions of the forward pass, the columns
// are the very matrix of the forward pass.
func (c *convolution) lowerBatchLast(g *graph, x, kernel compute.Value) compute.Value {
	order := slices.Concat([]int{c.axes.InputChannels}, c.axes.InputSpatial, []int{c.axes.InputBatch})
	if c.recompute {
		x = g.after(x, kernel) // which for the gradient of a kernel is that of the output: the forward pass is long over
	}
	x = g.transpose(x, order...)
	columns := c.columns(g, x, c.tapWalk(), c.positionWalk()) // [in, taps..., positions..., batch]
	rows, width := c.in*product(c.taps()), product(c.positions())*c.batch
	columns = g.reshape(columns, rows, width)

	weights := g.transpose(kernel,
		slices.Concat([]int{c.axes.KernelOutputChannels, c.axes.KernelInputChannels}, c.axes.KernelSpatial)...)
	y := g.product(g.reshape(weights, c.out, rows), columns, 0) // [out, positions... * batch]

	y = g.reshape(y, slices.Concat([]int{c.out}, c.positions(), []int{c.batch})...)
	return g.transpose(y, inverse(
		slices.Concat([]int{c.axes.OutputChannels}, c.axes.OutputSpatial, []int{c.axes.OutputBatch}))...)
}

// columnBytes is the size of the im2col matrix, 0 where the columns are the input itself.
func (c *convolution) columnBytes(dtype dtypes.DType) int {
	if isIdentity(c.positionWalk(), c.tapWalk()) {
		return 0
	}
	return c.batch * product(c.positions()) * product(c.taps()) * c.in * dtype.Size()
}

// keepsColumns reports whether the computation may keep that many bytes of columns from a forward pass to the gradient
// of its kernel, and counts them. Past the budget they are made twice, which takes time instead of memory.
func (b *builder) keepsColumns(bytes int) bool {
	if b.columns+bytes > b.backend.options.columns {
		return false
	}
	b.columns += bytes
	return true
}

// inverse returns the permutation that undoes the given one.
func inverse(permutation []int) []int {
	undone := make([]int, len(permutation))
	for to, from := range permutation {
		undone[from] = to
	}
	return undone
}

func product(factors []int) int {
	result := 1
	for _, factor := range factors {
		result *= factor
	}
	return result
}
