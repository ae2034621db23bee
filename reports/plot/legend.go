package plot

import (
	"image/color"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// legendEntry is one name in the legend with the mark that it explains.
type legendEntry struct {
	label string
	mark  func(c draw.Canvas)
}

const (
	markWidth  = vg.Length(16)
	legendLine = vg.Length(15)
)

// drawLegend sets the entries in lines from left to right and returns the height at which the rest begins.
func drawLegend(c draw.Canvas, entries []legendEntry) vg.Length {
	if len(entries) == 0 {
		return c.Max.Y
	}
	style := typeface(textSize, ink, false)
	x, top := c.Min.X, c.Max.Y-3
	for _, entry := range entries {
		label := shorten(style, entry.label, c.Max.X-c.Min.X-markWidth-5)
		width := markWidth + 5 + style.Width(label)
		if x > c.Min.X && x+width > c.Max.X {
			x, top = c.Min.X, top-legendLine
		}
		box := c
		box.Min = vg.Point{X: x, Y: top - textSize}
		box.Max = vg.Point{X: x + markWidth, Y: top}
		entry.mark(box)
		c.FillText(style, vg.Point{X: x + markWidth + 5, Y: top - textSize}, label)
		x += width + 14
	}
	return top - legendLine
}

// lineMark is a piece of a line.
func lineMark(style draw.LineStyle) func(draw.Canvas) {
	return func(c draw.Canvas) {
		y := c.Center().Y
		c.StrokeLine2(style, c.Min.X, y, c.Max.X, y)
	}
}

// bandMark is a piece of a line with a band.
func bandMark(fill color.Color, line draw.LineStyle) func(draw.Canvas) {
	return func(c draw.Canvas) {
		c.SetColor(fill)
		c.Fill(c.Rectangle.Path())
		lineMark(line)(c)
	}
}

// areaMark is a filled box with a line above, as in a histogram.
func areaMark(fill color.Color, outline draw.LineStyle) func(draw.Canvas) {
	return func(c draw.Canvas) {
		c.Min.Y, c.Max.Y = c.Min.Y+1.5, c.Max.Y-2.5
		c.SetColor(fill)
		c.Fill(c.Rectangle.Path())
		c.StrokeLine2(outline, c.Min.X, c.Max.Y, c.Max.X, c.Max.Y)
	}
}
