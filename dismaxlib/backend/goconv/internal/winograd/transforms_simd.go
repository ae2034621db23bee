//go:build goexperiment.simd && amd64

package winograd

import (
	"simd/archsimd"
	"unsafe"
)

// vectors tells whether the build has vector transforms; every processor that package direct has kernels for runs them.
const vectors = true

const lanes = 8

type vector = archsimd.Float32x8

// load and store check nothing, because checks would take as long as the transforms: these look at the ends of their
// slices first.
func load(from unsafe.Pointer, at int) vector {
	return archsimd.LoadFloat32x8Array((*[lanes]float32)(unsafe.Add(from, at*4)))
}

func store(value vector, to unsafe.Pointer, at int) {
	value.StoreArray((*[lanes]float32)(unsafe.Add(to, at*4)))
}

// start returns the address of memory that has at least so many floats.
func start(memory []float32, floats int) unsafe.Pointer {
	return unsafe.Pointer(unsafe.SliceData(memory[:floats]))
}

// storePixels stores a row of a tile times B.
func storePixels(v unsafe.Pointer, at, plane int, a, b, c, d vector) {
	store(a.Sub(c), v, at)
	store(b.Add(c), v, at+plane)
	store(c.Sub(b), v, at+2*plane)
	store(b.Sub(d), v, at+3*plane)
}

func pixelTransform(v []float32, plane int, x []float32, rowStride, channels int) {
	whole := channels / lanes * lanes
	to, from := start(v, 15*plane+channels), start(x, 3*rowStride+side*channels)
	for c := 0; c < whole; c += lanes {
		c1, c2, c3 := c+channels, c+2*channels, c+3*channels
		r1, r2, r3 := rowStride, 2*rowStride, 3*rowStride
		storePixels(to, c, plane,
			load(from, c).Sub(load(from, r2+c)), load(from, c1).Sub(load(from, r2+c1)),
			load(from, c2).Sub(load(from, r2+c2)), load(from, c3).Sub(load(from, r2+c3)))
		storePixels(to, c+4*plane, plane,
			load(from, r1+c).Add(load(from, r2+c)), load(from, r1+c1).Add(load(from, r2+c1)),
			load(from, r1+c2).Add(load(from, r2+c2)), load(from, r1+c3).Add(load(from, r2+c3)))
		storePixels(to, c+8*plane, plane,
			load(from, r2+c).Sub(load(from, r1+c)), load(from, r2+c1).Sub(load(from, r1+c1)),
			load(from, r2+c2).Sub(load(from, r1+c2)), load(from, r2+c3).Sub(load(from, r1+c3)))
		storePixels(to, c+12*plane, plane,
			load(from, r1+c).Sub(load(from, r3+c)), load(from, r1+c1).Sub(load(from, r3+c1)),
			load(from, r1+c2).Sub(load(from, r3+c2)), load(from, r1+c3).Sub(load(from, r3+c3)))
	}
	archsimd.ClearAVXUpperBits()
	plainPixels(v, plane, x, rowStride, channels, whole)
}

func resultTransform(y []float32, rowStride int, m []float32, plane, channels int) {
	whole := channels / lanes * lanes
	to, from := start(y, rowStride+2*channels), start(m, 15*plane+channels)
	for c := 0; c < whole; c += lanes {
		var upper, lower [side]vector
		upper[0], lower[0] = resultColumn(from, c, plane)
		upper[1], lower[1] = resultColumn(from, c+plane, plane)
		upper[2], lower[2] = resultColumn(from, c+2*plane, plane)
		upper[3], lower[3] = resultColumn(from, c+3*plane, plane)
		store(upper[0].Add(upper[1]).Add(upper[2]), to, c)
		store(upper[1].Sub(upper[2]).Sub(upper[3]), to, c+channels)
		store(lower[0].Add(lower[1]).Add(lower[2]), to, c+rowStride)
		store(lower[1].Sub(lower[2]).Sub(lower[3]), to, c+rowStride+channels)
	}
	archsimd.ClearAVXUpperBits()
	plainResults(y, rowStride, m, plane, channels, whole)
}

// resultColumn is Aᵀ times a column of a tile.
func resultColumn(m unsafe.Pointer, at, plane int) (upper, lower vector) {
	a, b, c, d := load(m, at), load(m, at+4*plane), load(m, at+8*plane), load(m, at+12*plane)
	return a.Add(b).Add(c), b.Sub(c).Sub(d)
}

func gradientTransform(d []float32, plane int, dy []float32, rowStride, channels int) {
	whole := channels / lanes * lanes
	to, from := start(d, 15*plane+channels), start(dy, rowStride+2*channels)
	zero := archsimd.BroadcastFloat32x8(0)
	for c := 0; c < whole; c += lanes {
		a, b := load(from, c), load(from, c+channels)
		e, f := load(from, c+rowStride), load(from, c+rowStride+channels)
		storeGradients(to, c, plane, a, b, zero)
		storeGradients(to, c+4*plane, plane, a.Add(e), b.Add(f), zero)
		storeGradients(to, c+8*plane, plane, a.Sub(e), b.Sub(f), zero)
		storeGradients(to, c+12*plane, plane, zero.Sub(e), zero.Sub(f), zero)
	}
	archsimd.ClearAVXUpperBits()
	plainGradients(d, plane, dy, rowStride, channels, whole)
}

