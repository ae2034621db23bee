package batchnorm

// Blocks normalizes y in place like [Normalization.Inference], bit for bit, but only those numbers that it is told to:
// the ones that a convolution has just written and that are in the cache.
type Blocks struct {
	Normalization
	affine      affine
	y, residual []float32
	vectorRows  int // so many rows, from the first on, Inference normalizes by vectors
}

// InBlocks reports whether [Normalization.Blocks] can be used: the features fill whole vectors.
func (n *Normalization) InBlocks() bool { return n.Features%lanes == 0 }

// Blocks prepares the normalization of y, [Rows, Features], and of a residual that may be nil, but not the memory of y.
// It needs [Normalization.InBlocks].
func (n *Normalization) Blocks(y, residual []float32, p Parameters) *Blocks {
	t := n.tiling()
	return &Blocks{
		Normalization: *n, affine: n.affine(p), y: y, residual: residual, vectorRows: t.tiled() / n.Features,
	}
}

// Normalize normalizes the features first to end-1, multiples of 8, of the rows firstRow to endRow-1. Many goroutines may
// do so at once with numbers of their own.
func (b *Blocks) Normalize(firstRow, endRow, first, end int) {
	a := affine{mean: b.affine.mean[first:end], gain: b.affine.gain[first:end], offset: b.affine.offset[first:end]}
	if rows := min(endRow, b.vectorRows); firstRow < rows {
		from, to := firstRow*b.Features+first, (rows-1)*b.Features+end
		normalize(b.y[from:to], b.y[from:to], part(b.residual, from, to), b.Features, a, b.Relu)
		firstRow = rows
	}
	if firstRow < endRow {
		from, to := firstRow*b.Features+first, (endRow-1)*b.Features+end
		normalizePlain(b.y[from:to], b.y[from:to], part(b.residual, from, to), b.Features, a, b.Relu)
	}
}
