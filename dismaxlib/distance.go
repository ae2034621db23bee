package dismaxlib

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// distances returns ‖x_i - y_j‖ [batch, classes] of the rows of x [batch, features] and of y [classes, features].
//
// Its square is |x|² + |y|² - 2 x·y, one matrix product: subtracting every y from every x would take
// [batch, classes, features] numbers. Between vectors that are almost equal these terms cancel, so the nearest is
// subtracted after all, and the difference added as a constant: both are the same function, with the same gradient.
func distances(x, y *Node) *Node {
	xx, yy := squaredLengths(x), Transpose(squaredLengths(y), 0, 1)
	squares := Sub(Add(xx, yy), MulScalar(Einsum("bf,cf->bc", x, y), 2))

	size, rounding := Add(xx, ReduceAllMax(yy)), roundingOf(x.DType())
	lost := lostInNearest(squares, MulScalar(size, rounding), x, y)
	squares = MaxScalar(Add(squares, StopGradient(lost)), 0)
	return root(squares, MulScalar(size, rounding*rounding))
}

// lostInNearest returns what the squared distances [batch, classes] lack of those to the nearest y, so that a feature
// equal to its prototype has distance 0. For all others it is 0, but for those within the tolerance [batch, 1] of the
// nearest: equal prototypes have equal distances.
func lostInNearest(squares, tolerance, x, y *Node) *Node {
	nearest := Gather(y, InsertAxes(ArgMin(squares, -1, dtypes.Int32), -1))
	limit := Add(ReduceAndKeep(squares, ReduceMin, -1), tolerance)
	isNearest := ConvertDType(LessOrEqual(squares, limit), squares.DType())
	return Mul(isNearest, Sub(squaredLengths(Sub(x, nearest)), squares))
}

// root returns the square roots of numbers that are not negative. Up to the limit, where the gradient of a square root
// goes to infinity, theirs is 0.
func root(squares, limit *Node) *Node {
	isFlat := LessOrEqual(squares, limit)
	return Where(isFlat, StopGradient(Sqrt(squares)), Sqrt(Where(isFlat, OnesLike(squares), squares)))
}

// unit returns the directions of the rows, row / ‖row‖. A row shorter than 1e-12 has none: it counts as zero and gets
// no gradient.
func unit(rows *Node) *Node {
	squares := squaredLengths(rows)
	hasDirection := GreaterThan(squares, Scalar(rows.Graph(), rows.DType(), 1e-24))
	inverse := Inverse(Sqrt(Where(hasDirection, squares, OnesLike(squares))))
	return Mul(rows, Where(hasDirection, inverse, ZerosLike(inverse)))
}

// roundingOf returns what a sum of many products may lose, relative to its largest terms.
func roundingOf(dtype dtypes.DType) float64 {
	if dtype == dtypes.Float64 {
		return 0x1p-49
	}
	return 0x1p-20
}

func squaredLengths(rows *Node) *Node { return ReduceAndKeep(Square(rows), ReduceSum, -1) }
