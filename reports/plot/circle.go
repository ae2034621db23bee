package plot

import (
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	circleDirections = 720 // directions at which the ring is sampled
	circleBins       = 90  // bins of the histogram, 4 degrees each
	circleBar        = vg.Length(54)
	circleRing       = vg.Length(7)
)

// Circle is a picture of directions in the plane: of features that a head with normalized features sees, which are
// points on the circle of radius 1. It shows how many points of each class lie in which direction: bars that point
// outwards for the classes, and inwards for points of no class. The length of the points does not matter.
type Circle struct {
	Title, Subtitle string

	Points     [][]float64 // [points, 2]; one without a direction, (0, 0), is left out
	Labels     []int32     // [points]: the class of each, or Unknown
	Classes    []string    // [classes]: names for the legend
	Prototypes [][]float64 // [classes, 2], drawn as stars on the circle
	Regions    []int32     // the class that wins at each point of Directions, which colours the circle
}

// Directions returns the points of the circle at which Regions are wanted, [720, 2]: counter-clockwise from (1, 0).
func (c *Circle) Directions() [][]float64 {
	directions := make([][]float64, circleDirections)
	for i := range directions {
		y, x := math.Sincos(2 * math.Pi * float64(i) / circleDirections)
		directions[i] = []float64{x, y}
	}
	return directions
}

// Degrees returns the directions of points [points, 2] as angles from 0 to 360 degrees, counter-clockwise from (1, 0).
func Degrees(points [][]float64) []float64 {
	degrees := make([]float64, len(points))
	for i, at := range points {
		angle, _ := angleOf(at)
		degrees[i] = angle * 180 / math.Pi
	}
	return degrees
}

// Plot draws the picture.
func (c *Circle) Plot() (*Plot, error) {
	err := checkPoints(c.Points, c.Labels, c.Prototypes)
	if len(c.Regions) != 0 && len(c.Regions) != circleDirections {
		err = fmt.Errorf("%d regions: want one for each of the %d points of Directions", len(c.Regions), circleDirections)
	}
	if err != nil {
		return nil, fmt.Errorf("circle %q: %w", c.Title, err)
	}
	legend := classLegend(c.Labels, c.Classes)
	if c.Prototypes != nil {
		legend = append(legend, legendEntry{"prototype", func(c draw.Canvas) { drawStar(c, c.Center(), 6, Neutral) }})
	}
	return &Plot{
		Title: c.Title, Subtitle: c.Subtitle, width: 280, height: 312,
		legend: legend, body: c.draw,
	}, nil
}

func (c *Circle) draw(canvas draw.Canvas) {
	centre, size := canvas.Center(), canvas.Size()
	radius := min(size.X, size.Y)/2 - circleBar - 2
	c.drawRing(canvas, centre, radius)
	c.drawBars(canvas, centre, radius)
	for class, at := range c.Prototypes {
		if angle, ok := angleOf(at); ok {
			drawStar(canvas, onCircle(centre, radius, angle), 8, classColour(int32(class)))
		}
	}
}

// drawRing draws the circle, as arcs in the colours of the classes that win there.
func (c *Circle) drawRing(canvas draw.Canvas, centre vg.Point, radius vg.Length) {
	arc := func(from, to int, colour color.Color, width vg.Length) {
		step := 2 * math.Pi / circleDirections
		start := (float64(from) - 0.5) * step
		var path vg.Path
		path.Move(onCircle(centre, radius, start))
		path.Arc(centre, radius, start, float64(to-from)*step)
		canvas.SetLineStyle(draw.LineStyle{Color: colour, Width: width})
		canvas.Stroke(path)
	}
	if len(c.Regions) == 0 {
		arc(0, circleDirections, muted, 1)
		return
	}
	for from := 0; from < circleDirections; {
		to := from + 1
		for to < circleDirections && c.Regions[to] == c.Regions[from] {
			to++
		}
		arc(from, to, fade(classColour(c.Regions[from]), 0.35), circleRing)
		from = to
	}
}

// angleOf returns the angle of a point in [0, 2π), and whether it has one.
func angleOf(at []float64) (angle float64, ok bool) {
	length := math.Hypot(at[0], at[1])
	if length == 0 || !finite(length) {
		return 0, false
	}
	angle = math.Atan2(at[1], at[0])
	if angle < 0 {
		angle += 2 * math.Pi
	}
	return angle, true
}

func onCircle(centre vg.Point, radius vg.Length, angle float64) vg.Point {
	sin, cos := math.Sincos(angle)
	return vg.Point{X: centre.X + radius*vg.Length(cos), Y: centre.Y + radius*vg.Length(sin)}
}
