package direct

// frame is how images lie in memory with the zeros around them that the taps reach: [rows, columns, channels].
type frame struct {
	c             *Convolution
	low           [2]int // where the frame begins, 0 or less
	rows, columns int
	needed        bool // false if the images can be read where they are
}

func newFrame(c *Convolution, rows, columns []phase) frame {
	f := frame{c: c}
	var high [2]int
	for i, phases := range [][]phase{rows, columns} {
		f.low[i], high[i] = c.Axes[i].reach(phases)
	}
	f.rows, f.columns = high[0]-f.low[0], high[1]-f.low[1]
	f.needed = f.rows != c.Axes[0].Size || f.columns != c.Axes[1].Size
	return f
}

// imageLen is the number of floats of an image in the frame.
func (f *frame) imageLen() int { return f.rows * f.columns * f.c.In }

// offset is where the frame has the input position (row, column), in floats.
func (f *frame) offset(row, column int) int {
	return ((row-f.low[0])*f.columns + column - f.low[1]) * f.c.In
}

// fill puts images, or what a prologue makes of them, into the frame with zeros around.
func (f *frame) fill(framed, x []float32, images int, prologue Prologue) {
	if prologue == nil {
		prologue = func(to, from []float32) { copy(to, from) }
	}
	height, width := f.c.Axes[0].Size, f.c.Axes[1].Size*f.c.In
	if !f.needed {
		height, width = 1, f.c.imageLen()
	}
	end := 0 // of what is filled
	for image := range images {
		for row := range height {
			from := x[(image*height+row)*width:]
			start := image*f.imageLen() + f.offset(row, 0)
			clear(framed[end:start])
			end = start + width
			prologue(framed[start:end], from[:width])
		}
	}
	clear(framed[end:])
}
