package direct

import "github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/scratch"

// groupFloats is about how many floats of framed images one task works on: half a megabyte, so that they stay in the
// second-level cache while the kernels pass over them.
const groupFloats = 128 << 10

// finishRows is how many positions an epilogue gets at a time, a multiple of blockRows: 4 to 8 KB of a panel, which
// are in the first-level cache.
const finishRows = 64

// Forward is a convolution with everything prepared that does not depend on the data. It may be used by many
// goroutines.
type Forward struct {
	c      Convolution
	frame  frame
	panels []Panel
	images int // in a group, which is what a task works on, at most
	passes []*pass

	prologue Prologue // nil for none
}

// Runner calls task(0) to task(tasks-1), in any order, at the same time or not, and returns when all are done. Results
// do not depend on how it does.
type Runner func(tasks int, task func(int))

// NewForward prepares a convolution that is [Convolution.Supported].
func NewForward(c Convolution) *Forward {
	rows, columns := c.Axes[0].phases(), c.Axes[1].phases()
	f := &Forward{c: c, frame: newFrame(&c, rows, columns), panels: newPanels(c.Out)}
	f.images = min(c.Batch, max(1, groupFloats/f.frame.imageLen()))
	f.images = ceilDiv(c.Batch, f.groups())
	for _, row := range rows {
		for _, column := range columns {
			f.passes = append(f.passes, f.newPass(row, column))
		}
	}
	return f
}

func (f *Forward) groups() int { return ceilDiv(f.c.Batch, f.images) }

// Run computes y from x and w.
func (f *Forward) Run(y, x, w []float32, workers int, run Runner) {
	f.RunWith(nil, y, x, w, workers, run)
}

// RunWith is [Forward.Run] with an epilogue, which may be nil and needs a convolution without input dilation.
func (f *Forward) RunWith(epilogue Epilogue, y, x, w []float32, workers int, run Runner) {
	packed, release := f.packAll(w, run)
	defer release()
	groups, parts := f.split(workers)
	run(groups*parts, func(task int) {
		group, part := task/parts, task%parts
		first, end := group*f.c.Batch/groups, (group+1)*f.c.Batch/groups
		count := end - first
		from := x[first*f.c.imageLen():][:count*f.c.imageLen()]
		if f.frame.needed || f.prologue != nil {
			framed, release := scratch.Floats(count * f.frame.imageLen())
			defer release()
			f.frame.fill(framed, from, count, f.prologue)
			from = framed
		}
		to := y[first*f.c.resultLen():][:count*f.c.resultLen()]
		finish := epilogue.behind(first * f.passes[0].perImage)
		for i, p := range f.passes {
			for panel := part * len(f.panels) / parts; panel < (part+1)*len(f.panels)/parts; panel++ {
				p.multiply(to, from, packed[i][panel], count*p.perImage, f.panels[panel], finish)
			}
		}
	})
}

// split divides the work into groups of images and parts of the output channels so that workers have equally much to do.
// Where there are enough groups, there may be some more of fewer images. Where there are too few, channels are shared
// out, so that weights are not read more often; where these do not come out even, there is a group for each worker.
func (f *Forward) split(workers int) (groups, parts int) {
	groups, panels := f.groups(), len(f.panels)
	more := ceilDiv(groups, workers) * workers
	if groups >= workers && more <= f.c.Batch {
		return more, 1
	}
	for parts = min(panels, ceilDiv(workers, groups)); parts <= panels; parts++ {
		if groups*parts%workers == 0 && f.comeOutEven(parts) {
			return groups, parts
		}
	}
	groups = min(f.c.Batch, more)
	return groups, min(panels, ceilDiv(workers, groups))
}

