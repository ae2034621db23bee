package goconv

import (
	"slices"

	"github.com/gomlx/compute"
)

// walk is a regular walk over one spatial axis: count steps of the given length.
type walk struct{ count, step int }

// positionWalk is how the output positions move over the padded input.
func (c *convolution) positionWalk() []walk {
	walks := make([]walk, len(c.spatial))
	for i, axis := range c.spatial {
		walks[i] = walk{count: axis.positions, step: axis.stride}
	}
	return walks
}

// tapWalk is how the taps of the kernel move over the padded input.
func (c *convolution) tapWalk() []walk {
	walks := make([]walk, len(c.spatial))
	for i, axis := range c.spatial {
		walks[i] = walk{count: axis.taps, step: axis.dilation}
	}
	return walks
}

// columns is the im2col matrix of x, [lead, size..., trail]:
//
//	columns[lead, o..., i..., trail] = x'[lead, outer.step*o + inner.step*i, trail]
//
// with x' the dilated and padded x. It costs one Pad and one Gather that copies the longest runs there are: all steps
// of the last inner walk at once where they are neighbours, else one step.
//
// The padding behind is just what the walks reach, whatever the convolution asked for. So a forward pass and the
// gradient of its kernel, which differ in nothing else, emit the same nodes, and the inner backend keeps only one.
func (c *convolution) columns(g *graph, x compute.Value, outer, inner []walk) compute.Value {
	shape := g.shape(x)
	if g.err != nil {
		return nil
	}
	lead, trail := shape.Dim(0), shape.Dim(-1)

	padding := make([]compute.PadAxis, len(c.spatial)+2)
	reach := make([]int, len(c.spatial))
	for i, axis := range c.spatial {
		reach[i] = (outer[i].count-1)*outer[i].step + (inner[i].count-1)*inner[i].step + 1
		dilated := (axis.size-1)*axis.inputDilation + 1
		padding[i+1] = compute.PadAxis{
			Start: axis.padLow, End: reach[i] - axis.padLow - dilated, Interior: axis.inputDilation - 1,
		}
	}
	x = g.pad(x, padding)

	dimensions := []int{lead}
	for _, w := range outer {
		dimensions = append(dimensions, w.count)
	}
	for _, w := range inner {
		dimensions = append(dimensions, w.count)
	}
	dimensions = append(dimensions, trail)
	if isIdentity(outer, inner) {
		return g.reshape(x, dimensions...)
	}

	run := 1
	last := len(inner) - 1
	if inner[last].step == 1 {
		run = inner[last].count
		inner = slices.Clone(inner)
		inner[last].count = 1
	}
	starts := runStarts(lead, reach, outer, inner)
	x = g.reshape(x, lead*product(reach), trail)
	return g.reshape(g.gatherRows(x, g.indices(starts, len(starts)), run), dimensions...)
}

// isIdentity reports whether the columns are the padded input itself, as in a 1x1 convolution of stride 1.
func isIdentity(outer, inner []walk) bool {
	for i := range outer {
		if outer[i].step != 1 || inner[i].count != 1 {
			return false
		}
	}
	return true
}

// runStarts lists the first row of every run, in the order of the columns.
func runStarts(lead int, reach []int, outer, inner []walk) []int32 {
	starts := make([]int32, lead)
	for i := range starts {
		starts[i] = int32(i * product(reach))
	}
	for i := range reach {
		starts = spread(starts, outer[i], product(reach[i+1:]))
	}
	for i := range reach {
		starts = spread(starts, inner[i], product(reach[i+1:]))
	}
	return starts
}

// spread replaces every start by the starts of the steps of a walk from it.
func spread(starts []int32, w walk, stride int) []int32 {
	all := make([]int32, 0, len(starts)*w.count)
	for _, start := range starts {
		for step := range w.count {
			all = append(all, start+int32(step*w.step*stride))
		}
	}
	return all
}
