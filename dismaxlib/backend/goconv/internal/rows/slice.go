package rows

import "slices"

// Axis is what a slice takes along one axis of Size: Count elements from Start on.
type Axis struct{ Size, Start, Count int }

// Slice takes a part of an array, [axes...] from the slowest to the fastest in memory.
type Slice struct{ axes []Axis } // the last one, of floats, is a row

// NewSlice prepares a slice along at least one axis. Axes that are taken as a whole become part of the axis before them,
// which makes rows as long as can be.
func NewSlice(axes []Axis) *Slice {
	merged := []Axis{axes[0]}
	for _, axis := range axes[1:] {
		last := &merged[len(merged)-1]
		if axis.Count == axis.Size {
			*last = Axis{Size: last.Size * axis.Size, Start: last.Start * axis.Size, Count: last.Count * axis.Size}
		} else {
			merged = append(merged, axis)
		}
	}
	return &Slice{axes: merged}
}

// Run copies the part of from to to.
func (s *Slice) Run(to, from []float32, run Runner) {
	rows, width := 1, s.axes[len(s.axes)-1].Count
	for _, axis := range s.axes[:len(s.axes)-1] {
		rows *= axis.Count
	}
	inTasks(rows, width, run, func(first, end int) {
		for row := first; row < end; row++ {
			copy(to[row*width:][:width], from[s.start(row):])
		}
	})
}

// start is where in the array a row of the part begins.
func (s *Slice) start(row int) int {
	last := s.axes[len(s.axes)-1]
	at, stride := last.Start, last.Size
	for i, axis := range slices.Backward(s.axes[:len(s.axes)-1]) {
		position := row
		if i > 0 {
			position, row = row%axis.Count, row/axis.Count
		}
		at += (axis.Start + position) * stride
		stride *= axis.Size
	}
	return at
}
