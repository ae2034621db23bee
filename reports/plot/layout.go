package plot

import (
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// draw paints background, title, subtitle, legend and body from top to bottom.
func (p *Plot) draw(c draw.Canvas, background bool) {
	if background {
		c.SetColor(surface)
		c.Fill(c.Rectangle.Path())
	}
	if p.Title == "" && p.legend == nil {
		p.body(c)
		return
	}
	c = draw.Crop(c, margin, -margin, margin, -margin)
	c.Max.Y = drawLine(c, typeface(titleSize, ink, true), p.Title)
	if p.Subtitle != "" {
		c.Max.Y = drawLine(c, typeface(textSize, muted, false), p.Subtitle)
	}
	c.Max.Y = drawLegend(c, p.legend)
	c.Max.Y -= 4
	p.body(c)
}

// drawLine writes a line of text at the top of the canvas and returns the height at which the rest begins. A line that
// is too long for the canvas is set smaller, down to three quarters, and then cut short.
func drawLine(c draw.Canvas, style draw.TextStyle, line string) vg.Length {
	size := style.Font.Size
	if wanted, there := style.Width(line), c.Max.X-c.Min.X; wanted > there {
		style.Font.Size *= max(there/wanted, 0.75)
	}
	c.FillText(style, vg.Point{X: c.Min.X, Y: c.Max.Y - size}, shorten(style, line, c.Max.X-c.Min.X))
	return c.Max.Y - size*1.4
}

// shorten cuts the text so that it is no wider than given.
func shorten(style draw.TextStyle, text string, width vg.Length) string {
	whole := []rune(text)
	for keep := len(whole) - 1; keep > 0 && style.Width(text) > width; keep-- {
		text = string(whole[:keep]) + "…"
	}
	return text
}
