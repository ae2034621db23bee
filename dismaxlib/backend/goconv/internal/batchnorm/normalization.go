package batchnorm

import "math"

// Normalization is the batch normalization of x, [Rows, Features].
type Normalization struct {
	Rows, Features int
	Epsilon        float32
}

// Runner calls task(0) to task(tasks-1), in any order, at the same time or not, and returns when all are done. Results
// do not depend on how it does.
type Runner func(tasks int, task func(int))

// chunkFloats is about how many floats a task works on: 64 KB, so that loops over a few columns at a time find them in
// the first- or second-level cache.
const chunkFloats = 16 << 10

// Forward computes, for every feature, the mean μ and the biased variance v of x, and
//
//	y = (x - μ) · scale/√(v + ε) + offset.
//
// The variance is that of x - x₀, with x₀ the first row: Σ(x-x₀)²/m - (Σ(x-x₀)/m)², which takes one pass and loses
// nothing to cancellation unless the first row is far out.
func (n *Normalization) Forward(y, mean, variance, x, scale, offset []float32, run Runner) {
	t := n.tiling()
	shift := t.repeat(x[:n.Features])
	sum, square := n.reduce(&t, run, func(sum, square []float32, first, end int) {
		sums(sum, square, x[first:end], shift)
	}, func(sum, square []float64, row int) {
		for i := range n.Features {
			d := float64(x[row*n.Features+i]) - float64(shift[i])
			sum[i] += d
			square[i] += d * d
		}
	})
	gain := make([]float32, n.Features)
	for i := range n.Features {
		d := sum[i] / float64(n.Rows)
		v := max(square[i]/float64(n.Rows)-d*d, 0)
		mean[i], variance[i] = float32(float64(shift[i])+d), float32(v)
		gain[i] = float32(float64(scale[i]) / math.Sqrt(v+float64(n.Epsilon)))
	}
	n.apply(y, x, mean, gain, offset, run)
}

// Inference computes y = (x - mean) · scale/√(variance + ε) + offset.
func (n *Normalization) Inference(y, x, scale, offset, mean, variance []float32, run Runner) {
	gain := make([]float32, n.Features)
	for i := range gain {
		gain[i] = float32(float64(scale[i]) / math.Sqrt(float64(variance[i])+float64(n.Epsilon)))
	}
	n.apply(y, x, mean, gain, offset, run)
}

// apply computes y = (x - mean) · gain + offset.
func (n *Normalization) apply(y, x, mean, gain, offset []float32, run Runner) {
	t := n.tiling()
	means, gains, offsets := t.repeat(mean), t.repeat(gain), t.repeat(offset)
	t.each(run, func(first, end int) {
		normalize(y[first:end], x[first:end], means, gains, offsets)
	}, func(row int) {
		for i, at := 0, row*n.Features; i < n.Features; i, at = i+1, at+1 {
			y[at] = (x[at]-mean[i])*gain[i] + offset[i]
		}
	})
}

// Gradient computes the gradients of scale, offset and x from that of y. With x̂ = (x - μ)/σ and σ = √(v + ε):
//
//	d offset = Σ dy    d scale = Σ dy·x̂    dx = scale/σ · (dy - (d offset + x̂ · d scale)/Rows).
func (n *Normalization) Gradient(dx, dscale, doffset, x, scale, mean, variance, dy []float32, run Runner) {
	t := n.tiling()
	means := t.repeat(mean)
	sum, product := n.reduce(&t, run, func(sum, product []float32, first, end int) {
		gradientSums(sum, product, dy[first:end], x[first:end], means)
	}, func(sum, product []float64, row int) {
		for i := range n.Features {
			at := row*n.Features + i
			sum[i] += float64(dy[at])
			product[i] += float64(dy[at]) * (float64(x[at]) - float64(mean[i]))
		}
	})
	gain, slope, level := make([]float32, n.Features), make([]float32, n.Features), make([]float32, n.Features)
	for i := range n.Features {
		inverse := 1 / math.Sqrt(float64(variance[i])+float64(n.Epsilon))
		doffset[i], dscale[i] = float32(sum[i]), float32(product[i]*inverse)
		g := float64(scale[i]) * inverse
		gain[i] = float32(g)
		slope[i] = float32(g * product[i] * inverse * inverse / float64(n.Rows))
		level[i] = float32(g * sum[i] / float64(n.Rows))
	}
	gains, slopes, levels := t.repeat(gain), t.repeat(slope), t.repeat(level)
	t.each(run, func(first, end int) {
		gradient(dx[first:end], dy[first:end], x[first:end], means, gains, slopes, levels)
	}, func(row int) {
		for i, at := 0, row*n.Features; i < n.Features; i, at = i+1, at+1 {
			dx[at] = gain[i]*dy[at] - slope[i]*(x[at]-mean[i]) - level[i]
		}
	})
}

// reduce sums two quantities for every feature: by chunks in float32, and these and the rows left over in float64.
func (n *Normalization) reduce(
	t *tiling, run Runner, chunk func(a, b []float32, first, end int), row func(a, b []float64, row int),
) (a, b []float64) {
	partial := make([]float32, t.chunks()*2*t.width)
	t.eachChunk(run, func(i, first, end int) {
		own := partial[i*2*t.width:][:2*t.width]
		chunk(own[:t.width], own[t.width:], first, end)
	})
	a, b = make([]float64, n.Features), make([]float64, n.Features)
	for i, v := range partial {
		into := a
		if i/t.width%2 == 1 {
			into = b
		}
		into[i%t.width%n.Features] += float64(v)
	}
	for r := t.tiledRows(); r < n.Rows; r++ {
		row(a, b, r)
	}
	return a, b
}
