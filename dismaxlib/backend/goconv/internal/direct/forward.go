package direct

// groupFloats is about how many floats of framed images one task works on: half a megabyte, so that they stay in the
// second-level cache while the kernels pass over them.
const groupFloats = 128 << 10

// Forward is a convolution with everything prepared that does not depend on the data. It may be used by many
// goroutines.
type Forward struct {
	c      Convolution
	frame  frame
	panels []panel
	images int // in a group, which is what a task works on
	passes []*pass
}

// Runner calls task(0) to task(tasks-1), in any order, at the same time or not, and returns when all are done. Results
// do not depend on how it does.
type Runner func(tasks int, task func(int))

// NewForward prepares a convolution that is [Convolution.Supported].
func NewForward(c Convolution) *Forward {
	rows, columns := c.Axes[0].phases(), c.Axes[1].phases()
	f := &Forward{c: c, frame: newFrame(&c, rows, columns), panels: panelsOf(c.Out)}
	f.images = min(c.Batch, max(1, groupFloats/f.frame.imageLen()))
	f.images = (c.Batch + f.groups() - 1) / f.groups()
	for _, row := range rows {
		for _, column := range columns {
			f.passes = append(f.passes, f.newPass(row, column))
		}
	}
	return f
}

func (f *Forward) groups() int { return (f.c.Batch + f.images - 1) / f.images }

// Run computes y from x and w. With fewer groups of images than workers, the output channels are shared out as well.
func (f *Forward) Run(y, x, w []float32, workers int, run Runner) {
	packed, release := f.packAll(w)
	defer release()
	groups := f.groups()
	parts := min(len(f.panels), (workers+groups-1)/groups)
	run(groups*parts, func(task int) {
		group, part := task/parts, task%parts
		first := group * f.images
		count := min(f.images, f.c.Batch-first)
		if count <= 0 {
			return
		}
		from := x[first*f.c.imageLen():][:count*f.c.imageLen()]
		if f.frame.needed {
			framed, release := scratch(count * f.frame.imageLen())
			defer release()
			f.frame.fill(framed, from, count)
			from = framed
		}
		to := y[first*f.c.resultLen():][:count*f.c.resultLen()]
		for i, p := range f.passes {
			for panel := part * len(f.panels) / parts; panel < (part+1)*len(f.panels)/parts; panel++ {
				p.multiply(to, from, packed[i][panel], count*p.perImage, f.panels[panel])
			}
		}
	})
}

// packAll packs the weights for every pass and panel.
func (f *Forward) packAll(w []float32) (packed [][][]float32, release func()) {
	room := 0
	for _, p := range f.passes {
		for _, panel := range f.panels {
			room += p.weightLen(panel)
		}
	}
	memory, release := scratch(room)
	packed = make([][][]float32, len(f.passes))
	for i, p := range f.passes {
		for _, panel := range f.panels {
			weights := memory[:p.weightLen(panel)]
			memory = memory[len(weights):]
			p.pack(weights, w, panel)
			packed[i] = append(packed[i], weights)
		}
	}
	return packed, release
}

// panel is a range of output channels that a kernel computes at once. Its width may reach beyond the last channel.
type panel struct{ first, width, valid int }

func panelsOf(channels int) []panel {
	var panels []panel
	for first := 0; first < channels; {
		width := kernels.panelFor(channels - first)
		panels = append(panels, panel{first, width, min(width, channels-first)})
		first += width
	}
	return panels
}

// pass is what one pair of phases needs: its taps, and tables of offsets.
type pass struct {
	c                   *Convolution
	rowTaps, columnTaps []int
	taps                []int // byte offsets in the frame
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
func (p *pass) weightLen(panel panel) int { return len(p.taps) * p.c.In * panel.width }

// pack copies the weights of the taps and a panel of outputs, with zeros beyond the outputs.
func (p *pass) pack(packed, w []float32, panel panel) {
	if panel.valid < panel.width {
		clear(packed)
	}
	strides := p.c.KernelStrides
	perTap := p.c.In * panel.width
	for _, row := range p.rowTaps {
		for _, column := range p.columnTaps {
			from := p.c.KernelStart + row*strides[0] + column*strides[1] + panel.first*strides[3]
			p.packTap(packed[:perTap], w, from, panel)
			packed = packed[perTap:]
		}
	}
}

// packTap copies [in, outputs of the panel], which begins at w[from], reading along what is contiguous.
func (p *pass) packTap(packed, w []float32, from int, panel panel) {
	inStride, outStride := p.c.KernelStrides[2], p.c.KernelStrides[3]
	if outStride == 1 {
		for in := range p.c.In {
			copy(packed[in*panel.width:], w[from+in*inStride:][:panel.valid])
		}
		return
	}
	// A transposition, in pieces that the first-level cache holds.
	const piece = 32
	for first := 0; first < p.c.In; first += piece {
		end := min(first+piece, p.c.In)
		for out := range panel.valid {
			at := from + out*outStride + first*inStride
			to := packed[out:]
			for in := first; in < end; in++ {
				to[in*panel.width] = w[at]
				at += inStride
			}
		}
	}
}

// multiply computes one panel of the outputs of some positions.
func (p *pass) multiply(y, x, weights []float32, positions int, panel panel) {
	if len(p.taps) == 0 {
		// No tap reaches these positions, as in the gradient of a 1x1 convolution of stride 2.
		for _, offset := range p.yOffsets[:positions] {
			clear(y[offset/4+panel.first:][:panel.valid])
		}
		return
	}
	rows := kernels.rows[panel.width]
	for first := 0; first < positions; first += blockRows {
		if count := positions - first; count < blockRows || panel.valid < panel.width {
			p.multiplyPart(y, x, weights, panel, first, min(count, blockRows))
			continue
		}
		rows(&x[0], &y[panel.first], &weights[0], &p.xOffsets[first], &p.yOffsets[first], &p.taps[0], len(p.taps), p.c.In)
	}
}

// multiplyPart computes a block that has fewer positions or outputs than the kernel, in memory of its own.
func (p *pass) multiplyPart(y, x, weights []float32, panel panel, first, count int) {
	var block [blockRows * 2 * vectorWidth]float32
	var xOffsets, blockOffsets [blockRows]int
	for row := range blockRows {
		xOffsets[row] = p.xOffsets[first+min(row, count-1)]
		blockOffsets[row] = row * panel.width * 4
	}
	kernels.rows[panel.width](&x[0], &block[0], &weights[0], &xOffsets[0], &blockOffsets[0],
		&p.taps[0], len(p.taps), p.c.In)
	for row := range count {
		copy(y[p.yOffsets[first+row]/4+panel.first:][:panel.valid], block[row*panel.width:])
	}
}
