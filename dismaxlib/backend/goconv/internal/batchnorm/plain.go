package batchnorm

// affine is how x is normalized, with a number for each column of a row.
type affine struct{ mean, gain, offset []float32 }

// slopes is how x and the gradient of y make that of x, with a number for each column of a row.
type slopes struct{ mean, gain, slope, level []float32 }

// sumsPlain adds, for every column of x, [rows, len(shift)], the sum of x - shift and of its square.
func sumsPlain(sum, square, x, shift []float32) {
	for at, v := range x {
		column := at % len(shift)
		centred := v - shift[column]
		sum[column] += centred
		square[column] += centred * centred
	}
}

// normalizePlain computes y = (x - mean) · gain + offset.
func normalizePlain(y, x []float32, a affine) {
	for at, v := range x {
		column := at % len(a.mean)
		y[at] = (v-a.mean[column])*a.gain[column] + a.offset[column]
	}
}

// gradientSumsPlain adds, for every column, the sum of dy and of dy · (x - mean).
func gradientSumsPlain(sum, product, dy, x, mean []float32) {
	for at, v := range x {
		column := at % len(mean)
		sum[column] += dy[at]
		product[column] += dy[at] * (v - mean[column])
	}
}

// gradientPlain computes dx = gain · dy - (slope · (x - mean) + level).
func gradientPlain(dx, dy, x []float32, s slopes) {
	for at, v := range x {
		column := at % len(s.mean)
		dx[at] = s.gain[column]*dy[at] - (s.slope[column]*(v-s.mean[column]) + s.level[column])
	}
}
