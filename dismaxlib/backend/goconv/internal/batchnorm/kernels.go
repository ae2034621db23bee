//go:build goexperiment.simd && amd64

package batchnorm

import "simd/archsimd"

// Available reports whether the package can be used: the build has vectors, and the processor AVX2 and FMA.
func Available() bool { return available }

var available = archsimd.X86.AVX2() && archsimd.X86.FMA()

const lanes = 8

func load(from []float32, at int) archsimd.Float32x8 {
	return archsimd.LoadFloat32x8Array((*[lanes]float32)(from[at:]))
}

func store(value archsimd.Float32x8, to []float32, at int) {
	value.StoreArray((*[lanes]float32)(to[at:]))
}

// sums adds, for every column of x, [rows, width], the sum of x - shift and of its square.
func sums(sum, square, x, shift []float32) {
	width := len(shift)
	for column := 0; column < width; column += lanes {
		k, s, q := load(shift, column), load(sum, column), load(square, column)
		for at := column; at < len(x); at += width {
			d := load(x, at).Sub(k)
			s = s.Add(d)
			q = d.MulAdd(d, q)
		}
		store(s, sum, column)
		store(q, square, column)
	}
	archsimd.ClearAVXUpperBits()
}

// normalize computes y = (x - mean) · gain + offset.
func normalize(y, x, mean, gain, offset []float32) {
	width := len(mean)
	for column := 0; column < width; column += lanes {
		m, g, o := load(mean, column), load(gain, column), load(offset, column)
		for at := column; at < len(x); at += width {
			store(load(x, at).Sub(m).MulAdd(g, o), y, at)
		}
	}
	archsimd.ClearAVXUpperBits()
}

// gradientSums adds, for every column, the sum of dy and of dy · (x - mean).
func gradientSums(sum, product, dy, x, mean []float32) {
	width := len(mean)
	for column := 0; column < width; column += lanes {
		m, s, p := load(mean, column), load(sum, column), load(product, column)
		for at := column; at < len(x); at += width {
			d := load(dy, at)
			s = s.Add(d)
			p = load(x, at).Sub(m).MulAdd(d, p)
		}
		store(s, sum, column)
		store(p, product, column)
	}
	archsimd.ClearAVXUpperBits()
}

// gradient computes dx = gain · dy - slope · (x - mean) - level.
func gradient(dx, dy, x, mean, gain, slope, level []float32) {
	width := len(mean)
	for column := 0; column < width; column += lanes {
		m, g, s, l := load(mean, column), load(gain, column), load(slope, column), load(level, column)
		for at := column; at < len(x); at += width {
			rest := load(x, at).Sub(m).MulAdd(s, l)
			store(load(dy, at).Mul(g).Sub(rest), dx, at)
		}
	}
	archsimd.ClearAVXUpperBits()
}
