package plot

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"

	gonumplot "gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// drawSquare draws a chart whose data area is a square, as large as the canvas allows.
func drawSquare(c draw.Canvas, chart *gonumplot.Plot) {
	size := chart.DataCanvas(c).Size()
	if surplus := size.Y - size.X; surplus > 0 {
		c.Min.Y += surplus
	} else {
		c.Max.X += surplus
	}
	chart.Draw(c)
}

// drawRegions fills the data area with the pale colours of the classes.
func (p *Plane) drawRegions(c draw.Canvas, _ *gonumplot.Plot) {
	drawCells(c, func(cell int) color.NRGBA { return fade(classColour(p.Regions[cell]), 0.22) }, false)
}

// drawScores fills the data area with the colours of the scores.
func (p *Plane) drawScores(c draw.Canvas, _ *gonumplot.Plot) {
	low, high := slices.Min(p.Scores), slices.Max(p.Scores)
	drawCells(c, func(cell int) color.NRGBA { return heat(p.Scores[cell], low, high) }, true)
}

// drawCells stretches a picture with one dot for each cell of the grid over the data area.
func drawCells(c draw.Canvas, colour func(cell int) color.NRGBA, smooth bool) {
	cells := image.NewNRGBA(image.Rect(0, 0, planeCells, planeCells))
	for cell := range planeCells * planeCells {
		cells.SetNRGBA(cell%planeCells, planeCells-1-cell/planeCells, colour(cell))
	}
	if !smooth {
		c.DrawImage(c.Rectangle, cells)
		return
	}
	c.DrawImage(c.Rectangle, enlarge(cells, image.Rect(0, 0, 2*planeCells, 2*planeCells)))
}

// scoreKey is the legend entry of the heat map: its colours, and the values at both ends.
func (p *Plane) scoreKey() legendEntry {
	rounded := func(v float64) float64 { return math.Round(v*100)/100 + 0 } // not -0.00
	label := fmt.Sprintf("%s from %.2f to %.2f", p.ScoreName, rounded(slices.Min(p.Scores)), rounded(slices.Max(p.Scores)))
	return legendEntry{label, func(c draw.Canvas) {
		const pieces = 16
		width := c.Size().X / pieces
		for i := range pieces {
			piece := c
			piece.Min.X += vg.Length(i) * width
			piece.Max.X = piece.Min.X + width
			piece.SetColor(heat(float64(i), 0, pieces-1))
			piece.Fill(piece.Rectangle.Path())
		}
	}}
}

var thresholdLine = draw.LineStyle{Color: ink, Width: 1.2, Dashes: []vg.Length{4, 2}}

// contour is the line of the threshold.
func (p *Plane) contour() gonumplot.Plotter {
	line := plotter.NewContour(planeScores{p}, []float64{p.level()}, nil)
	line.LineStyles = []draw.LineStyle{thresholdLine}
	return line
}

// level is where the line of the threshold lies: at the threshold, or, since gonum's lines cannot go along scores that are
// equal to it, between those and the next larger ones.
func (p *Plane) level() float64 {
	level, next := *p.Threshold, math.Inf(1)
	if !slices.Contains(p.Scores, level) {
		return level
	}
	for _, score := range p.Scores {
		if score > level {
			next = min(next, score)
		}
	}
	if math.IsInf(next, 1) {
		next = level + 1
	}
	return level + (next-level)/2
}

// planeScores shows scores to gonum as a grid.
type planeScores struct{ *Plane }

func (s planeScores) Dims() (columns, rows int) { return planeCells, planeCells }
func (s planeScores) X(column int) float64      { return s.centre(column) }
func (s planeScores) Y(row int) float64         { return s.centre(row) }
func (s planeScores) Z(column, row int) float64 { return s.Scores[row*planeCells+column] }

// drawUnitCircle draws the circle of radius 1.
func drawUnitCircle(c draw.Canvas, p *gonumplot.Plot) {
	toX, toY := p.Transforms(&c)
	var circle vg.Path
	circle.Move(vg.Point{X: toX(1), Y: toY(0)})
	circle.Arc(vg.Point{X: toX(0), Y: toY(0)}, toX(1)-toX(0), 0, 2*math.Pi)
	c.SetLineStyle(draw.LineStyle{Color: muted, Width: 1})
	c.Stroke(circle)
}

// drawPoints draws the points as discs, and the unknown ones last, as rings.
func (p *Plane) drawPoints(c draw.Canvas, chart *gonumplot.Plot) {
	toX, toY := chart.Transforms(&c)
	draw := func(unknown bool) {
		for i, at := range p.Points {
			place := vg.Point{X: toX(at[0]), Y: toY(at[1])}
			if (p.Labels[i] < 0) == unknown && (Point{at[0], at[1]}).finite() && c.Contains(place) {
				drawMark(c, place, p.Labels[i])
			}
		}
	}
	draw(false)
	draw(true)
}

func (p *Plane) drawPrototypes(c draw.Canvas, chart *gonumplot.Plot) {
	toX, toY := chart.Transforms(&c)
	for class, at := range p.Prototypes {
		if place := (vg.Point{X: toX(at[0]), Y: toY(at[1])}); c.Contains(place) {
			drawStar(c, place, 8, classColour(int32(class)))
		}
	}
}

// pointLegend names the classes that have points, the prototypes and the threshold.
func (p *Plane) pointLegend() []legendEntry {
	entries := classLegend(p.Labels, p.Classes)
	if p.Prototypes != nil {
		entries = append(entries, legendEntry{"prototype", func(c draw.Canvas) { drawStar(c, c.Center(), 6, Neutral) }})
	}
	if p.Threshold != nil {
		entries = append(entries, legendEntry{"threshold", lineMark(thresholdLine)})
	}
	return entries
}
