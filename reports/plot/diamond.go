package plot

import (
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// diamond draws a square on its corner, which gonum's glyphs have not, filled or as an outline.
type diamond struct{ filled bool }

// DrawGlyph implements [draw.GlyphDrawer].
func (d diamond) DrawGlyph(c *draw.Canvas, style draw.GlyphStyle, at vg.Point) {
	reach := style.Radius * 1.25
	var path vg.Path
	path.Move(vg.Point{X: at.X, Y: at.Y + reach})
	path.Line(vg.Point{X: at.X + reach, Y: at.Y})
	path.Line(vg.Point{X: at.X, Y: at.Y - reach})
	path.Line(vg.Point{X: at.X - reach, Y: at.Y})
	path.Close()
	c.SetColor(style.Color)
	if d.filled {
		c.Fill(path)
		return
	}
	c.SetLineStyle(draw.LineStyle{Color: style.Color, Width: vg.Points(0.5)})
	c.Stroke(path)
}
