package kerneltest

import (
	"math"
	"slices"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/direct"
)

// Sums are the results of a convolution, or of a gradient of it, in float64.
type Sums struct {
	Values  []float64
	squares []float64 // the sum of the squares of the products
	lengths []int     // the number of products
}

type number interface{ float32 | float64 }

// Forward is the convolution of images x by a kernel w.
func Forward[T number](c direct.Convolution, x, w []T) *Sums {
	y := newSums(ResultsLen(c))
	eachTap(c, func(xs, ws, ys places) { add(y, ys, x, xs, w, ws, c) })
	return y
}

// InputGradient is the gradient of x, where dy is that of y.
func InputGradient[T number](c direct.Convolution, w, dy []T) *Sums {
	dx := newSums(ImagesLen(c))
	eachTap(c, func(xs, ws, ys places) { add(dx, xs, w, ws, dy, ys, c) })
	return dx
}

// KernelGradient is the gradient of w, where dy is that of y.
func KernelGradient[T number](c direct.Convolution, x, dy []T) *Sums {
	dw := newSums(KernelLen(c))
	eachTap(c, func(xs, ws, ys places) { add(dw, ws, x, xs, dy, ys, c) })
	return dw
}

func newSums(n int) *Sums {
	return &Sums{Values: make([]float64, n), squares: make([]float64, n), lengths: make([]int, n)}
}

// places are where an array has the elements that a tap at a position multiplies: from which on, and how far apart for
// neighbouring input and output channels.
type places struct{ first, perInput, perOutput int }

// add adds the products of a tap at a position, of all channels.
func add[T number](sums *Sums, to places, a []T, as places, b []T, bs places, c direct.Convolution) {
	for in := range c.In {
		for out := range c.Out {
			p := float64(a[as.first+in*as.perInput+out*as.perOutput]) * float64(b[bs.first+in*bs.perInput+out*bs.perOutput])
			i := to.first + in*to.perInput + out*to.perOutput
			sums.Values[i] += p
			sums.squares[i] += p * p
			sums.lengths[i]++
		}
	}
}

// eachTap calls visit for every output position and tap that finds a pixel.
func eachTap(c direct.Convolution, visit func(x, w, y places)) {
	rows, columns := c.Axes[0], c.Axes[1]
	for at := range c.Batch * rows.Positions * columns.Positions {
		image, i, j := at/columns.Positions/rows.Positions, at/columns.Positions%rows.Positions, at%columns.Positions
		for tap := range rows.Taps * columns.Taps {
			row, column := pixel(rows, i, tap/columns.Taps), pixel(columns, j, tap%columns.Taps)
			if row < 0 || column < 0 {
				continue
			}
			x := ((image*rows.Size+row)*columns.Size + column) * c.In
			w := c.KernelStart + tap/columns.Taps*c.KernelStrides[0] + tap%columns.Taps*c.KernelStrides[1]
			visit(places{x, 1, 0}, places{w, c.KernelStrides[2], c.KernelStrides[3]}, places{at * c.Out, 0, 1})
		}
	}
}

// pixel is where a tap of an output position finds its pixel along an axis, or -1 where it finds a zero.
func pixel(s direct.Spatial, position, tap int) int {
	at := s.Stride*position + s.Dilation*tap - s.Pad
	if at < 0 || at%s.InputDilation != 0 || at/s.InputDilation >= s.Size {
		return -1
	}
	return at / s.InputDilation
}

// Precision is what a family of kernels may lose to rounding.
type Precision struct {
	// Unit is what one rounding may lose of a number: 2⁻²⁴ in float32, 2⁻⁵³ in float64.
	Unit float64
	// Factor widens the bound: errors have a distribution, and the largest of millions is many times the usual one.
	Factor float64
	// Result is what rounding the result to a narrower type may lose of it, 0 if there is none.
	Result float64
	// Shared is true of results that are computed several at a time, so that one has the errors of others.
	Shared bool
	// RMS is what the root mean square of all errors may be, relative to that of the results; 0 bounds none.
	RMS float64
}

// longest is what the error of a sum may be relative to its size, however long the sum is.
const longest = 1e-5

// Excess is the largest error relative to its bound, which for a sum of n products p is
//
//	Factor · Unit · √n · √(Σ p² + (Σ p)²) + Result · |Σ p|.
//
// That is how errors of rounding grow which are independent of each other: those of n partial sums, whose magnitudes are
// about √(Σ p²), and more where the sum itself is large. Results that are not numbers make it infinite.
func Excess[T number](p Precision, got []T, want *Sums) float64 {
	bounds := make([]float64, len(want.Values))
	for i, value := range want.Values {
		relative := min(p.Factor*p.Unit*math.Sqrt(float64(want.lengths[i])), longest)
		bounds[i] = relative * math.Sqrt(want.squares[i]+value*value)
	}
	if p.Shared {
		bounds = slices.Repeat([]float64{slices.Max(bounds)}, len(bounds))
	}
	excess := 0.0
	if p.RMS > 0 {
		excess = RelativeRMS(got, want) / p.RMS
	}
	for i, value := range want.Values {
		switch difference := math.Abs(float64(got[i]) - value); {
		case math.IsNaN(difference):
			return math.Inf(1)
		case difference > 0:
			excess = max(excess, difference/(bounds[i]+p.Result*math.Abs(value)))
		}
	}
	return excess
}

// RelativeRMS is the root of the mean square of the differences over that of the values.
func RelativeRMS[T number](got []T, want *Sums) float64 {
	var difference, magnitude float64
	for i, value := range want.Values {
		difference += (float64(got[i]) - value) * (float64(got[i]) - value)
		magnitude += value * value
	}
	return math.Sqrt(difference / max(magnitude, math.SmallestNonzeroFloat64))
}
