package dismaxlib

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// withGradient returns value with a gradient of our own: backward receives the adjoint of value and returns those of
// the inputs, in their order. The graph has first derivatives only.
//
// GoMLX attaches custom gradients to identities of one input. So each input passes through one, whose value is thrown
// away and whose adjoint is what backward computed when the gradient came by.
func withGradient(value *Node, inputs []*Node, backward func(adjoint *Node) []*Node) *Node {
	never, zero := Const(value.Graph(), false), ScalarZero(value.Graph(), value.DType())
	link := zero
	var adjoints []*Node
	for i, input := range inputs {
		input = IdentityWithCustomGradient(input, func(_, _ *Node) *Node { return adjoints[i] })
		link = Where(never, firstElement(input), link)
	}
	return IdentityWithCustomGradient(Add(StopGradient(value), link), func(_, adjoint *Node) *Node {
		adjoints = backward(adjoint)
		return adjoint
	})
}

func firstElement(x *Node) *Node {
	first := make([]SliceAxisSpec, x.Rank())
	for axis := range first {
		first[axis] = AxisElem(0)
	}
	return Reshape(Slice(x, first...))
}