// storeGradients stores A times a pair.
func storeGradients(d unsafe.Pointer, at, plane int, a, b, zero vector) {
	store(a, d, at)
	store(a.Add(b), d, at+plane)
	store(a.Sub(b), d, at+2*plane)
	store(zero.Sub(b), d, at+3*plane)
}

func weightTransform(u []float32, plane int, w []float32, steps weightSteps, rows, width int) {
	whole := width / lanes * lanes
	to := start(u, 15*plane+rows*width)
	from := start(w, 2*steps.tapRow+2*steps.tapColumn+(rows-1)*steps.row+width)
	half := archsimd.BroadcastFloat32x8(0.5)
	for row := range rows {
		for c := 0; c < whole; c += lanes {
			at, tap := row*steps.row+c, steps.tapRow
			a0, b0, c0, d0 := spreadColumn(from, at, tap, half)
			a1, b1, c1, d1 := spreadColumn(from, at+steps.tapColumn, tap, half)
			a2, b2, c2, d2 := spreadColumn(from, at+2*steps.tapColumn, tap, half)
			at = row*width + c
			storeWeights(to, at, plane, a0, a1, a2, half)
			storeWeights(to, at+4*plane, plane, b0, b1, b2, half)
			storeWeights(to, at+8*plane, plane, c0, c1, c2, half)
			storeWeights(to, at+12*plane, plane, d0, d1, d2, half)
		}
	}
	archsimd.ClearAVXUpperBits()
	plainWeights(u, plane, w, steps, rows, width, whole)
}

// spreadColumn is G times a column of a kernel, whose rows are a tap apart.
func spreadColumn(w unsafe.Pointer, at, tap int, half vector) (a, b, c, d vector) {
	top, middle, bottom := load(w, at), load(w, at+tap), load(w, at+2*tap)
	outer, inner := top.Add(bottom).Mul(half), middle.Mul(half)
	return top, outer.Add(inner), outer.Sub(inner), bottom
}

// storeWeights stores G times a row of three.
func storeWeights(u unsafe.Pointer, at, plane int, left, middle, right, half vector) {
	outer, inner := left.Add(right).Mul(half), middle.Mul(half)
	store(left, u, at)
	store(outer.Add(inner), u, at+plane)
	store(outer.Sub(inner), u, at+2*plane)
	store(right, u, at+3*plane)
}

func kernelTransform(dw []float32, rowStride, tapStride int, s []float32, plane, channels int) {
	whole := channels / lanes * lanes
	to, from := start(dw, 2*rowStride+2*tapStride+channels), start(s, 15*plane+channels)
	half := archsimd.BroadcastFloat32x8(0.5)
	for c := 0; c < whole; c += lanes {
		a0, b0, c0 := gatherColumn(from, c, plane, half)
		a1, b1, c1 := gatherColumn(from, c+plane, plane, half)
		a2, b2, c2 := gatherColumn(from, c+2*plane, plane, half)
		a3, b3, c3 := gatherColumn(from, c+3*plane, plane, half)
		storeTaps(to, c, tapStride, a0, a1, a2, a3, half)
		storeTaps(to, c+rowStride, tapStride, b0, b1, b2, b3, half)
		storeTaps(to, c+2*rowStride, tapStride, c0, c1, c2, c3, half)
	}
	archsimd.ClearAVXUpperBits()
	plainKernel(dw, rowStride, tapStride, s, plane, channels, whole)
}

// gatherColumn is Gᵀ times a column of a tile.
func gatherColumn(s unsafe.Pointer, at, plane int, half vector) (a, b, c vector) {
	second, third := load(s, at+4*plane), load(s, at+8*plane)
	sum := second.Add(third).Mul(half)
	return load(s, at).Add(sum), second.Sub(third).Mul(half), sum.Add(load(s, at+12*plane))
}

// storeTaps stores a row of four times G.
func storeTaps(dw unsafe.Pointer, at, tapStride int, a, b, c, d, half vector) {
	sum := b.Add(c).Mul(half)
	store(a.Add(sum), dw, at)
	store(b.Sub(c).Mul(half), dw, at+tapStride)
	store(sum.Add(d), dw, at+2*tapStride)
}

func add(to, from []float32) {
	whole := len(to) / lanes * lanes
	t, f := start(to, len(to)), start(from, len(to))
	for i := 0; i < whole; i += lanes {
		store(load(t, i).Add(load(f, i)), t, i)
	}
	archsimd.ClearAVXUpperBits()
	plainAdd(to, from, whole)
}
