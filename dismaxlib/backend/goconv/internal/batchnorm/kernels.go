//go:build goexperiment.simd && amd64

package batchnorm

import (
	"math"
	"simd/archsimd"
	"unsafe"
)

// Available reports whether the package can be used: the build has vectors, and the processor AVX2 and FMA.
func Available() bool { return available }

var available = archsimd.X86.AVX2() && archsimd.X86.FMA()

const lanes = 8

// load and store do not check bounds, which would take longer than the arithmetic: loops give arrays of whole vectors,
// and begin by asking for the last element of each.
func load(from []float32, at int) archsimd.Float32x8 {
	return archsimd.LoadFloat32x8Array(vector(from, at))
}

func store(value archsimd.Float32x8, to []float32, at int) { value.StoreArray(vector(to, at)) }

func vector(array []float32, at int) *[lanes]float32 {
	return (*[lanes]float32)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(array)), 4*at))
}

// sums is sumsPlain for rows of whole vectors.
func sums(sum, square, x, shift []float32) {
	width := len(shift)
	sum, square = sum[:width], square[:width]
	for row := 0; row < len(x); row += width {
		for column := 0; column < width; column += lanes {
			centred := load(x, row+column).Sub(load(shift, column))
			store(load(sum, column).Add(centred), sum, column)
			store(centred.MulAdd(centred, load(square, column)), square, column)
		}
	}
	archsimd.ClearAVXUpperBits()
}

// normalize is normalizePlain for rows of whole vectors.
func normalize(y, x, residual []float32, a affine, relu bool) {
	width := len(a.mean)
	y, a.gain, a.offset = y[:len(x)], a.gain[:width], a.offset[:width]
	if residual != nil {
		residual = residual[:len(x)]
	}
	zero := archsimd.BroadcastFloat32x8(0)
	for row := 0; row < len(x); row += width {
		for column := 0; column < width; column += lanes {
			centred := load(x, row+column).Sub(load(a.mean, column))
			value := centred.MulAdd(load(a.gain, column), load(a.offset, column))
			if residual != nil {
				value = value.Add(load(residual, row+column))
			}
			if relu {
				value = zero.IfElse(value.Less(zero), value) // Max may or may not keep NaN
			}
			store(value, y, row+column)
		}
	}
	archsimd.ClearAVXUpperBits()
}

// normalizeBlock is normalizePlain in place for rows of whole vectors that lie in the cache. It goes down the columns of
// pairs of vectors, so that a is read once.
func normalizeBlock(y, residual []float32, stride int, a affine, relu bool) {
	width := len(a.mean)
	a.gain, a.offset = a.gain[:width], a.offset[:width]
	if residual != nil {
		residual = residual[:len(y)]
	}
	bound := float32(math.Inf(-1))
	if relu {
		bound = 0
	}
	least := archsimd.BroadcastFloat32x8(bound) // the only one: a second would mix SSE with AVX, which takes 100 ns
	left := 0
	for ; left+2*lanes <= width; left += 2 * lanes {
		right := left + lanes
		mean, gain, offset := load(a.mean, left), load(a.gain, left), load(a.offset, left)
		mean2, gain2, offset2 := load(a.mean, right), load(a.gain, right), load(a.offset, right)
		for at := left; at < len(y); at += stride {
			value := load(y, at).Sub(mean).MulAdd(gain, offset)
			value2 := load(y, at+lanes).Sub(mean2).MulAdd(gain2, offset2)
			if residual != nil {
				value = value.Add(load(residual, at))
				value2 = value2.Add(load(residual, at+lanes))
			}
			store(least.IfElse(value.Less(least), value), y, at)
			store(least.IfElse(value2.Less(least), value2), y, at+lanes)
		}
	}
	if left < width {
		mean, gain, offset := load(a.mean, left), load(a.gain, left), load(a.offset, left)
		for at := left; at < len(y); at += stride {
			value := load(y, at).Sub(mean).MulAdd(gain, offset)
			if residual != nil {
				value = value.Add(load(residual, at))
			}
			store(least.IfElse(value.Less(least), value), y, at)
		}
	}
	archsimd.ClearAVXUpperBits()
}

// gradientSums is gradientSumsPlain for rows of whole vectors.
func gradientSums(sum, product, dy, x []float32, a affine, relu bool) {
	width := len(a.mean)
	sum, product, dy = sum[:width], product[:width], dy[:len(x)]
	if relu {
		a.gain, a.offset = a.gain[:width], a.offset[:width]
	}
	zero := archsimd.BroadcastFloat32x8(0)
	for row := 0; row < len(x); row += width {
		for column := 0; column < width; column += lanes {
			centred, d := load(x, row+column).Sub(load(a.mean, column)), load(dy, row+column)
			if relu {
				d = d.Masked(centred.MulAdd(load(a.gain, column), load(a.offset, column)).Greater(zero))
			}
			store(load(sum, column).Add(d), sum, column)
			store(centred.MulAdd(d, load(product, column)), product, column)
		}
	}
	archsimd.ClearAVXUpperBits()
}

// gradient is gradientPlain for rows of whole vectors.
func gradient(dx, dy, x, addend []float32, s slopes, relu bool) {
	width := len(s.mean)
	dx, dy = dx[:len(x)], dy[:len(x)]
	s.gain, s.slope, s.level = s.gain[:width], s.slope[:width], s.level[:width]
	if relu {
		s.offset = s.offset[:width]
	}
	if addend != nil {
		addend = addend[:len(x)]
	}
	zero := archsimd.BroadcastFloat32x8(0)
	for row := 0; row < len(x); row += width {
		for column := 0; column < width; column += lanes {
			centred, d := load(x, row+column).Sub(load(s.mean, column)), load(dy, row+column)
			gain := load(s.gain, column)
			if relu {
				d = d.Masked(centred.MulAdd(gain, load(s.offset, column)).Greater(zero))
			}
			value := d.Mul(gain).Sub(centred.MulAdd(load(s.slope, column), load(s.level, column)))
			if addend != nil {
				value = value.Add(load(addend, row+column))
			}
			store(value, dx, row+column)
		}
	}
	archsimd.ClearAVXUpperBits()
}
