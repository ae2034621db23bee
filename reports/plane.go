package reports

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Unknown is the label of a point that belongs to none of the classes.
const Unknown int32 = -1

// planeCells is the number of cells on each side of a plane's grid.
const planeCells = 160

// Plane is a picture of a square of the plane, from -Half to Half on both axes, with points in it: inputs or features
// that have two dimensions. Every field adds something to the picture; a Half of 0 means that all points are seen.
//
// Its background is one value for each point of Grid: Regions or Scores, or neither. Set Half, or Points, before Grid.
type Plane struct {
	Title, Subtitle string
	Axes            [2]string // what the axes show, horizontal first
	Half            float64

	Points     [][]float64 // [points, 2]; those outside of the square are not seen
	Labels     []int32     // [points]: the class of each, or Unknown
	Classes    []string    // [classes]: names for the legend
	Prototypes [][]float64 // [classes, 2], drawn as stars in the colours of their classes
	Circle     bool        // the circle of radius 1 about the origin

	Regions   []int32   // the class that wins at each point of Grid, in the pale colour of that class
	Scores    []float64 // a score at each point of Grid, from dark (low) to light (high)
	ScoreName string    // what Scores are, for their key
	Threshold *float64  // draws the line on which Scores have this value
}

// Grid returns the points of the plane at which Regions and Scores are wanted, [160*160, 2]: row by row from the
// bottom, and from left to right in each.
func (p *Plane) Grid() [][]float64 {
	grid := make([][]float64, 0, planeCells*planeCells)
	for row := range planeCells {
		for column := range planeCells {
			grid = append(grid, []float64{p.centre(column), p.centre(row)})
		}
	}
	return grid
}

// centre is the coordinate of the middle of a row or column of the grid.
func (p *Plane) centre(index int) float64 { return p.half() * ((2*float64(index)+1)/planeCells - 1) }

// half is Half, or what it takes to see all points.
func (p *Plane) half() float64 {
	if p.Half != 0 {
		return p.Half
	}
	farthest := 0.0
	for _, at := range slices.Concat(p.Points, p.Prototypes) {
		for _, coordinate := range at {
			if finite(coordinate) {
				farthest = max(farthest, math.Abs(coordinate))
			}
		}
	}
	if farthest == 0 {
		return 1
	}
	return farthest * 1.08
}

// Plot draws the picture.
func (p *Plane) Plot() (*Plot, error) {
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("plane %q: %w", p.Title, err)
	}
	half := p.half()
	chart := newChart(axis{label: p.Axes[0], min: -half, max: half, ticks: 4},
		axis{label: p.Axes[1], min: -half, max: half, ticks: 4})
	result := &Plot{Title: p.Title, Subtitle: p.Subtitle, name: fileName("plane " + p.Title), width: 320, height: 352}
	switch {
	case p.Regions != nil:
		chart.Add(painter(p.drawRegions))
	case p.Scores != nil:
		chart.Add(painter(p.drawScores))
		result.legend = append(result.legend, p.scoreKey())
		if p.Threshold != nil {
			chart.Add(p.contour())
		}
	}
	if p.Circle {
		chart.Add(painter(drawUnitCircle))
	}
	chart.Add(painter(p.drawPoints), painter(p.drawPrototypes))
	result.legend = append(result.legend, p.pointLegend()...)
	result.body = func(c draw.Canvas) { drawSquare(c, chart) }
	return result, nil
}

func (p *Plane) check() error {
	if !(p.Half >= 0) || !finite(p.Half) {
		return fmt.Errorf("half of its side is %g, but must be positive, or 0 to show all points", p.Half)
	}
	if p.Regions != nil && p.Scores != nil {
		return fmt.Errorf("it has regions and scores: choose one as the background")
	}
	for name, count := range map[string]int{"regions": len(p.Regions), "scores": len(p.Scores)} {
		if count != 0 && count != planeCells*planeCells {
			return fmt.Errorf("%d %s: want one for each of the %d points of Grid", count, name, planeCells*planeCells)
		}
	}
	if p.Threshold != nil && p.Scores == nil {
		return fmt.Errorf("a threshold needs scores")
	}
	if slices.ContainsFunc(p.Scores, func(score float64) bool { return !finite(score) }) {
		return fmt.Errorf("a score is not finite")
	}
	return checkPoints(p.Points, p.Labels, p.Prototypes)
}

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
		return neutral
	}
	return rgb(seriesColours[int(class)%len(seriesColours)])
}

