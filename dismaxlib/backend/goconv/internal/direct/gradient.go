package direct

import "github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/scratch"

const (
	// gradientChunks is into how many parts the images are divided at most, each with a sum of its own, where the
	// kernel is small, and chunkPositions how many positions are worth a part. Neither depends on the number of
	// processors, so that the order of summation does not.
	gradientChunks = 16
	chunkPositions = 1024

	// addFloats is how many floats of all chunks' sums a task adds.
	addFloats = 4 << 10

	// smallKernel is how many floats a kernel may have to be summed in parts.
	smallKernel = 128 << 10

	// sumPositions is how many positions are summed in registers before the sums go to memory. Their gradients of a
	// panel, at most 32 KB, stay in the first-level cache while the kernel goes over the runs.
	sumPositions = 256
)

// KernelGradient is the gradient of the kernel,
//
//	dw[tap, in, out] = Σ over batch, position of
//		x'[batch, Stride·position + Dilation·tap - Pad, in] · dy[batch, position, out],
//
// with everything prepared that does not depend on the data. It may be used by many goroutines.
//
// It sums into [runs, run, outs], where a run is what lies contiguously in the frame for a position: the channels of
// all taps of a row if these are neighbours, else those of one tap. Runs are rounded up to whole blocks and outs to
// whole panels.
type KernelGradient struct {
	c         Convolution
	frame     frame
	runs      []run
	runLen    int // floats that count
	runRoom   int // floats with rounding
	panels    []Panel
	outs      int // floats with rounding
	blocks    []gradientBlock
	xOffsets  []int // byte offsets of the positions of a group of images in the frame
	dyOffsets []int
	images    int // in a group
	perImage  int // positions
	copyX     bool
	copyDy    bool

	prologue Prologue // nil for none
}

// run is the taps from (row, column) on; at is how far behind the first tap's the frame has them, in floats.
type run struct{ row, column, at int }

// gradientBlock is what a kernel sums at once.
type gradientBlock struct{ run, first, panel int }

// NewKernelGradient prepares the gradient of the kernel of a convolution without input dilation that is
// [Convolution.Supported]. The gradient has the memory order of the kernel.
func NewKernelGradient(c Convolution) *KernelGradient {
	rows, columns := c.Axes[0].phases()[0], c.Axes[1].phases()[0]
	g := &KernelGradient{c: c, frame: newFrame(&c, []phase{rows}, []phase{columns}), panels: newPanels(c.Out)}
	g.runLen = c.In
	neighbours := c.Axes[1].Dilation == 1
	if neighbours {
		g.runLen *= c.Axes[1].Taps
	}
	for i, row := range rows.shifts {
		for j, column := range columns.shifts {
			if j > 0 && neighbours {
				break
			}
			at := ((row-rows.shifts[0])*g.frame.columns + column - columns.shifts[0]) * c.In
			g.runs = append(g.runs, run{row: i, column: j, at: at})
		}
	}
	g.runRoom = (g.runLen + blockRows - 1) / blockRows * blockRows
	g.outs = paddedColumns(g.panels)
	for panel := range g.panels {
		for i := range g.runs {
			for first := 0; first < g.runLen; first += blockRows {
				g.blocks = append(g.blocks, gradientBlock{run: i, first: first, panel: panel})
			}
		}
	}

	// What is read beyond a run or beyond the outputs counts for nothing, but must be there to be read.
	g.copyX = g.frame.needed || g.runRoom != g.runLen
	g.copyDy = g.outs != c.Out
	g.perImage = rows.count * columns.count
	g.images = min(c.Batch, max(1, groupFloats/g.frame.imageLen()))
	for image := range g.images {
		for i := range rows.count {
			for j := range columns.count {
				x := image*g.frame.imageLen() + g.frame.offset(rows.stride*i+rows.shifts[0], columns.stride*j+columns.shifts[0])
				g.xOffsets = append(g.xOffsets, x*4)
				g.dyOffsets = append(g.dyOffsets, len(g.dyOffsets)*g.outs*4)
			}
		}
	}
	return g
}

