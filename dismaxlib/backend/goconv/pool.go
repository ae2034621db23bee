package goconv

import (
	"math"
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/direct"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/pool"
)

// ReduceWindow implements compute.Function. Sums and maxima over windows of float32 images in the order
// [batch, spatial..., channels] are computed directly: the inner operation visits every element through an iterator.
func (f *function) ReduceWindow(
	x compute.Value, reduction compute.ReduceOpType, window, strides, inputDilations, windowDilations []int,
	paddings [][2]int,
) (compute.Value, error) {
	asItIs := func(to compute.Function, v []compute.Value) ([]compute.Value, error) {
		return listed(to.ReduceWindow(v[0], reduction, window, strides, inputDilations, windowDilations, paddings))
	}
	if shape, err := f.Shape(x); err == nil && shape.DType.IsHalfPrecision() {
		return f.inFloat32([]compute.Value{x}, func(wide []compute.Value) (compute.Value, error) {
			return f.ReduceWindow(wide[0], reduction, window, strides, inputDilations, windowDilations, paddings)
		})
	}
	outputs, err := asItIs(f.Function, []compute.Value{x})
	if err != nil {
		return nil, err
	}
	op := operation{inputs: []compute.Value{x}, outputs: outputs, emit: asItIs}
	input, inputErr := f.Shape(x)
	output, outputErr := f.Shape(outputs[0])
	isPlain := !slices.ContainsFunc(slices.Concat(inputDilations, windowDilations), func(d int) bool { return d != 1 })
	if inputErr == nil && outputErr == nil && isPlain && !f.builder.backend.options.im2col {
		op.direct = directPool(input, output, reduction, window, strides, paddings)
	}
	f.builder.record(op)
	return outputs[0], nil
}

// SelectAndScatterMax implements compute.Function. It is the gradient of maximum pooling.
func (f *function) SelectAndScatterMax(
	x, source compute.Value, window, strides []int, paddings [][2]int,
) (compute.Value, error) {
	asItIs := func(to compute.Function, v []compute.Value) ([]compute.Value, error) {
		return listed(to.SelectAndScatterMax(v[0], v[1], window, strides, paddings))
	}
	operands := []compute.Value{x, source}
	outputs, err := asItIs(f.Function, operands)
	if err != nil {
		return nil, err
	}
	op := operation{inputs: operands, outputs: outputs, emit: asItIs}
	input, inputErr := f.Shape(x)
	pooled, pooledErr := f.Shape(source)
	if inputErr == nil && pooledErr == nil && !f.builder.backend.options.im2col {
		if w := newWindow(input, pooled, window, strides, paddings); w != nil {
			op.direct = func(outputs, inputs [][]float32, _ int, run direct.Runner) {
				w.MaxGradient(outputs[0], inputs[0], inputs[1], pool.Runner(run))
			}
		}
	}
	f.builder.record(op)
	return outputs[0], nil
}

// directPool returns the kernel that reduces windows, nil if there is none.
func directPool(
	input, output shapes.Shape, reduction compute.ReduceOpType, window, strides []int, paddings [][2]int,
) directKernel {
	w := newWindow(input, output, window, strides, paddings)
	if w == nil {
		return nil
	}
	switch reduction {
	case compute.ReduceOpSum:
		return func(outputs, inputs [][]float32, _ int, run direct.Runner) {
			w.Sum(outputs[0], inputs[0], pool.Runner(run))
		}
	case compute.ReduceOpMax:
		return func(outputs, inputs [][]float32, _ int, run direct.Runner) {
			w.Max(outputs[0], inputs[0], float32(math.Inf(-1)), pool.Runner(run))
		}
	}
	return nil
}

// newWindow describes windows over the spatial axes of float32 images, nil if they are anything else.
func newWindow(input, output shapes.Shape, window, strides []int, paddings [][2]int) *pool.Window {
	last := input.Rank() - 1
	if input.DType != dtypes.Float32 || input.IsDynamic() || last < 2 || last > 3 || output.Size() == 0 {
		return nil
	}
	unit := pool.Axis{Size: 1, Width: 1, Positions: 1, Stride: 1}
	w := &pool.Window{Batch: input.Dim(0), Channels: input.Dim(last), Axes: [2]pool.Axis{unit, unit}}
	for axis := range input.Rank() {
		a := pool.Axis{Size: input.Dim(axis), Width: 1, Positions: output.Dim(axis), Stride: 1}
		if len(window) > 0 {
			a.Width, a.Stride = window[axis], window[axis]
		}
		if len(strides) > 0 {
			a.Stride = strides[axis]
		}
		if len(paddings) > 0 {
			a.Pad = paddings[axis][0]
		}
		if axis != 0 && axis != last {
			w.Axes[axis+2-last] = a
		} else if a.Width != 1 || a.Stride != 1 || a.Positions != a.Size || a.Pad != 0 {
			return nil
		}
	}
	return w
}