// drawSquare draws a chart whose data area is a square, as large as the canvas allows.
func drawSquare(c draw.Canvas, chart *plot.Plot) {
	size := chart.DataCanvas(c).Size()
	if surplus := size.Y - size.X; surplus > 0 {
		c.Min.Y += surplus
	} else {
		c.Max.X += surplus
	}
	chart.Draw(c)
}

// drawRegions fills the data area with the pale colours of the classes.
func (p *Plane) drawRegions(c draw.Canvas, _ *plot.Plot) {
	drawCells(c, func(cell int) color.NRGBA { return fade(classColour(p.Regions[cell]), 0.22) }, false)
}

// drawScores fills the data area with the colours of the scores.
func (p *Plane) drawScores(c draw.Canvas, _ *plot.Plot) {
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

// heatColours go from low to high: the scale YlGnBu by Cynthia Brewer, on which dark means low.
var heatColours = []color.NRGBA{
	rgb(0x253494), rgb(0x225EA8), rgb(0x1D91C0), rgb(0x41B6C4), rgb(0x7FCDBB), rgb(0xC7E9B4), rgb(0xEDF8B1), rgb(0xFFFFD9),
}

// heat is the colour of a value between low and high.
func heat(value, low, high float64) color.NRGBA {
	if high <= low {
		return heatColours[len(heatColours)-1]
	}
	place := (value - low) / (high - low) * float64(len(heatColours)-1)
	index := min(int(place), len(heatColours)-2)
	a, b, share := heatColours[index], heatColours[index+1], place-float64(index)
	between := func(a, b uint8) uint8 { return uint8(float64(a)*(1-share) + float64(b)*share + 0.5) }
	return color.NRGBA{R: between(a.R, b.R), G: between(a.G, b.G), B: between(a.B, b.B), A: 0xFF}
}

// scoreKey is the legend entry of the heat map: its colours, and the values at both ends.
func (p *Plane) scoreKey() legendEntry {
	rounded := func(v float64) string { return formatNumber(math.Round(v*100)/100+0, 2) } // not -0.00
	label := fmt.Sprintf("%s from %s to %s", p.ScoreName, rounded(slices.Min(p.Scores)), rounded(slices.Max(p.Scores)))
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
func (p *Plane) contour() plot.Plotter {
	line := plotter.NewContour(planeScores{p}, []float64{*p.Threshold}, nil)
	line.LineStyles = []draw.LineStyle{thresholdLine}
	return line
}

// planeScores shows scores to gonum as a grid.
type planeScores struct{ *Plane }

func (s planeScores) Dims() (columns, rows int) { return planeCells, planeCells }
func (s planeScores) X(column int) float64      { return s.centre(column) }
func (s planeScores) Y(row int) float64         { return s.centre(row) }
func (s planeScores) Z(column, row int) float64 { return s.Scores[row*planeCells+column] }

// drawUnitCircle draws the circle of radius 1.
func drawUnitCircle(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	var circle vg.Path
	circle.Move(vg.Point{X: toX(1), Y: toY(0)})
	circle.Arc(vg.Point{X: toX(0), Y: toY(0)}, toX(1)-toX(0), 0, 2*math.Pi)
	c.SetLineStyle(draw.LineStyle{Color: muted, Width: 1})
	c.Stroke(circle)
}

// drawPoints draws the points as discs, and the unknown ones last, as rings.
func (p *Plane) drawPoints(c draw.Canvas, chart *plot.Plot) {
	toX, toY := chart.Transforms(&c)
	draw := func(unknown bool) {
		for i, at := range p.Points {
			place := vg.Point{X: toX(at[0]), Y: toY(at[1])}
			if (p.Labels[i] < 0) == unknown && finite(at[0]) && finite(at[1]) && c.Contains(place) {
				drawMark(c, place, p.Labels[i])
			}
		}
	}
	draw(false)
	draw(true)
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

func (p *Plane) drawPrototypes(c draw.Canvas, chart *plot.Plot) {
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
		entries = append(entries, legendEntry{"prototype", func(c draw.Canvas) { drawStar(c, c.Center(), 6, neutral) }})
	}
	if p.Threshold != nil {
		entries = append(entries, legendEntry{"threshold", lineMark(thresholdLine)})
	}
	return entries
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
