package direct

// The kernels hold a block of blockRows × panel results in registers. What they read and write is given by tables of
// byte offsets, so that one kernel serves every stride, dilation and border.
const blockRows = 8

// kernelSet holds the inner loops for one kind of processor.
type kernelSet struct {
	name string

	// panels are the two widths, in floats, that the kernels exist for, the narrower first.
	panels [2]int

	// rows computes, for row = 0..7 and column = 0..panel-1,
	//
	//	y[yOffsets[row] + column] = Σ over tap, c < channels of x[xOffsets[row] + taps[tap] + c] · w[tap, c, column],
	//
	// or adds the sum to what is there, if add is not 0.
	rows map[int]func(x, y, w *float32, xOffsets, yOffsets, taps *int, numTaps, channels, add int)

	// outer computes, for row = 0..7 and column = 0..panel-1,
	//
	//	sum[row·sumStride + column] = Σ over i < count of x[xOffsets[i] + row] · dy[dyOffsets[i] + column],
	//
	// or adds it to what is there, if add is not 0.
	outer map[int]func(x, dy, sum *float32, xOffsets, dyOffsets *int, count, sumStride, add int)

	// transpose8x8 transposes 8 rows of 8 floats; the strides lead from row to row, in bytes.
	transpose8x8 func(to, from *float32, toStride, fromStride int)
}

// Available reports whether this processor has kernels, and Name which.
func Available() bool { return kernels != nil }

// Name is the instruction set of the kernels, "" if there are none.
func Name() string {
	if kernels == nil {
		return ""
	}
	return kernels.name
}
