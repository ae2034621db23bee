package direct

import "golang.org/x/sys/cpu"

// kernels are the ones for this processor, nil if it has neither AVX-512 nor AVX2 with FMA.
var kernels = detectKernels()

func detectKernels() *kernelSet {
	switch {
	case cpu.X86.HasAVX512F && cpu.X86.HasAVX2:
		return &avx512
	case cpu.X86.HasAVX2 && cpu.X86.HasFMA:
		return &avx2
	}
	return nil
}

var avx512 = kernelSet{
	name:   "AVX-512",
	panels: [2]int{16, 32},
	rows: map[int]func(x, y, w *float32, xOffsets, yOffsets, taps *int, numTaps, channels, add int){
		16: rows16AVX512, 32: rows32AVX512,
	},
	outer: map[int]func(x, dy, sum *float32, xOffsets, dyOffsets *int, count, sumStride, add int){
		16: outer16AVX512, 32: outer32AVX512,
	},
	transpose8x8: transpose8x8AVX2,
}

var avx2 = kernelSet{
	name:   "AVX2",
	panels: [2]int{16, 24},
	rows: map[int]func(x, y, w *float32, xOffsets, yOffsets, taps *int, numTaps, channels, add int){
		16: rows16AVX2, 24: rows24AVX2,
	},
	outer: map[int]func(x, dy, sum *float32, xOffsets, dyOffsets *int, count, sumStride, add int){
		16: outer16AVX2, 24: outer24AVX2,
	},
	transpose8x8: transpose8x8AVX2,
}

//go:noescape
func rows16AVX512(x, y, w *float32, xOffsets, yOffsets, taps *int, numTaps, channels, add int)

//go:noescape
func rows32AVX512(x, y, w *float32, xOffsets, yOffsets, taps *int, numTaps, channels, add int)

//go:noescape
func outer16AVX512(x, dy, sum *float32, xOffsets, dyOffsets *int, count, sumStride, add int)

//go:noescape
func outer32AVX512(x, dy, sum *float32, xOffsets, dyOffsets *int, count, sumStride, add int)

// The kernels for AVX2 do their eight rows in two passes of four, because it has half the registers. Panels of 24 keep
// twelve sums, where those of 16 keep eight, as many as two multiply-adds a cycle of a latency of four need to be busy:
// whatever delays one of those delays all that follow it.

func rows16AVX2(x, y, w *float32, xOffsets, yOffsets, taps *int, numTaps, channels, add int) {
	rows16x4AVX2(x, y, w, xOffsets, yOffsets, taps, numTaps, channels, add, 0)
	rows16x4AVX2(x, y, w, xOffsets, yOffsets, taps, numTaps, channels, add, 4)
}

func rows24AVX2(x, y, w *float32, xOffsets, yOffsets, taps *int, numTaps, channels, add int) {
	rows24x4AVX2(x, y, w, xOffsets, yOffsets, taps, numTaps, channels, add, 0)
	rows24x4AVX2(x, y, w, xOffsets, yOffsets, taps, numTaps, channels, add, 4)
}

func outer16AVX2(x, dy, sum *float32, xOffsets, dyOffsets *int, count, sumStride, add int) {
	outer16x4AVX2(x, dy, sum, xOffsets, dyOffsets, count, sumStride, add, 0)
	outer16x4AVX2(x, dy, sum, xOffsets, dyOffsets, count, sumStride, add, 4)
}

func outer24AVX2(x, dy, sum *float32, xOffsets, dyOffsets *int, count, sumStride, add int) {
	outer24x4AVX2(x, dy, sum, xOffsets, dyOffsets, count, sumStride, add, 0)
	outer24x4AVX2(x, dy, sum, xOffsets, dyOffsets, count, sumStride, add, 4)
}

//go:noescape
func rows16x4AVX2(x, y, w *float32, xOffsets, yOffsets, taps *int, numTaps, channels, add, firstRow int)

//go:noescape
func rows24x4AVX2(x, y, w *float32, xOffsets, yOffsets, taps *int, numTaps, channels, add, firstRow int)

//go:noescape
func outer16x4AVX2(x, dy, sum *float32, xOffsets, dyOffsets *int, count, sumStride, add, firstRow int)

//go:noescape
func outer24x4AVX2(x, dy, sum *float32, xOffsets, dyOffsets *int, count, sumStride, add, firstRow int)

//go:noescape
func transpose8x8AVX2(to, from *float32, toStride, fromStride int)
