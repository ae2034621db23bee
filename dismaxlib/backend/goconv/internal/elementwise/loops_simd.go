//go:build goexperiment.simd && amd64

package elementwise

import (
	"math"
	"simd/archsimd"
	"unsafe"
)

const lanes = 8

var hasVectors = archsimd.X86.AVX2()

// vectors is how many of n elements are whole vectors.
func vectors(n int) int {
	if !hasVectors {
		return 0
	}
	return n / lanes * lanes
}

// leave ends a loop over vectors: what follows may be slow while the upper halves of their registers are in use.
func leave(whole int) {
	if whole > 0 {
		archsimd.ClearAVXUpperBits()
	}
}

// load and store do not check bounds, which would take longer than the arithmetic: [Step.compute] gives loops arrays of
// one length, and they stop at its last whole vector.
func load(from []float32, at int) archsimd.Float32x8 {
	return archsimd.LoadFloat32x8Array(vector(from, at))
}

func store(value archsimd.Float32x8, to []float32, at int) { value.StoreArray(vector(to, at)) }

// zeros is loaded where a loop needs it: to make it of a number takes an instruction that does not go with vectors, and
// outside of loops there may be a processor without them.
var zeros [lanes]float32

func vector(array []float32, at int) *[lanes]float32 {
	return (*[lanes]float32)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(array)), 4*at))
}

func add(to, a, b []float32) {
	whole := vectors(len(to))
	for i := 0; i < whole; i += lanes {
		store(load(a, i).Add(load(b, i)), to, i)
	}
	leave(whole)
	for i := whole; i < len(to); i++ {
		to[i] = a[i] + b[i]
	}
}

func sub(to, a, b []float32) {
	whole := vectors(len(to))
	for i := 0; i < whole; i += lanes {
		store(load(a, i).Sub(load(b, i)), to, i)
	}
	leave(whole)
	for i := whole; i < len(to); i++ {
		to[i] = a[i] - b[i]
	}
}

func mul(to, a, b []float32) {
	whole := vectors(len(to))
	for i := 0; i < whole; i += lanes {
		store(load(a, i).Mul(load(b, i)), to, i)
	}
	leave(whole)
	for i := whole; i < len(to); i++ {
		to[i] = a[i] * b[i]
	}
}

func div(to, a, b []float32) {
	whole := vectors(len(to))
	for i := 0; i < whole; i += lanes {
		store(load(a, i).Div(load(b, i)), to, i)
	}
	leave(whole)
	for i := whole; i < len(to); i++ {
		to[i] = a[i] / b[i]
	}
}

func sqrt(to, a []float32) {
	whole := vectors(len(to))
	for i := 0; i < whole; i += lanes {
		store(load(a, i).Sqrt(), to, i)
	}
	leave(whole)
	for i := whole; i < len(to); i++ {
		to[i] = float32(math.Sqrt(float64(a[i])))
	}
}

func relu(to, a []float32) {
	whole := vectors(len(to))
	for i := 0; i < whole; i += lanes {
		x, zero := load(a, i), load(zeros[:], 0)
		store(zero.IfElse(x.Less(zero), x), to, i) // Max may or may not keep NaN
	}
	leave(whole)
	for i := whole; i < len(to); i++ {
		to[i] = rectified(a[i])
	}
}

func reluGradient(to, a, b []float32) {
	whole := vectors(len(to))
	for i := 0; i < whole; i += lanes {
		passes := load(a, i).Greater(load(zeros[:], 0))
		store(load(b, i).Masked(passes), to, i)
	}
	leave(whole)
	for i := whole; i < len(to); i++ {
		to[i] = passed(a[i], b[i])
	}
}
