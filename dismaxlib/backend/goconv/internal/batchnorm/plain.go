package batchnorm

// affine is how x is normalized, with a number for each column of a row.
type affine struct{ mean, gain, offset []float32 }

// slopes is how x and the gradient of y make that of x, with a number for each column of a row.
type slopes struct {
	affine
	slope, level []float32
}

// normalized is (x - mean) · gain + offset, always rounded twice.
func (a *affine) normalized(x float32, column int) float32 {
	return float32((x-a.mean[column])*a.gain[column]) + a.offset[column]
}

// passed is the gradient that passes a rectifier of normalized numbers.
func (a *affine) passed(dy, x float32, column int, relu bool) float32 {
	if relu && !(a.normalized(x, column) > 0) {
		return 0
	}
	return dy
}

// sumsPlain adds, for every column of x, [rows, len(shift)], the sum of x - shift and of its square.
func sumsPlain(sum, square, x, shift []float32) {
	for at, v := range x {
		column := at % len(shift)
		centred := v - shift[column]
		sum[column] += centred
		square[column] += centred * centred
	}
}

// normalizePlain computes y = (x - mean) · gain + offset + residual, and rectifies it if relu is set. Of a nil residual
// nothing is added. Rows have a number for each of the columns of a, and begin at multiples of the stride.
func normalizePlain(y, x, residual []float32, stride int, a affine, relu bool) {
	for row := 0; row < len(x); row += stride {
		for column := range a.mean {
			at := row + column
			value := a.normalized(x[at], column)
			if residual != nil {
				value += residual[at]
			}
			if relu && value < 0 {
				value = 0
			}
			y[at] = value
		}
	}
}

// gradientSumsPlain adds, for every column, the sum of dy and of dy · (x - mean). If relu is set, dy counts where the
// normalized x is positive, else everywhere, and only the mean is read.
func gradientSumsPlain(sum, product, dy, x []float32, a affine, relu bool) {
	for at, v := range x {
		column := at % len(a.mean)
		d := a.passed(dy[at], v, column, relu)
		sum[column] += d
		product[column] += d * (v - a.mean[column])
	}
}

// gradientPlain computes dx = gain · dy - (slope · (x - mean) + level) + addend, with dy as in gradientSumsPlain. Of a
// nil addend nothing is added.
func gradientPlain(dx, dy, x, addend []float32, s slopes, relu bool) {
	for at, v := range x {
		column := at % len(s.mean)
		rest := s.slope[column]*(v-s.mean[column]) + s.level[column]
		value := s.gain[column]*s.passed(dy[at], v, column, relu) - rest
		if addend != nil {
			value += addend[at]
		}
		dx[at] = value
	}
}
