package dismaxlib

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// shortest is the length below which a vector counts as zero and has no direction.
const shortest = 1e-12

// pairs are the distances [batch, classes] of the rows of x [batch, features] to the rows of y [classes, features],
// and what takes their adjoints to those of x and y.
//
// Squares come from |x|² + |y|² - 2 x·y, one matrix product; subtracting every y from every x would write and read
// [batch, classes, features] numbers. Between vectors that are almost equal the formula cancels: in float32, distances
// below a hundredth of the vectors' length lose digits, and those below a thousandth are lost. If exact, nearest puts
// the subtraction in its place.
type pairs struct {
	distances *Node
	backward  func(adjoint *Node) (x, y *Node)
}

// euclidean returns the distances of the rows as they are.
func euclidean(x, y *Node, exact bool) pairs {
	xx, yy := squaredLengths(x), squaredLengths(y)
	squares := Sub(Add(xx, asRow(yy)), MulScalar(products(x, y), 2))
	size := Add(xx, ReduceAllMax(yy))
	if exact {
		squares = nearest(squares, size, x, func(rows *Node) *Node { return Gather(y, rows) })
	}
	d, inverse := root(squares, size)
	return pairs{d, func(adjoint *Node) (*Node, *Node) {
		// d d_ij / d x_i = (x_i - y_j) / d_ij
		g := Mul(adjoint, inverse)
		return Sub(Mul(x, ReduceAndKeep(g, ReduceSum, 1)), Einsum("bc,cf->bf", g, y)),
			Sub(Mul(y, asColumn(ReduceSum(g, 0))), Einsum("cb,bf->cf", Transpose(g, 0, 1), x))
	}}
}

// isometric returns the distances between the directions of the rows, x / |x| and y / |y|. A row shorter than 1e-12 has
// no direction: it counts as zero and gets no gradient.
func isometric(x, y *Node, exact bool) pairs {
	a, xx := direction(x)
	b, yy := direction(y)
	dots, scale := products(x, y), Mul(a, asRow(b))
	squares := Sub(Add(xx, asRow(yy)), Mul(dots, Mul(MulScalar(a, 2), asRow(b))))
	size := MulScalar(OnesLike(a), 2)
	if exact {
		squares = nearest(squares, size, Mul(x, a), func(rows *Node) *Node {
			return Mul(Gather(y, rows), Gather(b, rows))
		})
	}
	d, inverse := root(squares, size)
	return pairs{d, func(adjoint *Node) (*Node, *Node) {
		// d d_ij / d x_i = (cos_ij x_i / |x_i| - y_j / |y_j|) / (d_ij |x_i|)
		g := Mul(Mul(adjoint, inverse), scale)
		radial := Mul(g, dots)
		return Sub(Mul(x, Mul(Square(a), ReduceAndKeep(radial, ReduceSum, 1))), Einsum("bc,cf->bf", g, y)),
			Sub(Mul(y, Mul(Square(b), asColumn(ReduceSum(radial, 0)))), Einsum("cb,bf->cf", Transpose(g, 0, 1), x))
	}}
}

// direction returns what makes rows [n, features] unit vectors, 1 / |row| [n, 1], and the squared length that they then
// have: 1. Both are 0 for rows without direction.
func direction(rows *Node) (factor, squares *Node) {
	lengths := Sqrt(squaredLengths(rows))
	least := Scalar(rows.Graph(), rows.DType(), shortest)
	squares = ConvertDType(GreaterThan(lengths, least), rows.DType())
	return Div(squares, Max(lengths, least)), squares
}

// nearest corrects the squared distances [batch, classes] of each row of x to its nearest y: they are taken by
// subtraction, so that a feature equal to its prototype has distance 0. Others that cannot be told from the nearest, as
// of equal prototypes, get the same value. size, [batch, 1], is what squares are small against when they cancel.
func nearest(squares, size, x *Node, gatherY func(rows *Node) *Node) *Node {
	difference := Sub(x, gatherY(InsertAxes(ArgMin(squares, -1, dtypes.Int32), -1)))
	limit := Add(ReduceAndKeep(squares, ReduceMin, -1), MulScalar(size, rounding(size.DType())))
	isNearest := ConvertDType(LessOrEqual(squares, limit), squares.DType())
	return Add(squares, Mul(isNearest, Sub(squaredLengths(difference), squares)))
}

// root returns the distances of squared distances, and their inverse for the gradient: d / (d² + epsilon²), which is 1/d
// save for vectors that are equal up to rounding, where it goes to 0.
func root(squares, size *Node) (d, inverse *Node) {
	squares = MaxScalar(squares, 0)
	epsilon := MaxScalar(MulScalar(Sqrt(size), rounding(size.DType())), shortest)
	d = Sqrt(squares)
	return d, Div(d, Add(squares, Square(epsilon)))
}

// rounding is what a sum of many products may lose, relative to its largest terms.
func rounding(dtype dtypes.DType) float64 {
	if dtype == dtypes.Float64 {
		return 0x1p-49
	}
	return 0x1p-20
}

func products(x, y *Node) *Node       { return Einsum("bf,cf->bc", x, y) }
func squaredLengths(rows *Node) *Node { return ReduceAndKeep(Square(rows), ReduceSum, -1) }
func asRow(column *Node) *Node        { return Reshape(column, 1, -1) }
func asColumn(row *Node) *Node        { return Reshape(row, -1, 1) }
