package goconv

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
)

// graph emits operations of the inner backend. The first error sticks and makes every later call a no-op, so that a
// lowering reads as its formula and checks once at its end.
type graph struct {
	inner compute.Function
	err   error
}

// keep records an error and passes the value on.
func (g *graph) keep(value compute.Value, err error) compute.Value {
	if err != nil && g.err == nil {
		g.err = err
	}
	return value
}

func (g *graph) binary(op func(lhs, rhs compute.Value) (compute.Value, error), lhs, rhs compute.Value) compute.Value {
	if g.err != nil {
		return nil
	}
	return g.keep(op(lhs, rhs))
}

func (g *graph) add(lhs, rhs compute.Value) compute.Value { return g.binary(g.inner.Add, lhs, rhs) }
func (g *graph) sub(lhs, rhs compute.Value) compute.Value { return g.binary(g.inner.Sub, lhs, rhs) }
func (g *graph) mul(lhs, rhs compute.Value) compute.Value { return g.binary(g.inner.Mul, lhs, rhs) }
func (g *graph) div(lhs, rhs compute.Value) compute.Value { return g.binary(g.inner.Div, lhs, rhs) }

func (g *graph) sqrt(x compute.Value) compute.Value {
	if g.err != nil {
		return nil
	}
	return g.keep(g.inner.Sqrt(x))
}

func (g *graph) shape(x compute.Value) shapes.Shape {
	if g.err != nil {
		return shapes.Invalid()
	}
	shape, err := g.inner.Shape(x)
	g.keep(nil, err)
	return shape
}

func (g *graph) convert(x compute.Value, dtype dtypes.DType) compute.Value {
	if g.err != nil || g.shape(x).DType == dtype {
		return x
	}
	return g.keep(g.inner.ConvertDType(x, dtype))
}

// scalar is a constant of a floating-point dtype.
func (g *graph) scalar(dtype dtypes.DType, value float64) compute.Value {
	if g.err != nil {
		return nil
	}
	if dtype == dtypes.Float64 {
		return g.keep(g.inner.Constant([]float64{value}))
	}
	return g.keep(g.inner.Constant([]float32{float32(value)}))
}

// indices is a constant of row numbers.
func (g *graph) indices(flat []int32, dimensions ...int) compute.Value {
	if g.err != nil {
		return nil
	}
	return g.keep(g.inner.Constant(flat, dimensions...))
}

func (g *graph) reshape(x compute.Value, dimensions ...int) compute.Value {
	if g.err != nil || slices.Equal(g.shape(x).Dimensions, dimensions) {
		return x
	}
	return g.keep(g.inner.Reshape(x, dimensions...))
}

// transpose makes output axis i of input axis permutation[i].
func (g *graph) transpose(x compute.Value, permutation ...int) compute.Value {
	if g.err != nil || slices.IsSorted(permutation) {
		return x
	}
	return g.keep(g.inner.Transpose(x, permutation...))
}

// after returns x, not to be computed before the other value.
func (g *graph) after(x, other compute.Value) compute.Value {
	if g.err != nil {
		return x
	}
	return g.keep(g.inner.SchedulingBarrier(x, other))
}

func (g *graph) reduceSum(x compute.Value, axes ...int) compute.Value {
	if g.err != nil || len(axes) == 0 {
		return x
	}
	return g.keep(g.inner.ReduceSum(x, axes...))
}

// pad fills with zeros; negative amounts crop.
func (g *graph) pad(x compute.Value, axes []compute.PadAxis) compute.Value {
	if g.err != nil || !slices.ContainsFunc(axes, func(a compute.PadAxis) bool { return a != compute.PadAxis{} }) {
		return x
	}
	return g.keep(g.inner.Pad(x, g.scalar(g.shape(x).DType, 0), axes...))
}

// product contracts the last axis of lhs with the given axis of rhs: [M..., K] and [K, N] or [N, K] to [M..., N].
func (g *graph) product(lhs, rhs compute.Value, rhsAxis int) compute.Value {
	if g.err != nil {
		return nil
	}
	lhsAxis := g.shape(lhs).Rank() - 1
	return g.keep(g.inner.DotGeneral(lhs, []int{lhsAxis}, nil, rhs, []int{rhsAxis}, nil, compute.DotGeneralConfig{}))
}

// gatherRows copies runs of rowsPerRun consecutive rows of x, [rows, width], one run for each start:
// [starts...] gives [starts..., rowsPerRun, width].
func (g *graph) gatherRows(x, starts compute.Value, rowsPerRun int) compute.Value {
	if g.err != nil {
		return nil
	}
	batch := g.shape(starts).Dimensions
	width := g.shape(x).Dim(1)
	// The index vector needs an axis of its own: the inner Gather does not take an implied one.
	starts = g.reshape(starts, append(slices.Clone(batch), 1)...)
	if g.err != nil {
		return nil
	}
	rank := len(batch)
	return g.keep(g.inner.Gather(x, starts,
		rank, []int{rank, rank + 1}, nil, []int{0}, []int{rowsPerRun, width}, false))
}