// comeOutEven reports whether no part of the panels has over a quarter more channels than the mean.
func (f *Forward) comeOutEven(parts int) bool {
	largest, panels := 0, len(f.panels)
	for part := range parts {
		some := f.panels[part*panels/parts : (part+1)*panels/parts]
		largest = max(largest, paddedColumns(some)-some[0].First)
	}
	return 4*largest*parts <= 5*paddedColumns(f.panels)
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

// packAll packs the weights for every pass and panel.
func (f *Forward) packAll(w []float32, run Runner) (packed [][][]float32, release func()) {
	room := 0
	for _, p := range f.passes {
		for _, panel := range f.panels {
			room += p.weightLen(panel)
		}
	}
	memory, release := scratch.Floats(room)
	packed = make([][][]float32, len(f.passes))
	for i, p := range f.passes {
		for _, panel := range f.panels {
			packed[i] = append(packed[i], memory[:p.weightLen(panel)])
			memory = memory[p.weightLen(panel):]
		}
	}
	for i, p := range f.passes {
		run(len(p.taps), func(tap int) { p.pack(packed[i], w, tap, f.panels) })
	}
	return packed, release
}

// pass is what one pair of phases needs: its taps, and tables of offsets.
type pass struct {
	c                   *Convolution
	rowTaps, columnTaps []int
	taps                []int // byte offsets in the frame
	slabs               []slab
	xOffsets, yOffsets  []int // byte offsets of the positions of a group of images
	perImage            int   // positions
}

func (f *Forward) newPass(rows, columns phase) *pass {
	p := &pass{c: &f.c, rowTaps: rows.taps, columnTaps: columns.taps, perImage: rows.count * columns.count}
	for _, row := range rows.shifts {
		for _, column := range columns.shifts {
			p.taps = append(p.taps, (row*f.frame.columns+column)*f.c.In*4)
		}
	}
	p.slabs = newSlabs(p.taps, f.c.In)
	for image := range f.images {
		for i := range rows.count {
			for j := range columns.count {
				row, column := rows.first+i*rows.step, columns.first+j*columns.step
				x := image*f.frame.imageLen() + f.frame.offset(rows.stride*i, columns.stride*j)
				y := image*f.c.resultLen() + (row*f.c.Axes[1].Positions+column)*f.c.Out
				p.xOffsets, p.yOffsets = append(p.xOffsets, x*4), append(p.yOffsets, y*4)
			}
		}
	}
	return p
}

// weightLen is the number of packed weights of a panel: [taps, in, width].
func (p *pass) weightLen(panel Panel) int { return len(p.taps) * p.c.In * panel.Width }

// slab is a part of the taps and channels that a kernel sums over, so short that its weights stay in the first-level
// cache while the kernel goes over the positions.
type slab struct {
	taps     []int // byte offsets in the frame, of the slab's first channel
	channels int
	weights  int // where they begin, in rows of a panel
}

// slabRows is how many rows of a panel, one for each tap and channel, make a slab: at most 24 KB of a panel.
const slabRows = 192

func newSlabs(taps []int, channels int) []slab {
	var slabs []slab
	if channels <= slabRows {
		tapsPerSlab := slabRows / channels
		for first := 0; first < len(taps); first += tapsPerSlab {
			some := taps[first:min(first+tapsPerSlab, len(taps))]
			slabs = append(slabs, slab{taps: some, channels: channels, weights: first * channels})
		}
		return slabs
	}
	pieces := (channels + slabRows - 1) / slabRows
	for i, tap := range taps {
		for piece := range pieces {
			first, end := piece*channels/pieces, (piece+1)*channels/pieces
			slabs = append(slabs, slab{taps: []int{tap + first*4}, channels: end - first, weights: i*channels + first})
		}
	}
	return slabs
}

// multiply computes one panel of the outputs of some positions, and finishes each block of them.
func (p *pass) multiply(y, x, weights []float32, positions int, panel Panel, finish Epilogue) {
	if len(p.taps) == 0 {
		// No tap reaches these positions, as in the gradient of a 1x1 convolution of stride 2.
		for _, offset := range p.yOffsets[:positions] {
			clear(y[offset/4+panel.First:][:panel.Valid])
		}
		return
	}
	whole := 0
	if panel.Valid == panel.Width {
		whole = positions / blockRows * blockRows
	}
	rows := kernels.rows[panel.Width]
	for add, s := range p.slabs {
		w := &weights[s.weights*panel.Width]
		for first := 0; first < whole; first += blockRows {
			rows(&x[0], &y[panel.First], w, &p.xOffsets[first], &p.yOffsets[first], &s.taps[0], len(s.taps), s.channels, add)
			if end := first + blockRows; finish != nil && add == len(p.slabs)-1 && (end%finishRows == 0 || end == whole) {
				finish(first/finishRows*finishRows, end, panel.First, panel.First+panel.Width)
			}
		}
	}
	if whole == positions {
		return
	}
	block, release := scratch.Floats(blockRows * panel.Width)
	defer release()
	var xOffsets, blockOffsets [blockRows]int
	for first := whole; first < positions; first += blockRows {
		count := min(positions-first, blockRows)
		p.multiplyPart(y, x, weights, panel, first, count, block, &xOffsets, &blockOffsets)
		if finish != nil {
			finish(first, first+count, panel.First, panel.First+panel.Valid)
		}
	}
}

// multiplyPart computes a block that has fewer positions or outputs than the kernel, in memory for a whole one and for
// the offsets of its rows. All of it is handed in: what a kernel is given lies on the heap.
func (p *pass) multiplyPart(
	y, x, weights []float32, panel Panel, first, count int, block []float32, xOffsets, blockOffsets *[blockRows]int,
) {
	for row := range blockRows {
		xOffsets[row] = p.xOffsets[first+min(row, count-1)]
		blockOffsets[row] = row * panel.Width * 4
	}
	for add, s := range p.slabs {
		kernels.rows[panel.Width](&x[0], &block[0], &weights[s.weights*panel.Width], &xOffsets[0], &blockOffsets[0],
			&s.taps[0], len(s.taps), s.channels, add)
	}
	for row := range count {
		copy(y[p.yOffsets[first+row]/4+panel.First:][:panel.Valid], block[row*panel.Width:])
	}
}
