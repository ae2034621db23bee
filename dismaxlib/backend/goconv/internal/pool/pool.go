// Package pool reduces windows of float32 images, [batch, rows, columns, channels]: mean and maximum pooling and, as
// sums over windows, the gradient of the mean; and the gradient of the maximum. Slices in, slices out.
package pool

// Window describes the reduction of windows. There are always two spatial axes; for one, the first has 1 everywhere.
type Window struct {
	Batch, Channels int
	Axes            [2]Axis // rows, columns
}

// Axis is one spatial axis: the window of output position p covers the input from Stride·p - Pad, Width elements long,
// as far as they exist.
type Axis struct{ Size, Width, Positions, Stride, Pad int }

// Runner calls task(0) to task(tasks-1), in any order, at the same time or not, and returns when all are done.
type Runner func(tasks int, task func(int))

// Sum computes the sum of every window.
func (w *Window) Sum(y, x []float32, run Runner) {
	w.reduce(y, x, 0, run, func(to, from []float32) {
		for i, v := range from {
			to[i] += v
		}
	})
}

// Max computes the largest element of every window, NaN if one is in it; minus infinity is what an empty one has.
func (w *Window) Max(y, x []float32, empty float32, run Runner) {
	w.reduce(y, x, empty, run, func(to, from []float32) {
		for i, v := range from {
			to[i] = max(to[i], v)
		}
	})
}

// reduce starts every output from an initial value and merges the pixels of its window into it. A task is a row.
func (w *Window) reduce(y, x []float32, initial float32, run Runner, merge func(to, from []float32)) {
	rows, columns := w.Axes[0], w.Axes[1]
	run(w.Batch*rows.Positions, func(task int) {
		image, row := task/rows.Positions, task%rows.Positions
		firstRow, endRow := rows.window(row)
		for column := range columns.Positions {
			to := y[(task*columns.Positions+column)*w.Channels:][:w.Channels]
			for i := range to {
				to[i] = initial
			}
			firstColumn, endColumn := columns.window(column)
			for r := firstRow; r < endRow; r++ {
				for c := firstColumn; c < endColumn; c++ {
					from := x[((image*rows.Size+r)*columns.Size+c)*w.Channels:]
					merge(to, from[:len(to)])
				}
			}
		}
	})
}

// MaxGradient gives dy of every window to the place in dx where x is the largest in it: the first such place, or the
// last NaN.
func (w *Window) MaxGradient(dx, x, dy []float32, run Runner) {
	imageLen := w.Axes[0].Size * w.Axes[1].Size * w.Channels
	run(w.Batch, func(image int) {
		clear(dx[image*imageLen:][:imageLen])
		for row := range w.Axes[0].Positions {
			for column := range w.Axes[1].Positions {
				position := (image*w.Axes[0].Positions+row)*w.Axes[1].Positions + column
				for channel, gradient := range dy[position*w.Channels:][:w.Channels] {
					if largest := w.largest(x, image, row, column, channel); largest >= 0 {
						dx[largest] += gradient
					}
				}
			}
		}
	})
}

// largest is where x is the largest in a window, -1 if the window is empty.
func (w *Window) largest(x []float32, image, row, column, channel int) int {
	firstRow, endRow := w.Axes[0].window(row)
	firstColumn, endColumn := w.Axes[1].window(column)
	largest := -1
	for r := firstRow; r < endRow; r++ {
		at := ((image*w.Axes[0].Size+r)*w.Axes[1].Size+firstColumn)*w.Channels + channel
		for range endColumn - firstColumn {
			if v := x[at]; largest < 0 || v > x[largest] || v != v {
				largest = at
			}
			at += w.Channels
		}
	}
	return largest
}

// window is the range of input elements that an output position covers.
func (a *Axis) window(position int) (first, end int) {
	first = a.Stride*position - a.Pad
	return max(first, 0), min(first+a.Width, a.Size)
}
