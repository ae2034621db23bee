package batchnorm

// Blocks normalizes y in place like [Normalization.Inference], bit for bit, but one block at a time: what a convolution
// has just written, while it lies in the cache.
type Blocks struct {
	Normalization
	affine      affine
	y, residual []float32
	vectorRows  int // how many rows, from the first on, Inference normalizes by vectors, which round once less
}

// InBlocks reports whether [Normalization.Blocks] can be used: the features are a multiple of 8.
func (n *Normalization) InBlocks() bool { return n.Features%lanes == 0 }

// Blocks prepares y = relu((y - mean) · scale/√(variance + ε) + offset + residual) for y of [Rows, Features]. A nil
// residual adds nothing; no other may be the memory of y, in which a convolution writes first. It needs
// [Normalization.InBlocks].
func (n *Normalization) Blocks(y, residual []float32, p Parameters) *Blocks {
	t := n.tiling()
	return &Blocks{
		Normalization: *n, affine: n.affine(p), y: y, residual: residual, vectorRows: t.tiled() / n.Features,
	}
}

// Normalize normalizes the features first to end-1 of the rows firstRow to endRow-1; first and end are multiples of 8.
// Many goroutines may do so at once, each with blocks of its own.
func (b *Blocks) Normalize(firstRow, endRow, first, end int) {
	a := affine{mean: b.affine.mean[first:end], gain: b.affine.gain[first:end], offset: b.affine.offset[first:end]}
	if rows := min(endRow, b.vectorRows); firstRow < rows {
		from, to := firstRow*b.Features+first, (rows-1)*b.Features+end
		b.normalizeVectors(b.y[from:to], part(b.residual, from, to), a)
		firstRow = rows
	}
	if firstRow < endRow {
		from, to := firstRow*b.Features+first, (endRow-1)*b.Features+end
		normalizePlain(b.y[from:to], b.y[from:to], part(b.residual, from, to), b.Features, a, b.Relu)
	}
}

// normalizeVectors goes along rows that are whole if there is a residual, which comes from memory and is read faster in
// order.
func (b *Blocks) normalizeVectors(y, residual []float32, a affine) {
	if residual != nil && len(a.mean) == b.Features && b.Features >= minWidth {
		normalize(y, y, residual, a, b.Relu)
		return
	}
	normalizeBlock(y, residual, b.Features, a, b.Relu)
}
