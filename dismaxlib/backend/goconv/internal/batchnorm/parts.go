package batchnorm

// InParts reports whether parts of x of so many floats can be normalized one by one: whether whole vectors of the same
// features make up each of them.
func (n *Normalization) InParts(floats int) bool {
	t := n.tiling()
	return floats%t.width == 0
}

// Parts prepares y = relu((x - mean) · scale/√(variance + ε) + offset) for parts of x for which [Normalization.InParts]
// holds, bit for bit like [Normalization.Inference]: for a convolution that normalizes what it reads. What it returns
// may be called by many goroutines.
func (n *Normalization) Parts(p Parameters) func(y, x []float32) {
	t := n.tiling()
	wide := t.repeatAffine(n.affine(p))
	return func(y, x []float32) { normalize(y, x, nil, wide, n.Relu) }
}
