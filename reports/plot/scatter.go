package plot

import (
	"fmt"
	"image/color"
	"math"
	"slices"

	gonumplot "gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Cloud is one kind of points of [Scatter]. Its marks have a shape of their own, so that clouds are told apart without
// their colours, too.
type Cloud struct {
	Name   string // in the legend, where a cloud without a name is not shown
	Points []Point
	// Hollow are more points of the kind, of which only the outline is drawn: for what rests on less, as on a single seed.
	// They look like the fourth cloud and those after it.
	Hollow []Point
	// Small makes marks for thousands of points.
	Small bool
	// Colour is that of the marks; the zero value stands for the next one of the plot.
	Colour color.NRGBA
}

// Arrow is a line with a head at To.
type Arrow struct{ From, To Point }

// Scatter plots clouds of points, the first one on top, with arrows and curves, which go below the points. Points that
// are not finite are left out. It is an error if there is no point to draw.
func Scatter(chart Chart, clouds []Cloud, arrows []Arrow, curves ...Curve) (*Plot, error) {
	chart, err := chart.aroundClouds(clouds, curves)
	if err != nil {
		return nil, fmt.Errorf("plotting points: %w", err)
	}
	p := newChart(chart.X, chart.Y)
	result := &Plot{Title: chart.Title, Subtitle: chart.Subtitle, x: chart.X.Label, y: chart.Y.Label,
		width: plotWidth, height: plotHeight, body: p.Draw}
	for i, cloud := range clouds {
		if cloud.Name != "" {
			result.legend = append(result.legend, legendEntry{cloud.Name, cloud.mark(i)})
		}
	}
	for i, c := range curves {
		if !c.Reference && c.Colour == (color.NRGBA{}) {
			c.Colour = seriesColour(len(clouds) + i)
		}
		mark := c.addTo(p)
		if c.Name != "" {
			result.legend = append(result.legend, legendEntry{c.Name, mark})
		}
	}
	result.legend = append(result.legend, chart.lineNames()...)
	p.Add(painter(func(c draw.Canvas, p *gonumplot.Plot) {
		for i := len(clouds) - 1; i >= 0; i-- {
			clouds[i].draw(c, p, i)
		}
		drawArrows(c, p, arrows)
	}))
	return result, nil
}

// aroundClouds returns the chart with axes that reach around the points, with a margin, and as high as the curves.
func (chart Chart) aroundClouds(clouds []Cloud, curves []Curve) (Chart, error) {
	all := slices.Clone(curves)
	x := extentOf(chart.X.Lines)
	for _, cloud := range clouds {
		var points Curve
		for _, at := range slices.Concat(cloud.Points, cloud.Hollow) {
			points.X, points.Y = append(points.X, at.X), append(points.Y, at.Y)
		}
		x = extentOf(points.X, []float64{x.low, x.high})
		all = append(all, points)
	}
	if !x.empty() && (!chart.X.Log || x.low > 0) {
		chart.X = chart.X.over(x.padded(chart.X, 0.05))
	}
	return chart.around(all)
}

// shapes are the marks of clouds, in their order: filled ones, and then their outlines.
var shapes = []draw.GlyphDrawer{
	draw.CircleGlyph{}, draw.PyramidGlyph{}, draw.BoxGlyph{}, diamond{filled: true},
	draw.RingGlyph{}, draw.TriangleGlyph{}, draw.SquareGlyph{}, diamond{},
}

func (cloud Cloud) style(number int) draw.GlyphStyle {
	style := draw.GlyphStyle{Color: cloud.colour(number), Radius: 3.6, Shape: shapes[number%len(shapes)]}
	if cloud.Small {
		style.Radius, style.Color = 1.5, fade(cloud.colour(number), 0.55)
	}
	return style
}

func (cloud Cloud) colour(number int) color.NRGBA {
	if cloud.Colour == (color.NRGBA{}) {
		return seriesColour(number)
	}
	return cloud.Colour
}

// mark is the one in the legend, in full size.
func (cloud Cloud) mark(number int) func(draw.Canvas) {
	style := cloud.style(number)
	style.Radius, style.Color = 3.2, cloud.colour(number)
	return func(c draw.Canvas) { c.DrawGlyph(style, c.Center()) }
}

func (cloud Cloud) draw(c draw.Canvas, p *gonumplot.Plot, number int) {
	toX, toY := p.Transforms(&c)
	filled := cloud.style(number)
	outline := filled
	outline.Shape = shapes[len(shapes)/2+number%(len(shapes)/2)]
	drawAll := func(style draw.GlyphStyle, points []Point) {
		for _, at := range points {
			if place := (vg.Point{X: toX(at.X), Y: toY(at.Y)}); at.finite() && within(c, place) {
				c.DrawGlyph(style, place)
			}
		}
	}
	drawAll(outline, cloud.Hollow)
	drawAll(filled, cloud.Points)
}

// drawArrows draws arrows whose heads end a little before the mark that they point at.
func drawArrows(c draw.Canvas, p *gonumplot.Plot, arrows []Arrow) {
	const before, head, spread = 5, 6, 0.4
	toX, toY := p.Transforms(&c)
	line := draw.LineStyle{Color: ink, Width: 1}
	for _, arrow := range arrows {
		from := vg.Point{X: toX(arrow.From.X), Y: toY(arrow.From.Y)}
		to := vg.Point{X: toX(arrow.To.X), Y: toY(arrow.To.Y)}
		if way := to.Sub(from); !arrow.From.finite() || !arrow.To.finite() || math.Hypot(float64(way.X), float64(way.Y)) < 2*before {
			continue
		}
		angle := math.Atan2(float64(to.Y-from.Y), float64(to.X-from.X))
		tip := onCircle(to, before, angle+math.Pi)
		c.StrokeLine2(line, from.X, from.Y, tip.X, tip.Y)
		for _, side := range []float64{-spread, spread} {
			end := onCircle(tip, head, angle+math.Pi+side)
			c.StrokeLine2(line, tip.X, tip.Y, end.X, end.Y)
		}
	}
}
