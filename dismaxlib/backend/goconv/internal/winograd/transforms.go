package winograd

// The transforms work on many channels at once, from the channel `first` on. What they are given as planes are 16
// matrices, a distance apart, in the order of rows and columns of a tile. These are their plain forms, for what
// transforms_amd64.s leaves over of the channels, for other processors, and as the reference in tests.

// plainPixels computes BᵀxB for 4x4 pixels with
//
//	     ⎡ 1  0 -1  0 ⎤
//	Bᵀ = ⎢ 0  1  1  0 ⎥
//	     ⎢ 0 -1  1  0 ⎥
//	     ⎣ 0  1  0 -1 ⎦
func plainPixels(v []float32, plane int, x []float32, rowStride, channels, first int) {
	for c := first; c < channels; c++ {
		var rows [side][side]float32
		for j := range side {
			at := j*channels + c
			rows[0][j], rows[1][j], rows[2][j], rows[3][j] = pixelRow(
				x[at], x[rowStride+at], x[2*rowStride+at], x[3*rowStride+at])
		}
		for i, r := range rows {
			at := i*side*plane + c
			v[at], v[at+plane], v[at+2*plane], v[at+3*plane] = pixelRow(r[0], r[1], r[2], r[3])
		}
	}
}

// pixelRow is Bᵀ times a vector.
func pixelRow(a, b, c, d float32) (float32, float32, float32, float32) {
	return a - c, b + c, c - b, b - d
}

// plainResults computes the 2x2 results AᵀmA with
//
//	Aᵀ = ⎡ 1  1  1  0 ⎤
//	     ⎣ 0  1 -1 -1 ⎦
func plainResults(y []float32, rowStride int, m []float32, plane, channels, first int) {
	for c := first; c < channels; c++ {
		var upper, lower [side]float32
		for j := range side {
			at := j*plane + c
			upper[j], lower[j] = resultRow(m[at], m[4*plane+at], m[8*plane+at], m[12*plane+at])
		}
		y[c], y[channels+c] = resultRow(upper[0], upper[1], upper[2], upper[3])
		y[rowStride+c], y[rowStride+channels+c] = resultRow(lower[0], lower[1], lower[2], lower[3])
	}
}

// resultRow is Aᵀ times a vector.
func resultRow(a, b, c, d float32) (float32, float32) { return a + b + c, b - c - d }

// plainGradients computes A·dy·Aᵀ for 2x2 gradients.
func plainGradients(d []float32, plane int, dy []float32, rowStride, channels, first int) {
	for c := first; c < channels; c++ {
		left := column(dy[c], dy[rowStride+c])
		right := column(dy[channels+c], dy[rowStride+channels+c])
		for i := range side {
			for j, value := range column(left[i], right[i]) {
				d[(i*side+j)*plane+c] = value
			}
		}
	}
}

// column is A times a vector.
func column(a, b float32) [side]float32 { return [side]float32{a, a + b, a - b, -b} }

// plainWeights computes GwGᵀ for many 3x3 kernels, [rows, width], with
//
//	    ⎡  1   0   0  ⎤
//	G = ⎢ 1/2 1/2 1/2 ⎥
//	    ⎢ 1/2-1/2 1/2 ⎥
//	    ⎣  0   0   1  ⎦
//
// The rows of u follow each other; the rows of w and its taps are as far apart as steps says.
func plainWeights(u []float32, plane int, w []float32, steps weightSteps, rows, width, first int) {
	for row := range rows {
		for c := first; c < width; c++ {
			plainWeight(u[row*width+c:], plane, w[row*steps.row+c:], steps)
		}
	}
}

// weightSteps is how far weights are apart: along the rows and columns of taps, and from one input channel to the next.
type weightSteps struct{ tapRow, tapColumn, row int }

func plainWeight(u []float32, plane int, w []float32, steps weightSteps) {
	var rows [side][3]float32
	for j := range 3 {
		at := j * steps.tapColumn
		for i, value := range spread(w[at], w[steps.tapRow+at], w[2*steps.tapRow+at]) {
			rows[i][j] = value
		}
	}
	for i, r := range rows {
		for j, value := range spread(r[0], r[1], r[2]) {
			u[(i*side+j)*plane] = value
		}
	}
}

// spread is G times a vector.
func spread(a, b, c float32) [side]float32 {
	return [side]float32{a, 0.5*(a+c) + 0.5*b, 0.5*(a+c) - 0.5*b, c}
}

// plainKernel computes the 3x3 gradients GᵀsG of many kernels, whose taps are rowStride and tapStride apart.
func plainKernel(dw []float32, rowStride, tapStride int, s []float32, plane, channels, first int) {
	for c := first; c < channels; c++ {
		var rows [3][side]float32
		for j := range side {
			at := j*plane + c
			for i, value := range gather(s[at], s[4*plane+at], s[8*plane+at], s[12*plane+at]) {
				rows[i][j] = value
			}
		}
		for i, r := range rows {
			for j, value := range gather(r[0], r[1], r[2], r[3]) {
				dw[i*rowStride+j*tapStride+c] = value
			}
		}
	}
}

// gather is Gᵀ times a vector.
func gather(a, b, c, d float32) [3]float32 {
	return [3]float32{a + 0.5*(b+c), 0.5 * (b - c), 0.5*(b+c) + d}
}

func plainAdd(to, from []float32, first int) {
	for i := first; i < len(to); i++ {
		to[i] += from[i]
	}
}
