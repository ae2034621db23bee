package kerneltest

import (
	"math"
	"slices"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/direct"
)

// small has y[i] = w[0] x[i-1] + w[1] x[i+1] for i = 0 and 2, with zeros around x.
var small = Ordered(direct.Convolution{Batch: 1, In: 1, Out: 1, Axes: [2]direct.Spatial{
	{Size: 1, Taps: 1, Positions: 1, Stride: 1, Dilation: 1, InputDilation: 1},
	{Size: 3, Taps: 2, Positions: 2, Stride: 2, Dilation: 2, Pad: 1, InputDilation: 1},
}})

func TestSumsAreThoseOnPaper(t *testing.T) {
	x, w, dy := []float32{1, 2, 3}, []float32{10, 100}, []float32{5, 7}
	for _, test := range []struct {
		name      string
		got, want []float64
	}{
		{"forward", Forward(small, x, w).Values, []float64{200, 20}},
		{"forward, reversed", Forward(Reversed(small), x, w).Values, []float64{20, 200}},
		{"gradient of the input", InputGradient(small, w, dy).Values, []float64{0, 570, 0}},
		{"gradient of the kernel", KernelGradient(small, x, dy).Values, []float64{14, 10}},
	} {
		if !slices.Equal(test.got, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, test.got, test.want)
		}
	}
}

func TestExcessTellsRoundingFromMistakes(t *testing.T) {
	want := Forward(small, []float32{1, 2, 3}, []float32{10, 100}) // 200 and 20, of one product each
	p := Precision{Unit: 0x1p-24, Factor: 4}
	shared, rounded := p, p
	shared.Shared, rounded.Result = true, 0x1p-8
	for _, test := range []struct {
		name          string
		p             Precision
		got           []float32
		least, atMost float64
	}{
		{"exact", p, []float32{200, 20}, 0, 0},
		{"a last bit", p, []float32{200, math.Nextafter32(20, 21)}, 0.1, 1},
		{"twenty last bits", p, []float32{200, 20 * (1 + 0x1.4p-19)}, 5, 20},
		{"the same beside a larger result", shared, []float32{200, 20 * (1 + 0x1.4p-19)}, 0.5, 2},
		{"rounded to 8 bits", rounded, []float32{200, 20.0625}, 0.5, 1},
		{"not a number", p, []float32{200, float32(math.NaN())}, math.Inf(1), math.Inf(1)},
	} {
		if got := Excess(test.p, test.got, want); !(got >= test.least && got <= test.atMost) {
			t.Errorf("%s: got %g, want %g to %g", test.name, got, test.least, test.atMost)
		}
	}
}
