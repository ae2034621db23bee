package plot

import (
	"image/color"

	gonumplot "gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Point is a place on a [Chart].
type Point struct{ X, Y float64 }

// finite reports whether the point has a place on a chart.
func (p Point) finite() bool { return finite(p.X) && finite(p.Y) }

// painter is a function that draws on the data area of a gonum plot; it is a gonumplot.Plotter.
type painter func(c draw.Canvas, p *gonumplot.Plot)

// Plot draws on the data area.
func (f painter) Plot(c draw.Canvas, p *gonumplot.Plot) { f(c, p) }

// polyline draws lines through the points, clipped to the data area; a point that is not finite breaks the line.
func polyline(style draw.LineStyle, points []Point) painter {
	return func(c draw.Canvas, p *gonumplot.Plot) {
		toX, toY := p.Transforms(&c)
		var run []vg.Point
		stroke := func() {
			if len(run) > 1 {
				c.StrokeLines(style, c.ClipLinesXY(run)...)
			}
			run = nil
		}
		for _, at := range points {
			if !at.finite() {
				stroke()
				continue
			}
			run = append(run, vg.Point{X: toX(at.X), Y: toY(at.Y)})
		}
		stroke()
	}
}

// dots draws a disc at each finite point of the data area.
func dots(colour color.Color, radius vg.Length, points []Point) painter {
	return func(c draw.Canvas, p *gonumplot.Plot) {
		toX, toY := p.Transforms(&c)
		for _, at := range points {
			if place := (vg.Point{X: toX(at.X), Y: toY(at.Y)}); at.finite() && within(c, place) {
				disc(c, place, colour, radius)
			}
		}
	}
}

// within reports whether the place lies on the canvas, give or take a rounding error.
func within(c draw.Canvas, at vg.Point) bool {
	const slack = 0.01
	return c.Min.X-slack <= at.X && at.X <= c.Max.X+slack && c.Min.Y-slack <= at.Y && at.Y <= c.Max.Y+slack
}

func disc(c draw.Canvas, at vg.Point, colour color.Color, radius vg.Length) {
	c.DrawGlyph(draw.GlyphStyle{Color: colour, Radius: radius, Shape: draw.CircleGlyph{}}, at)
}
