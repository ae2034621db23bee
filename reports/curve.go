package reports

import (
	"errors"
	"fmt"
	"image/color"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Curve is one line of [Curves], through the points (X[i], Y[i]) in their order. A point that is not finite breaks it.
type Curve struct {
	Name string // in the legend
	X, Y []float64

	// Lower and Upper, if given, are the ends of a band around the line at each X: a confidence interval, for example.
	Lower, Upper []float64

	// Reference makes it a thin dashed line for comparison with the others, for example y = x.
	Reference bool

	// Marks are points of interest, for example a minimum: each is a dot with a line down to the axis.
	Marks []Point
}

// Point is a place on a [Chart].
type Point struct{ X, Y float64 }

// Curves plots lines, their bands and their marks in one chart.
func Curves(chart Chart, curves ...Curve) (*Plot, error) {
	x, y := extentOf(chart.X.Lines), extentOf(chart.Y.Lines)
	for _, c := range curves {
		if err := c.check(chart); err != nil {
			return nil, fmt.Errorf("plotting curve %q: %w", c.Name, err)
		}
		x = extentOf(c.X, c.markX(), []float64{x.low, x.high})
		y = extentOf(c.Y, c.Lower, c.Upper, c.markY(), []float64{y.low, y.high})
	}
	if x.empty() || y.empty() {
		return nil, errors.New("plotting curves: there is no point to draw")
	}
	if !chart.Y.Log {
		y = y.fromZero()
	}
	y = y.padded(chart.Y, 0.05)
	if x.low == x.high {
		x = x.padded(chart.X, 0.05)
	}
	p := newFreeChart(chart, x, y)
	result := &Plot{Title: chart.Title, Subtitle: chart.Subtitle, name: fileName(chart.Title),
		width: plotWidth, height: plotHeight, body: p.Draw}
	series := 0
	for _, c := range curves {
		colour := rgb(seriesColours[series%len(seriesColours)])
		line := draw.LineStyle{Color: colour, Width: lineWidth}
		if c.Reference {
			line = referenceLine
		} else {
			series++
		}
		mark := lineMark(line)
		if c.Lower != nil {
			p.Add(band(fade(colour, 0.18), c))
			mark = bandMark(fade(colour, 0.25), line)
		}
		p.Add(polyline(line, c.points()), dropLines(colour, c.Marks))
		result.legend = append(result.legend, legendEntry{c.Name, mark})
	}
	return result, nil
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

func (c Curve) points() []point {
	points := make([]point, len(c.X))
	for i := range c.X {
		points[i] = point{c.X[i], c.Y[i]}
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

// band fills the area between Lower and Upper; what is not finite leaves a gap.
func band(fill color.Color, c Curve) painter {
	return func(canvas draw.Canvas, p *plot.Plot) {
		toX, toY := p.Transforms(&canvas)
		var upper, lower []vg.Point
		flush := func() {
			if len(upper) > 1 {
				slices.Reverse(lower)
				canvas.FillPolygon(fill, append(upper, lower...))
			}
			upper, lower = nil, nil
		}
		for i, x := range c.X {
			if !finite(x) || !finite(c.Lower[i]) || !finite(c.Upper[i]) {
				flush()
				continue
			}
			upper = append(upper, vg.Point{X: toX(x), Y: toY(c.Upper[i])})
			lower = append(lower, vg.Point{X: toX(x), Y: toY(c.Lower[i])})
		}
		flush()
	}
}

// bandMark is the legend mark of a line with a band.
func bandMark(fill color.Color, line draw.LineStyle) func(draw.Canvas) {
	return func(c draw.Canvas) {
		c.SetColor(fill)
		c.Fill(c.Rectangle.Path())
		lineMark(line)(c)
	}
}

// dropLines draws each mark as a dot with a thin line down to the x axis.
func dropLines(colour color.Color, marks []Point) painter {
	return func(c draw.Canvas, p *plot.Plot) {
		toX, toY := p.Transforms(&c)
		thin := draw.LineStyle{Color: colour, Width: 1, Dashes: []vg.Length{2, 2}}
		for _, mark := range marks {
			if !finite(mark.X) || !finite(mark.Y) {
				continue
			}
			at := vg.Point{X: toX(mark.X), Y: toY(mark.Y)}
			c.StrokeLine2(thin, at.X, c.Min.Y, at.X, at.Y)
			disc(c, at, surface, 4.2)
			disc(c, at, colour, 3)
		}
	}
}

func disc(c draw.Canvas, at vg.Point, colour color.Color, radius vg.Length) {
	c.DrawGlyph(draw.GlyphStyle{Color: colour, Radius: radius, Shape: draw.CircleGlyph{}}, at)
}
