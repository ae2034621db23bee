package dismaxlib

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// unit divides each row of x [rows, features] by its length. A row of zeros has no direction: it stays zero and gets
// no gradient.
func unit(x *Node) *Node {
	squares := ReduceAndKeep(Square(x), ReduceSum, -1)
	isZero := Equal(squares, ZerosLike(squares))
	length := Sqrt(Where(isZero, OnesLike(squares), squares))
	return Where(isZero, ZerosLike(x), Div(x, length))
}

// distances returns the Euclidean distances [batch, classes] of each row of x [batch, features] to each row of y
// [classes, features]. The distance of equal rows is exactly 0, with gradient 0.
func distances(x, y *Node) *Node {
	difference := Sub(InsertAxes(x, 1), InsertAxes(y, 0))
	return sqrtOrZero(ReduceSum(Square(difference), -1))
}

// sqrtOrZero is the square root, with gradient 0 instead of infinity at 0.
func sqrtOrZero(x *Node) *Node {
	isPositive := GreaterThan(x, ZerosLike(x))
	return Where(isPositive, Sqrt(Where(isPositive, x, OnesLike(x))), ZerosLike(x))
}
