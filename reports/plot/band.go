package plot

import (
	"image/color"
	"slices"

	gonumplot "gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// band fills the area between Lower and Upper; what is not finite leaves a gap.
func band(fill color.Color, c Curve) painter {
	return func(canvas draw.Canvas, p *gonumplot.Plot) {
		toX, toY := p.Transforms(&canvas)
		var upper, lower []vg.Point
		flush := func() {
			if len(upper) > 1 {
				slices.Reverse(lower)
				canvas.FillPolygon(fill, canvas.ClipPolygonXY(append(upper, lower...)))
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

// dropLines draws each mark as a dot with a thin line down to the x axis.
func dropLines(colour color.Color, marks []Point) painter {
	return func(c draw.Canvas, p *gonumplot.Plot) {
		toX, toY := p.Transforms(&c)
		thin := draw.LineStyle{Color: colour, Width: 1, Dashes: []vg.Length{2, 2}}
		for _, mark := range marks {
			at := vg.Point{X: toX(mark.X), Y: toY(mark.Y)}
			if !mark.finite() || !within(c, at) {
				continue
			}
			c.StrokeLine2(thin, at.X, c.Min.Y, at.X, at.Y)
			disc(c, at, surface, 4.2)
			disc(c, at, colour, 3)
		}
	}
}
