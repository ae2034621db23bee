package plot

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg/draw"
)

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
	chart := newChart(Axis{Label: p.Axes[0], From: -half, To: half, Ticks: 4},
		Axis{Label: p.Axes[1], From: -half, To: half, Ticks: 4})
	result := &Plot{Title: p.Title, Subtitle: p.Subtitle, x: p.Axes[0], y: p.Axes[1], width: 250, height: 282}
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
