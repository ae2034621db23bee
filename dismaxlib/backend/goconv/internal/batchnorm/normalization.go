package batchnorm

import "math"

// Normalization is the batch normalization of x, [Rows, Features], with a rectified linear unit behind it if Relu is
// set.
type Normalization struct {
	Rows, Features int
	Epsilon        float32
	Relu           bool
}

// Parameters are what a normalization takes, or makes, for each feature. A slice that a method neither reads nor writes
// may be nil.
type Parameters struct{ Scale, Offset, Mean, Variance []float32 }

// Runner calls task(0) to task(tasks-1), in any order, at the same time or not, and returns when all are done. Results
// do not depend on how it does.
type Runner func(tasks int, task func(int))

// Forward computes, for every feature, the mean μ and the biased variance v of x, and
//
//	y = relu((x - μ) · scale/√(v + ε) + offset + residual),
//
// which is what [Normalization.Inference] makes of μ and v as they are written, in float32.
func (n *Normalization) Forward(y, x, residual []float32, p Parameters, run Runner) {
	n.Statistics(x, p, run)
	n.Inference(y, x, residual, p, run)
}

// Statistics computes, for every feature, the mean and the biased variance of x. The variance is that of x - x₀, with x₀
// the first row: Σ(x-x₀)²/m - (Σ(x-x₀)/m)², which takes one pass and loses nothing to cancellation unless the first row
// is far out.
func (n *Normalization) Statistics(x []float32, p Parameters, run Runner) {
	t := n.tiling()
	shift := x[:n.Features]
	wide := t.repeat(shift)
	sum, square := t.reduce(run, func(sum, square []float32, first, end int) {
		sums(sum, square, x[first:end], wide)
	}, func(sum, square []float32, first int) {
		sumsPlain(sum, square, x[first:], shift)
	})
	for i := range n.Features {
		d := sum[i] / float64(n.Rows)
		p.Mean[i] = float32(float64(shift[i]) + d)
		p.Variance[i] = float32(max(square[i]/float64(n.Rows)-d*d, 0))
	}
}

// Inference computes y = relu((x - mean) · scale/√(variance + ε) + offset + residual), where a nil residual adds
// nothing. y may be the memory of x or of the residual.
func (n *Normalization) Inference(y, x, residual []float32, p Parameters, run Runner) {
	t := n.tiling()
	a := n.affine(p)
	wide := t.repeatAffine(a)
	t.eachChunk(run, func(_, first, end int) {
		normalize(y[first:end], x[first:end], part(residual, first, end), wide, n.Relu)
	})
	rest := t.tiled()
	normalizePlain(y[rest:], x[rest:], part(residual, rest, len(y)), n.Features, a, n.Relu)
}

// part is some of an array that may be nil.
func part(array []float32, first, end int) []float32 {
	if array == nil {
		return nil
	}
	return array[first:end]
}

// affine is what the parameters do to x.
func (n *Normalization) affine(p Parameters) affine {
	gain := make([]float32, n.Features)
	for i := range gain {
		gain[i] = float32(float64(p.Scale[i]) / n.deviation(p, i))
	}
	return affine{mean: p.Mean, gain: gain, offset: p.Offset}
}

// deviation is σ = √(v + ε) of a feature.
func (n *Normalization) deviation(p Parameters, feature int) float64 {
	return math.Sqrt(float64(p.Variance[feature]) + float64(n.Epsilon))
}

// Gradient computes the gradients of scale, offset and x from that of y, where nothing was added before the rectifier,
// and adds an addend to that of x unless it is nil. With x̂ = (x - μ)/σ and σ = √(v + ε):
//
//	d offset = Σ dy    d scale = Σ dy·x̂    dx = scale/σ · (dy - (d offset + x̂ · d scale)/Rows) + addend.
//
// If Relu is set, dy counts where [Normalization.Forward] left something, y > 0, which is found from x and from the
// offset. Otherwise the offset is not read. dx may be the memory of dy or of the addend.
func (n *Normalization) Gradient(dx, dscale, doffset, x, dy, addend []float32, p Parameters, run Runner) {
	t := n.tiling()
	a := n.affine(p)
	wide := t.repeatAffine(a)
	sum, product := t.reduce(run, func(sum, product []float32, first, end int) {
		gradientSums(sum, product, dy[first:end], x[first:end], wide, n.Relu)
	}, func(sum, product []float32, first int) {
		gradientSumsPlain(sum, product, dy[first:], x[first:], a, n.Relu)
	})
	s := slopes{affine: a, slope: make([]float32, n.Features), level: make([]float32, n.Features)}
	for i := range n.Features {
		deviation := n.deviation(p, i)
		doffset[i], dscale[i] = float32(sum[i]), float32(product[i]/deviation)
		perRow := float64(p.Scale[i]) / deviation / float64(n.Rows)
		s.slope[i], s.level[i] = float32(perRow*product[i]/deviation/deviation), float32(perRow*sum[i])
	}
	wideSlopes := slopes{affine: wide, slope: t.repeat(s.slope), level: t.repeat(s.level)}
	t.eachChunk(run, func(_, first, end int) {
		gradient(dx[first:end], dy[first:end], x[first:end], part(addend, first, end), wideSlopes, n.Relu)
	})
	rest := t.tiled()
	gradientPlain(dx[rest:], dy[rest:], x[rest:], part(addend, rest, len(x)), s, n.Relu)
}