// Run computes dw from x and dy.
func (g *KernelGradient) Run(dw, x, dy []float32, workers int, run Runner) {
	chunks := 1
	if len(dw) <= smallKernel {
		chunks = max(1, min(gradientChunks, g.c.Batch, g.c.Batch*g.perImage/chunkPositions))
	}
	parts := min(ceilDiv(workers, chunks), len(g.blocks))
	sums := make([][]float32, chunks)
	for i := range sums {
		if i == 0 && g.inOrder() {
			sums[i] = dw
		} else {
			sum, release := scratch.Floats(g.sumLen())
			defer release()
			sums[i] = sum
		}
	}
	run(chunks*parts, func(task int) {
		chunk, part := task/parts, task%parts
		first, end := chunk*g.c.Batch/chunks, (chunk+1)*g.c.Batch/chunks
		blocks := g.blocks[part*len(g.blocks)/parts : (part+1)*len(g.blocks)/parts]
		g.sumImages(sums[chunk], x, dy, first, end, blocks)
	})
	addTo(sums[0], sums[1:], run)
	if !g.inOrder() {
		g.scatter(dw, sums[0])
	}
}

// addTo adds arrays to the first, one after the other.
func addTo(to []float32, arrays [][]float32, run Runner) {
	if len(arrays) == 0 {
		return
	}
	run(ceilDiv(len(to), addFloats), func(task int) {
		first, end := task*addFloats, min((task+1)*addFloats, len(to))
		for _, array := range arrays {
			for i, v := range array[first:end] {
				to[first+i] += v
			}
		}
	})
}

func (g *KernelGradient) sumLen() int { return len(g.runs) * g.runRoom * g.outs }

// sumImages computes some blocks of the sum over images first to end-1.
func (g *KernelGradient) sumImages(sum, x, dy []float32, first, end int, blocks []gradientBlock) {
	var framed, spread []float32
	copyX := g.copyX || g.prologue != nil
	if copyX {
		var release func()
		framed, release = scratch.Floats(g.images*g.frame.imageLen() + blockRows)
		defer release()
	}
	if g.copyDy {
		var release func()
		spread, release = scratch.Floats(g.images * g.perImage * g.outs)
		defer release()
	}
	imageLen, resultLen := g.c.imageLen(), g.c.resultLen()
	add := 0 // until the first kernels have stored their sums
	for ; first < end; first += g.images {
		count := min(g.images, end-first)
		xs, dys := x[first*imageLen:(first+count)*imageLen], dy[first*resultLen:(first+count)*resultLen]
		if copyX {
			g.frame.fill(framed, xs, count, g.prologue)
			xs = framed
		}
		if g.copyDy {
			for position := range count * g.perImage {
				copy(spread[position*g.outs:], dys[position*g.c.Out:(position+1)*g.c.Out])
			}
			dys = spread
		}
		for position := 0; position < count*g.perImage; position += sumPositions {
			positions := min(sumPositions, count*g.perImage-position)
			for _, b := range blocks {
				panel := g.panels[b.panel]
				at := (b.run*g.runRoom+b.first)*g.outs + panel.First
				kernels.outer[panel.Width](&xs[g.runs[b.run].at+b.first], &dys[panel.First], &sum[at],
					&g.xOffsets[position], &g.dyOffsets[position], positions, g.outs*4, add)
			}
			add = 1
		}
	}
}

// inOrder reports whether the sums lie in memory as the kernel does.
func (g *KernelGradient) inOrder() bool {
	c := &g.c
	return g.runRoom == g.runLen && g.outs == c.Out && c.KernelStart == 0 &&
		c.KernelStrides == [4]int{c.Axes[1].Taps * c.In * c.Out, c.In * c.Out, c.Out, 1}
}

// scatter puts the sums where the kernel's memory order wants them.
func (g *KernelGradient) scatter(dw, sum []float32) {
	strides := g.c.KernelStrides
	for i, run := range g.runs {
		for r := range g.runLen {
			from := sum[(i*g.runRoom+r)*g.outs:]
			tap, in := run.column+r/g.c.In, r%g.c.In
			to := g.c.KernelStart + run.row*strides[0] + tap*strides[1] + in*strides[2]
			for out := range g.c.Out {
				dw[to+out*strides[3]] = from[out]
			}
		}
	}
}
