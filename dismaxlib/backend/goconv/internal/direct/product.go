package direct

// BlockRows is how many rows of a product the kernels compute at once.
const BlockRows = blockRows

// Product multiplies matrices: c = a · b, with a of [rows, inner], b of [inner, columns] and c of [rows, columns]. The
// rows of a and c lie apart by strides; b is packed in Panels of columns, [inner, Width] each, one after the other, so
// that a panel begins at inner · First. It may be used by many goroutines.
type Product struct {
	Panels             []Panel
	inner              int
	slabs              []slab
	aOffsets, cOffsets []int // bytes
}

// NewProduct prepares products of up to that many rows, a multiple of [BlockRows]. It needs [Available].
func NewProduct(rows, inner, columns, aStride, cStride int) *Product {
	return &Product{
		Panels: newPanels(columns), inner: inner, slabs: newSlabs([]int{0}, inner),
		aOffsets: rowOffsets(rows, aStride), cOffsets: rowOffsets(rows, cStride),
	}
}

// PackedLen is the number of floats of packed b.
func (p *Product) PackedLen() int { return p.inner * paddedColumns(p.Panels) }

// Multiply computes some panels of c. The rows must be a multiple of [BlockRows], and the rows of c must have room for
// whole panels.
func (p *Product) Multiply(c, a, b []float32, rows int, panels []Panel) {
	for _, panel := range panels {
		multiply := kernels.rows[panel.Width]
		for add, s := range p.slabs {
			w := &b[p.inner*panel.First+s.weights*panel.Width]
			for row := 0; row < rows; row += blockRows {
				multiply(&a[0], &c[panel.First], w, &p.aOffsets[row], &p.cOffsets[row], &s.taps[0], 1, s.channels, add)
			}
		}
	}
}

// OuterProduct multiplies matrices over their rows: sum = aᵀ · b, with a of [rows, inputs], b of [rows, columns] and
// sum of [inputs, columns]. The rows of each lie apart by strides. It may be used by many goroutines.
type OuterProduct struct {
	panels             []Panel
	inputs, sumStride  int
	aOffsets, bOffsets []int // bytes
}

// NewOuterProduct prepares products of up to that many rows. It needs [Available]. The inputs are rounded up to a
// multiple of [BlockRows] and the columns to whole panels: a, b and sum must have room for them.
func NewOuterProduct(rows, inputs, columns, aStride, bStride, sumStride int) *OuterProduct {
	return &OuterProduct{
		panels: newPanels(columns), inputs: inputs, sumStride: sumStride,
		aOffsets: rowOffsets(rows, aStride), bOffsets: rowOffsets(rows, bStride),
	}
}

// Multiply computes sum, or adds to what is there, if add is not 0.
func (p *OuterProduct) Multiply(sum, a, b []float32, rows, add int) {
	for _, panel := range p.panels {
		multiply := kernels.outer[panel.Width]
		for in := 0; in < p.inputs; in += blockRows {
			multiply(&a[in], &b[panel.First], &sum[in*p.sumStride+panel.First], &p.aOffsets[0], &p.bOffsets[0],
				rows, p.sumStride*4, add)
		}
	}
}

// paddedColumns is the number of columns of all panels.
func paddedColumns(panels []Panel) int {
	last := panels[len(panels)-1]
	return last.First + last.Width
}

func rowOffsets(rows, stride int) []int {
	offsets := make([]int, rows)
	for i := range offsets {
		offsets[i] = i * stride * 4
	}
	return offsets
}
