package goconv

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/direct"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/rows"
)

// Slice implements compute.Function. Large parts of float32 arrays are copied row by row, and on all cores: the inner
// operation copies element by element.
func (f *function) Slice(x compute.Value, starts, limits, strides []int) (compute.Value, error) {
	asItIs := func(to compute.Function, v []compute.Value) ([]compute.Value, error) {
		return listed(to.Slice(v[0], starts, limits, strides))
	}
	y, err := f.Function.Slice(x, starts, limits, strides)
	if err != nil {
		return nil, err
	}
	op := operation{inputs: []compute.Value{x}, outputs: []compute.Value{y}, emit: asItIs}
	from, fromErr := f.Shape(x)
	part, partErr := f.Shape(y)
	if fromErr == nil && partErr == nil && f.copiesRows(part) && !from.IsDynamic() {
		op.direct = directSlice(from, part, starts, strides)
	}
	f.builder.record(op)
	return y, nil
}

// copiesRows reports whether an array of that shape is to be made by copies of rows.
func (f *function) copiesRows(shape shapes.Shape) bool {
	return !f.builder.backend.options.im2col && shape.DType == dtypes.Float32 && !shape.IsDynamic() &&
		shape.Size() >= smallestKernel
}

// directSlice returns the kernel that takes a part, nil if its elements are not neighbours.
func directSlice(from, part shapes.Shape, starts, strides []int) directKernel {
	axes := make([]rows.Axis, from.Rank())
	for i := range axes {
		axes[i] = rows.Axis{Size: from.Dim(i), Start: starts[i], Count: part.Dim(i)}
		if axes[i].Start < 0 { // counted from the end
			axes[i].Start += axes[i].Size
		}
		if len(strides) > 0 && strides[i] > 1 {
			return nil
		}
	}
	slice := rows.NewSlice(axes)
	return func(outputs, inputs [][]float32, _ int, run direct.Runner) {
		slice.Run(outputs[0], inputs[0], rows.Runner(run))
	}
}

// Concatenate implements compute.Function. Large float32 arrays are joined row by row on all cores.
func (f *function) Concatenate(axis int, operands ...compute.Value) (compute.Value, error) {
	asItIs := func(to compute.Function, v []compute.Value) ([]compute.Value, error) {
		return listed(to.Concatenate(axis, v...))
	}
	y, err := f.Function.Concatenate(axis, operands...)
	if err != nil {
		return nil, err
	}
	op := operation{inputs: operands, outputs: []compute.Value{y}, emit: asItIs}
	if shape, err := f.Shape(y); err == nil && f.copiesRows(shape) {
		if op.direct, err = f.directConcatenation(shape, axis, operands); err != nil {
			return nil, err
		}
	}
	f.builder.record(op)
	return y, nil
}

// directConcatenation returns the kernel that joins operands to an array of that shape.
func (f *function) directConcatenation(joined shapes.Shape, axis int, operands []compute.Value) (directKernel, error) {
	c := &rows.Concatenation{Rows: product(joined.Dimensions[:axis])}
	for _, operand := range operands {
		shape, err := f.Shape(operand)
		if err != nil {
			return nil, err
		}
		c.Widths = append(c.Widths, product(shape.Dimensions[axis:]))
	}
	return func(outputs, inputs [][]float32, _ int, run direct.Runner) {
		c.Run(outputs[0], inputs, rows.Runner(run))
	}, nil
}
