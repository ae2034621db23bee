package rows

// Concatenation puts arrays side by side, [Rows, Widths[0]] and [Rows, Widths[1]] and so on.
type Concatenation struct {
	Rows   int
	Widths []int
}

// Run copies the arrays to to, [Rows, sum of Widths].
func (c *Concatenation) Run(to []float32, from [][]float32, run Runner) {
	total := 0
	for _, width := range c.Widths {
		total += width
	}
	inTasks(c.Rows, total, run, func(first, end int) {
		start := 0
		for i, width := range c.Widths {
			for row := first; row < end; row++ {
				copy(to[row*total+start:][:width], from[i][row*width:])
			}
			start += width
		}
	})
}
