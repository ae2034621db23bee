package posthoc

import (
	"math"

	"github.com/dismax-go/dismax/dismaxlib"
	. "github.com/gomlx/gomlx/core/graph"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// state returns a part of the fitted state of a score, and panics if it is not there.
func state(in dismaxlib.ScoreInputs, name string) *Node {
	value := in.Fitted[name]
	if value == nil {
		Panicf("the state of the score has no %q: fit it by dismaxlib.FitScores", name)
	}
	return value
}

// energy returns log sum exp of the logits [batch, classes], [batch].
func energy(logits *Node) *Node {
	return dismaxlib.Energy.Graph(dismaxlib.ScoreInputs{Logits: logits})
}

// product returns x · yᵀ, [batch, n], of x [batch, size] and y [n, size].
func product(x, y *Node) *Node { return Einsum("bf,nf->bn", x, y) }

// lengths returns ‖row‖, [batch, 1], and a tiny number for a row of zeros, so that one may divide by it.
func lengths(rows *Node) *Node {
	const tiny = 1e-12
	return MaxScalar(Sqrt(ReduceAndKeep(Square(rows), ReduceSum, -1)), tiny)
}

// unit returns row / ‖row‖, and zeros for a row of zeros.
func unit(rows *Node) *Node { return Div(rows, lengths(rows)) }

// predicted returns the rows of the table [classes, n] of the predicted classes, [batch, n].
func predicted(logits, table *Node) *Node {
	return Gather(table, InsertAxes(ArgMax(logits, -1), -1))
}

// kthLargest returns the k-th largest of each row, [batch, 1], k from 1 to the number of columns of x [batch, n]. It panics
// on any other k.
//
// It halves the range in which the value lies until this is as narrow as the digits of a float64 allow, and takes the
// largest number in it: many passes of simple operations, yet a hundred times faster than GoMLX's TopK on backends in
// Go, whose sort calls a function for each comparison.
func kthLargest(x *Node, k int) *Node {
	const halvings = 53
	if k < 1 || k > x.Shape().Dim(-1) {
		Panicf("the %d-th largest of %d numbers: want 1 to %[2]d", k, x.Shape().Dim(-1))
	}
	n := float64(x.Shape().Dim(-1))
	low, high := ReduceAndKeep(x, ReduceMin, -1), ReduceAndKeep(x, ReduceMax, -1)
	for range halvings {
		middle := MulScalar(Add(low, high), 0.5)
		// The sum of the signs is the number of the larger less that of the smaller ones.
		larger := MulScalar(AddScalar(ReduceAndKeep(Sign(Sub(x, middle)), ReduceSum, -1), n), 0.5)
		isBelow := GreaterOrEqual(larger, Scalar(x.Graph(), x.DType(), float64(k)))
		low, high = Where(isBelow, middle, low), Where(isBelow, high, middle)
	}
	return largestUpTo(x, high)
}

// largestUpTo returns the largest number of each row that is not above the limit [batch, 1], [batch, 1].
func largestUpTo(x, limit *Node) *Node {
	smallest := Scalar(x.Graph(), x.DType(), math.Inf(-1))
	return ReduceAndKeep(Where(LessOrEqual(x, limit), x, BroadcastToShape(smallest, x.Shape())), ReduceMax, -1)
}

// sumOfLargest returns the sum of the k largest of each row, [batch, 1].
func sumOfLargest(x *Node, k int) *Node {
	kth := kthLargest(x, k)
	isLarger := ConvertDType(GreaterThan(x, kth), x.DType())
	count := ReduceAndKeep(isLarger, ReduceSum, -1)
	rest := Mul(Sub(Scalar(x.Graph(), x.DType(), float64(k)), count), kth) // as many of those equal to it as fit
	return Add(ReduceAndKeep(Mul(isLarger, x), ReduceSum, -1), rest)
}
