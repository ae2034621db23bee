package plot

import (
	"errors"
	"fmt"
	"image/color"
	"slices"

	gonumplot "gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Curve is one line of [Curves], through the points (X[i], Y[i]) in their order. A point that is not finite breaks it.
type Curve struct {
	Name string // in the legend, where a curve without a name is not shown
	X, Y []float64

	// Lower and Upper, if given, are the ends of a band around the line at each X: a confidence interval, for example.
	Lower, Upper []float64

	// Marks are points of interest, for example a minimum: each is a dot with a line down to the axis.
	Marks []Point

	// Reference makes it a thin dashed line for comparison with the others, for example y = x.
	Reference bool

	// Colour is that of the line; the zero value stands for the next one of the plot.
	Colour color.NRGBA
	// Dashes are the lengths of dashes and gaps in points, by turns; none for a solid line. Where no curve of a plot has
	// any, those that get the next colour get the next dashes as well.
	Dashes []float64
	// Thin makes a thin and pale line, one of many. The legend shows it as the others.
	Thin bool
	// Dots puts a dot on each point.
	Dots bool
}

// Curves plots lines, their bands and their marks in one chart. It is an error if there is no point to draw, if lists
// differ in length, or if a logarithmic axis cannot show a value.
func Curves(chart Chart, curves ...Curve) (*Plot, error) {
	chart, err := chart.around(curves)
	if err != nil {
		return nil, err
	}
	p := newChart(chart.X, chart.Y)
	result := &Plot{Title: chart.Title, Subtitle: chart.Subtitle, x: chart.X.Label, y: chart.Y.Label,
		width: plotWidth, height: plotHeight, body: p.Draw}
	series, haveDashes := 0, slices.ContainsFunc(curves, func(c Curve) bool { return c.Dashes != nil })
	for _, c := range curves {
		if !c.Reference && c.Colour == (color.NRGBA{}) {
			c.Colour = seriesColour(series)
			if !haveDashes {
				c.Dashes = seriesDashes[series%len(seriesDashes)]
			}
			series++
		}
		mark := c.addTo(p)
		if c.Name != "" {
			result.legend = append(result.legend, legendEntry{c.Name, mark})
		}
	}
	result.legend = append(result.legend, chart.lineNames()...)
	return result, nil
}

// around returns the chart with axes that reach around the curves.
func (chart Chart) around(curves []Curve) (Chart, error) {
	x, y := extentOf(chart.X.Lines), extentOf(chart.Y.Lines)
	for _, c := range curves {
		if err := c.check(chart); err != nil {
			return chart, fmt.Errorf("plotting curve %q: %w", c.Name, err)
		}
		x = extentOf(c.X, c.markX(), []float64{x.low, x.high})
		y = extentOf(c.Y, c.Lower, c.Upper, c.markY(), []float64{y.low, y.high})
	}
	if (x.empty() && !chart.X.fixed()) || (y.empty() && !chart.Y.fixed()) {
		return chart, errors.New("plotting curves: there is no point to draw")
	}
	if !chart.Y.Log {
		y = y.fromZero()
	}
	if x.low == x.high {
		x = x.padded(chart.X, 0.05)
	}
	chart.X, chart.Y = chart.X.over(x), chart.Y.over(y.padded(chart.Y, 0.05))
	return chart, nil
}

// check refuses lists of different lengths, and values that a logarithmic axis cannot show.
func (c Curve) check(chart Chart) error {
	if len(c.Y) != len(c.X) {
		return fmt.Errorf("it has %d values of X and %d of Y", len(c.X), len(c.Y))
	}
	if (c.Lower != nil || c.Upper != nil) && (len(c.Lower) != len(c.X) || len(c.Upper) != len(c.X)) {
		return fmt.Errorf("its band has %d lower and %d upper ends for %d points", len(c.Lower), len(c.Upper), len(c.X))
	}
	notPositive := func(v float64) bool { return v <= 0 }
	if chart.X.Log && slices.ContainsFunc(slices.Concat(c.X, c.markX(), chart.X.Lines), notPositive) {
		return errors.New("a value of X is not positive: a logarithmic axis cannot show it")
	}
	if chart.Y.Log && slices.ContainsFunc(slices.Concat(c.Y, c.Lower, c.Upper, c.markY(), chart.Y.Lines), notPositive) {
		return errors.New("a value of Y is not positive: a logarithmic axis cannot show it")
	}
	return nil
}

// addTo draws the curve and returns its mark in the legend.
func (c Curve) addTo(p *gonumplot.Plot) (mark func(draw.Canvas)) {
	line := c.style()
	mark = lineMark(line)
	if c.Lower != nil {
		p.Add(band(fade(c.Colour, 0.18), c))
		mark = bandMark(fade(c.Colour, 0.25), line)
	}
	if c.Thin {
		line.Width, line.Color = 1.1, fade(c.Colour, 0.75)
	}
	p.Add(polyline(line, c.points()), dropLines(c.Colour, c.Marks))
	if c.Dots {
		p.Add(dots(line.Color, 2.4, c.points()))
	}
	return mark
}

// style is that of the line if it is not thin.
func (c Curve) style() draw.LineStyle {
	if c.Reference {
		return referenceLine
	}
	style := draw.LineStyle{Color: c.Colour, Width: lineWidth}
	for _, length := range c.Dashes {
		style.Dashes = append(style.Dashes, vg.Length(length))
	}
	return style
}

func (c Curve) points() []Point {
	points := make([]Point, len(c.X))
	for i := range c.X {
		points[i] = Point{c.X[i], c.Y[i]}
	}
	return points
}

func (c Curve) markX() (xs []float64) {
	for _, mark := range c.Marks {
		xs = append(xs, mark.X)
	}
	return xs
}

func (c Curve) markY() (ys []float64) {
	for _, mark := range c.Marks {
		ys = append(ys, mark.Y)
	}
	return ys
}
