package direct

// Panel is a range of output channels that a kernel computes at once. Its width may reach beyond the last channel: only
// Valid of them exist.
type Panel struct{ First, Width, Valid int }

// newPanels divides channels into panels, wide ones first: so that they reach beyond the last channel as little as can be,
// and of such divisions the one with the fewest narrow panels, whose kernels are slower.
func newPanels(channels int) []Panel {
	narrow, wide := kernels.panels[0], kernels.panels[1]
	wideBefore := func(narrows int) int { return max(0, ceilDiv(channels-narrows*narrow, wide)) }
	narrows := 0
	for more := 1; more <= 2; more++ {
		if more*narrow+wideBefore(more)*wide < narrows*narrow+wideBefore(narrows)*wide {
			narrows = more
		}
	}
	var panels []Panel
	first := 0
	for i := range wideBefore(narrows) + narrows {
		width := wide
		if i >= wideBefore(narrows) {
			width = narrow
		}
		panels = append(panels, Panel{first, width, min(width, channels-first)})
		first += width
	}
	return panels
}

// pack copies the weights of one of the taps to the panels, [in, width] each, reading along what is contiguous.
func (p *pass) pack(packed [][]float32, w []float32, tap int, panels []Panel) {
	row, column := p.rowTaps[tap/len(p.columnTaps)], p.columnTaps[tap%len(p.columnTaps)]
	size := func(panel Panel) int { return p.c.In * panel.Width }
	if strides := p.c.KernelStrides; strides[3] == 1 {
		from := w[p.c.KernelStart+row*strides[0]+column*strides[1]:]
		for i, panel := range panels {
			if panel.Valid < panel.Width {
				clear(packed[i][tap*size(panel):][:size(panel)])
			}
		}
		for in := range p.c.In {
			for i, panel := range panels {
				to := packed[i][tap*size(panel)+in*panel.Width:]
				copy(to, from[in*strides[2]+panel.First:][:panel.Valid])
			}
		}
		return
	}
	for i, panel := range panels {
		p.c.Pack(packed[i][tap*size(panel):][:size(panel)], w, row, column, 0, p.c.In, panel)
	}
}

// Pack copies the weights of the tap (row, column) from the input channels firstIn to endIn-1 to the outputs of a
// panel, in the order [in, width], with zeros where the panel reaches beyond the outputs. w is the memory of the kernel.
func (c *Convolution) Pack(packed, w []float32, row, column, firstIn, endIn int, panel Panel) {
	strides := c.KernelStrides
	w = w[c.KernelStart+row*strides[0]+column*strides[1]:]
	w = w[firstIn*strides[2]+panel.First*strides[3]:]
	if panel.Valid < panel.Width {
		clear(packed[:(endIn-firstIn)*panel.Width])
	}
	if strides[3] != 1 {
		c.packTransposed(packed, w, endIn-firstIn, panel)
		return
	}
	for in := range endIn - firstIn {
		copy(packed[in*panel.Width:], w[in*strides[2]:][:panel.Valid])
	}
}

// packTransposed packs weights whose inputs, not outputs, are neighbours: eight of each at a time, then the rest.
func (c *Convolution) packTransposed(packed, w []float32, inputs int, panel Panel) {
	inStride, outStride := c.KernelStrides[2], c.KernelStrides[3]
	out := 0
	for ; inStride == 1 && out+8 <= panel.Valid; out += 8 {
		in := 0
		for ; in+8 <= inputs; in += 8 {
			kernels.transpose8x8(&packed[in*panel.Width+out], &w[out*outStride+in], panel.Width*4, outStride*4)
		}
		c.packRest(packed, w, panel, [2]int{in, inputs}, [2]int{out, out + 8})
	}
	c.packRest(packed, w, panel, [2]int{0, inputs}, [2]int{out, panel.Valid})
}

// packRest packs a range of inputs and one of outputs, one by one.
func (c *Convolution) packRest(packed, w []float32, panel Panel, ins, outs [2]int) {
	for out := outs[0]; out < outs[1]; out++ {
		for in := ins[0]; in < ins[1]; in++ {
			packed[in*panel.Width+out] = w[in*c.KernelStrides[2]+out*c.KernelStrides[3]]
		}
	}
}
