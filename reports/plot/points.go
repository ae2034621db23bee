package plot

import (
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Unknown is the label of a point that belongs to none of the classes.
const Unknown int32 = -1

// checkPoints says what is wrong with points, or with their labels.
func checkPoints(points [][]float64, labels []int32, prototypes [][]float64) error {
	if len(labels) != len(points) {
		return fmt.Errorf("%d labels for %d points", len(labels), len(points))
	}
	for i, at := range slices.Concat(points, prototypes) {
		if len(at) != 2 {
			return fmt.Errorf("point %d has %d coordinates, want 2", i, len(at))
		}
	}
	return nil
}

// classColour is the colour of a class: that of the curve with its number in [Curves], and grey for Unknown.
func classColour(class int32) color.NRGBA {
	if class < 0 {
		return Neutral
	}
	return seriesColour(int(class))
}

// drawMark draws one point: a disc in the colour of its class, or a ring.
func drawMark(c draw.Canvas, at vg.Point, class int32) {
	if class < 0 {
		c.DrawGlyph(draw.GlyphStyle{Color: surface, Radius: 2.2, Shape: draw.CircleGlyph{}}, at)
		c.DrawGlyph(draw.GlyphStyle{Color: ink, Radius: 2.2, Shape: draw.RingGlyph{}}, at)
		return
	}
	c.DrawGlyph(draw.GlyphStyle{Color: classColour(class), Radius: 1.8, Shape: draw.CircleGlyph{}}, at)
}

// classLegend names the classes of the labels.
func classLegend(labels []int32, classes []string) []legendEntry {
	var entries []legendEntry
	for class, name := range classes {
		if slices.Contains(labels, int32(class)) {
			entries = append(entries, legendEntry{name, pointMark(int32(class))})
		}
	}
	if slices.Contains(labels, Unknown) {
		entries = append(entries, legendEntry{"unknown", pointMark(Unknown)})
	}
	return entries
}

func pointMark(class int32) func(draw.Canvas) {
	return func(c draw.Canvas) { drawMark(c, c.Center(), class) }
}

// drawStar draws a star with five points and a white edge, which stands out from points and bars.
func drawStar(c draw.Canvas, centre vg.Point, radius vg.Length, colour color.Color) {
	var outline vg.Path
	for i := range 10 {
		r := radius
		if i%2 == 1 {
			r *= 0.45
		}
		at := onCircle(centre, r, math.Pi/2+float64(i)*math.Pi/5)
		if i == 0 {
			outline.Move(at)
		} else {
			outline.Line(at)
		}
	}
	outline.Close()
	c.SetColor(colour)
	c.Fill(outline)
	c.SetLineStyle(draw.LineStyle{Color: ink, Width: 0.9})
	c.Stroke(outline)
}
