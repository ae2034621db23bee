package plot

import (
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// drawBars draws the histogram of each class, and inwards that of the unknown points. The fullest bin of all of them
// is as long as a bar can be.
func (c *Circle) drawBars(canvas draw.Canvas, centre vg.Point, radius vg.Length) {
	known, unknown := c.histogram()
	for _, group := range []struct {
		counts map[int32][]int
		inside bool
	}{{known, false}, {unknown, true}} {
		highest := 1
		for bin := range circleBins {
			highest = max(highest, total(group.counts, bin))
		}
		for bin := range circleBins {
			drawStack(canvas, centre, radius, group.counts, bin, highest, group.inside)
		}
	}
}

// histogram counts the points of each class in each bin of directions.
func (c *Circle) histogram() (known, unknown map[int32][]int) {
	known, unknown = map[int32][]int{}, map[int32][]int{}
	for i, at := range c.Points {
		angle, ok := angleOf(at)
		if !ok {
			continue
		}
		counts, label := known, c.Labels[i]
		if label < 0 {
			counts, label = unknown, Unknown
		}
		if counts[label] == nil {
			counts[label] = make([]int, circleBins)
		}
		counts[label][int(angle/(2*math.Pi)*circleBins)%circleBins]++
	}
	return known, unknown
}

func total(counts map[int32][]int, bin int) int {
	sum := 0
	for _, bins := range counts {
		sum += bins[bin]
	}
	return sum
}

// drawStack draws the bar of one bin: the classes in it one after the other.
func drawStack(canvas draw.Canvas, centre vg.Point, radius vg.Length, counts map[int32][]int, bin, highest int,
	inside bool) {
	angle := 2 * math.Pi * (float64(bin) + 0.5) / circleBins
	sign, from := vg.Length(1), radius+circleRing/2+1
	if inside {
		sign, from = -1, radius-circleRing/2-1
	}
	var classes []int32
	for class := range counts {
		classes = append(classes, class)
	}
	slices.Sort(classes)
	width := 2 * math.Pi * float64(radius) / circleBins * 0.8
	for _, class := range classes {
		length := sign * (circleBar - circleRing) * vg.Length(counts[class][bin]) / vg.Length(highest)
		if length == 0 {
			continue
		}
		style := draw.LineStyle{Color: classColour(class), Width: vg.Length(width)}
		a, b := onCircle(centre, from, angle), onCircle(centre, from+length, angle)
		canvas.StrokeLine2(style, a.X, a.Y, b.X, b.Y)
		from += length
	}
}
