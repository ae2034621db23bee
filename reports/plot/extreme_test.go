package plot

import (
	"math"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/reports/internal/check"
)

func TestExtremeValuesAreDrawnWithABoundedNumberOfTicks(t *testing.T) {
	for name, ends := range map[string][2]float64{
		"huge":              {0, 1e300},
		"huge both ways":    {-1e300, 1e300},
		"huge and close":    {1e300, math.Nextafter(1e300, 2e300)},
		"beyond integers":   {1e17, 1e17 + 64},
		"tiny":              {0, math.SmallestNonzeroFloat64},
		"large and small":   {1e-300, 1e300},
		"above the largest": {1, math.MaxFloat64},
	} {
		t.Run(name, func(t *testing.T) {
			for _, axis := range []Axis{{}, {Whole: true}, {Share: true}, {Log: ends[0] > 0}} {
				chart := Chart{Title: name, X: axis, Y: axis}
				p, err := Curves(chart, Curve{Name: "a", X: ends[:], Y: ends[:], Lower: ends[:], Upper: ends[:], Dots: true,
					Marks: []Point{{ends[1], ends[1]}}})
				if svg := check.SVG(t, p, err); strings.Count(svg, "<text ") > 2*mostTicks+4 {
					t.Errorf("%+v: got %d texts, want at most %d", axis, strings.Count(svg, "<text "), 2*mostTicks+4)
				}
			}
		})
	}
}

func TestOneBinOfExtremeWidthIsDrawn(t *testing.T) {
	p, err := Histograms(Chart{Title: "wide"}, []float64{-1e300, 1e300}, Histogram{Name: "a", Counts: []int{math.MaxInt}})
	check.SVG(t, p, err)
}

func TestFixedAxesClipWhatLiesOutside(t *testing.T) {
	far := []float64{-1e300, 0.5, 1e300}
	p, err := Curves(Chart{X: Axis{To: 1}, Y: Axis{To: 1}},
		Curve{Name: "a", X: far, Y: far, Lower: far, Upper: far, Dots: true, Marks: []Point{{1e300, 1e300}, {0.5, 0.5}}})
	if svg := check.SVG(t, p, err); strings.Contains(svg, "e+") {
		t.Errorf("the SVG holds coordinates far outside of the plot:\n%.3000s", svg)
	}
}
