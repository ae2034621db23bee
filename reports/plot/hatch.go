package plot

import (
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// hatch fills the rectangle with slanted lines and outlines it.
func hatch(c draw.Canvas, r vg.Rectangle) {
	style := draw.LineStyle{Color: ink, Width: 0.7}
	if r.Size().Y < 0.5 {
		return
	}
	const gap = vg.Length(4)
	// Lines x - y = k of the plane, so that the hatching of neighbours fits together.
	for k := vg.Length(math.Ceil(float64((r.Min.X-r.Max.Y)/gap))) * gap; k < r.Max.X-r.Min.Y; k += gap {
		from := vg.Point{X: max(r.Min.X, r.Min.Y+k), Y: max(r.Min.Y, r.Min.X-k)}
		to := vg.Point{X: min(r.Max.X, r.Max.Y+k), Y: min(r.Max.Y, r.Max.X-k)}
		c.StrokeLine2(style, from.X, from.Y, to.X, to.Y)
	}
	outline := append(r.Path(), vg.PathComp{Type: vg.CloseComp})
	c.SetLineStyle(style)
	c.Stroke(outline)
}

// hatchMark is a hatched box in the legend.
func hatchMark(c draw.Canvas) {
	c.Min.Y += 1.5
	c.Max.Y -= 2.5
	hatch(c, c.Rectangle)
}
