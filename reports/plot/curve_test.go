package plot

import (
	"image"
	"image/color"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/reports/internal/check"
)

func TestCurvesDrawLinesBandsMarksAndLegend(t *testing.T) {
	chart := Chart{Title: "ECE", Subtitle: "on test images", X: Axis{Label: "temperature", Log: true, Lines: []float64{1}},
		Y: Axis{Label: "error", Share: true}}
	plot, err := Curves(chart,
		Curve{Name: "a curve", X: []float64{0.01, 0.1, 10}, Y: []float64{0.1, 0.05, 0.4},
			Lower: []float64{0.05, 0.02, 0.3}, Upper: []float64{0.2, 0.1, 0.5}, Marks: []Point{{0.1, 0.05}}},
		Curve{Name: "another", X: []float64{0.01, 10}, Y: []float64{0.3, 0.3}},
		Curve{Name: "for comparison", X: []float64{0.01, 10}, Y: []float64{0.1, 0.1}, Reference: true},
		Curve{Name: "after it", X: []float64{0.01, 10}, Y: []float64{0.2, 0.2}})
	svg := check.SVG(t, plot, err)
	check.Holds(t, svg, ">ECE<", ">on test images<", ">temperature<", ">error<", ">a curve<", ">another<",
		">for comparison<", ">0.01<", ">1<", ">20%<", "#0072B2", "#D55E00", "#009E73")
	if strings.Contains(svg, "#CC79A7") {
		t.Error("the line for comparison took a colour")
	}
}

func TestCurvesBreakWhereTheyAreNotFinite(t *testing.T) {
	nan := math.NaN()
	plot, err := Curves(Chart{Title: "gaps"}, Curve{Name: "a", X: []float64{0, 1, 2, 3}, Y: []float64{1, 2, nan, 3},
		Lower: []float64{1, 1, nan, 1}, Upper: []float64{2, 2, nan, math.Inf(1)},
		Marks: []Point{{nan, 1}, {1, math.Inf(1)}}})
	check.SVG(t, plot, err)
	plot, err = Curves(Chart{Title: "a point"}, Curve{Name: "a", X: []float64{1}, Y: []float64{0}})
	check.SVG(t, plot, err)
}

func TestCurvesRefuseWhatTheyCannotShow(t *testing.T) {
	logX, logY := Chart{X: Axis{Log: true}}, Chart{Y: Axis{Log: true}}
	one := []float64{1}
	for name, test := range map[string]struct {
		chart Chart
		curve Curve
		want  string
	}{
		"lengths":         {Chart{}, Curve{X: one}, "1 values of X and 0 of Y"},
		"band":            {Chart{}, Curve{X: one, Y: one, Lower: one}, "1 lower and 0 upper ends for 1 points"},
		"log of 0":        {logX, Curve{X: []float64{0}, Y: one}, "a value of X is not positive"},
		"log of a band":   {logY, Curve{X: one, Y: one, Lower: []float64{-1}, Upper: one}, "a value of Y is not positive"},
		"log of a mark":   {logY, Curve{X: one, Y: one, Marks: []Point{{1, 0}}}, "a value of Y is not positive"},
		"nothing finite":  {Chart{}, Curve{X: one, Y: []float64{math.NaN()}}, "no point to draw"},
		"nothing at all":  {Chart{}, Curve{}, "no point to draw"},
		"log of its line": {Chart{X: Axis{Log: true, Lines: []float64{0}}}, Curve{X: one, Y: one}, "X is not positive"},
	} {
		t.Run(name, func(t *testing.T) {
			test.curve.Name = "mine"
			_, err := Curves(test.chart, test.curve)
			check.Error(t, err, test.want)
		})
	}
}

func TestCurvesHaveTheLooksThatAreAskedFor(t *testing.T) {
	chart := Chart{Title: "looks", X: Axis{Lines: []float64{0.5}, LinesName: "half"}, Y: Axis{Lines: []float64{0.25}}}
	x := []float64{0, 1}
	p, err := Curves(chart,
		Curve{Name: "dashed", X: x, Y: x, Colour: rgb(0x123456), Dashes: []float64{6, 1}, Dots: true},
		Curve{X: x, Y: x, Thin: true}, Curve{Name: "second of the colours", X: x, Y: x})
	svg := check.SVG(t, p, err)
	check.Holds(t, svg, ">half<", "#123456", "stroke-dasharray:6,1", "stroke-width:1.1", ">dashed<", "#D55E00")
	if got := strings.Count(svg, "stroke-dasharray:3,3"); got != 3 {
		t.Errorf("got %d lines of the axes, want one on each and one in the legend", got)
	}
}

func TestLegendsOfManyNamesHaveSeveralLines(t *testing.T) {
	var curves []Curve
	for _, name := range []string{"a name of some length", "another name of some length", "a third name of some length"} {
		curves = append(curves, Curve{Name: name, X: []float64{0, 1}, Y: []float64{0, 1}})
	}
	p, err := Curves(Chart{Title: "many"}, curves...)
	check.Holds(t, check.SVG(t, p, err), ">a name of some length<", ">another name of some length<",
		">a third name of some length<")
	picture := check.PNG(t, p.Resized(200, 0))
	blue, vermilion := rowOf(picture, 0x00, 0x72, 0xB2), rowOf(picture, 0xD5, 0x5E, 0x00)
	if blue < 0 || vermilion <= blue {
		t.Errorf("got marks in rows %d and %d, want the second below the first", blue, vermilion)
	}
}

// rowOf is the first row of the picture that holds the colour, -1 if none does.
func rowOf(picture image.Image, r, g, b uint8) int {
	size := picture.Bounds().Size()
	for y := range size.Y {
		for x := range size.X {
			if color.RGBAModel.Convert(picture.At(x, y)) == (color.RGBA{r, g, b, 0xFF}) {
				return y
			}
		}
	}
	return -1
}

// More scores than colours are compared in one plot, and pages are printed in grey.
func TestNoTwoOfManyCurvesLookAlike(t *testing.T) {
	var curves []Curve
	for i := range 12 {
		curves = append(curves, Curve{X: []float64{0, 1}, Y: []float64{float64(i), 0}})
	}
	plot, err := Curves(Chart{Title: "many"}, curves...)
	svg := check.SVG(t, plot, err)
	looks := map[string]int{}
	for _, line := range regexp.MustCompile(`<path [^>]*stroke-width:1\.8[^>]*>`).FindAllString(svg, -1) {
		colour := regexp.MustCompile(`stroke:(#\w+)`).FindString(line)
		looks[colour+regexp.MustCompile(`stroke-dasharray:[^;"]*`).FindString(line)]++
	}
	if len(looks) != len(curves) {
		t.Errorf("%d curves have %d looks: %v", len(curves), len(looks), looks)
	}
}
