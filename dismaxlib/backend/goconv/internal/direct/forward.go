package direct

// groupFloats is about how many floats of framed images one task works on: half a megabyte, so that they stay in the
// second-level cache while the kernels pass over them.
const groupFloats = 128 << 10

// Forward computes y from x and w, on the goroutines that run starts: run(n, task) has to call task(0) to task(n-1),
// in any order, at the same time or not, and return when all are done. The result does not depend on how it does.
func (c *Convolution) Forward(y, x, w []float32, workers int, run func(tasks int, task func(int))) {
	phases := [2][]phase{c.Axes[0].phases(), c.Axes[1].phases()}
	f := newFrame(c, phases)
	panels := panelsOf(c.Out)

	images := min(c.Batch, max(1, groupFloats/f.imageLen()))
	groups := (c.Batch + images - 1) / images
	images = (c.Batch + groups - 1) / groups
	// With fewer groups than workers, each group's panels are shared out as well.
	parts := min(len(panels), (workers+groups-1)/groups)

	var passes []*pass
	for _, rows := range phases[0] {
		for _, columns := range phases[1] {
			passes = append(passes, c.newPass(&f, rows, columns, images, panels, w))
		}
	}
	defer func() {
		for _, p := range passes {
			p.release()
		}
	}()
	inputLen := c.InputLen() / c.Batch
	outputLen := c.OutputLen() / c.Batch
	run(groups*parts, func(task int) {
		group, part := task/parts, task%parts
		first := group * images
		count := min(images, c.Batch-first)
		if count <= 0 {
			return
		}
		from := x[first*inputLen : (first+count)*inputLen]
		if f.needed {
			framed, release := scratch(count * f.imageLen())
			defer release()
			f.fill(framed, from, count)
			from = framed
		}
		to := y[first*outputLen : (first+count)*outputLen]
		for _, p := range passes {
			for i := part * len(panels) / parts; i < (part+1)*len(panels)/parts; i++ {
				p.multiply(to, from, count, i)
			}
		}
	})
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

// pass is what one phase needs: the weights of its taps, packed panel by panel, and tables of offsets.
type pass struct {
	c                  *Convolution
	panels             []panel
	weights            [][]float32 // by panel: [taps, in, width]
	releases           []func()    // of the weights' memory
	taps               []int       // byte offsets in the frame
	xOffsets, yOffsets []int       // byte offsets of the positions of a group of images
	perImage           int         // positions
}

func (c *Convolution) newPass(f *frame, rows, columns phase, images int, panels []panel, w []float32) *pass {
	p := &pass{c: c, panels: panels, perImage: rows.count * columns.count}
	for _, row := range rows.shifts {
		for _, column := range columns.shifts {
			p.taps = append(p.taps, (row*f.columns+column)*c.In*4)
		}
	}
	p.weights, p.releases = make([][]float32, len(panels)), make([]func(), len(panels))
	for i, panel := range panels {
		p.weights[i], p.releases[i] = scratch(len(p.taps) * c.In * panel.width)
		c.pack(p.weights[i], w, rows.taps, columns.taps, panel)
	}

	p.xOffsets, p.yOffsets = make([]int, 0, images*p.perImage), make([]int, 0, images*p.perImage)
	for image := range images {
		for i := range rows.count {
			for j := range columns.count {
				row, column := rows.first+i*rows.step, columns.first+j*columns.step
				x := image*f.imageLen() + f.offset(rows.stride*i, columns.stride*j)
				y := ((image*c.Axes[0].Positions+row)*c.Axes[1].Positions + column) * c.Out
				p.xOffsets, p.yOffsets = append(p.xOffsets, x*4), append(p.yOffsets, y*4)
			}
		}
	}
	return p
}

// pack copies the weights of some taps and a panel of outputs into [taps, in, width], with zeros beyond the outputs.
func (c *Convolution) pack(packed, w []float32, rowTaps, columnTaps []int, panel panel) {
	if panel.valid < panel.width {
		clear(packed)
	}
	perTap := c.In * panel.width
	for _, row := range rowTaps {
		for _, column := range columnTaps {
			from := row*c.KernelStrides[0] + column*c.KernelStrides[1] + panel.first*c.KernelStrides[3]
			c.packTap(packed[:perTap], w, from, panel)
			packed = packed[perTap:]
		}
	}
}

func (p *pass) release() {
	for _, release := range p.releases {
		release()
	}
}

// packTap copies [in, outputs of the panel], which begins at w[from], reading along what is contiguous.
func (c *Convolution) packTap(packed, w []float32, from int, panel panel) {
	inStride, outStride := c.KernelStrides[2], c.KernelStrides[3]
	if outStride == 1 {
		for in := range c.In {
			copy(packed[in*panel.width:], w[from+in*inStride:][:panel.valid])
		}
		return
	}
	for out := range panel.valid {
		at := from + out*outStride
		for in := range c.In {
			packed[in*panel.width+out] = w[at+in*inStride]
		}
	}
}

// multiply computes one panel of the outputs of all positions of some images.
func (p *pass) multiply(y, x []float32, images, panelIndex int) {
	panel := p.panels[panelIndex]
	positions := images * p.perImage
	if len(p.taps) == 0 {
		p.clear(y, positions, panel)
		return
	}
	rows, w := kernels.rows[panel.width], &p.weights[panelIndex][0]
	for first := 0; first < positions; first += blockRows {
		count := min(blockRows, positions-first)
		if count == blockRows && panel.valid == panel.width {
			rows(&x[0], &y[panel.first], w, &p.xOffsets[first], &p.yOffsets[first], &p.taps[0], len(p.taps), p.c.In)
			continue
		}
		p.multiplyPart(y, x, panelIndex, first, count)
	}
}

// multiplyPart computes a block that has fewer positions or outputs than the kernel, in memory of its own.
func (p *pass) multiplyPart(y, x []float32, panelIndex, first, count int) {
	panel := p.panels[panelIndex]
	var block [blockRows * 2 * vectorWidth]float32
	var xOffsets, blockOffsets [blockRows]int
	for row := range blockRows {
		xOffsets[row] = p.xOffsets[first+min(row, count-1)]
		blockOffsets[row] = row * panel.width * 4
	}
	kernels.rows[panel.width](&x[0], &block[0], &p.weights[panelIndex][0], &xOffsets[0], &blockOffsets[0],
		&p.taps[0], len(p.taps), p.c.In)
	for row := range count {
		at := p.yOffsets[first+row]/4 + panel.first
		copy(y[at:at+panel.valid], block[row*panel.width:])
	}
}

// clear is for positions that no tap reaches, as in the gradient of a 1x1 convolution of stride 2.
func (p *pass) clear(y []float32, positions int, panel panel) {
	for _, offset := range p.yOffsets[:positions] {
		at := offset/4 + panel.first
		clear(y[at : at+panel.valid])
	}
}
