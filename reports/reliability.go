package reports

import (
	"fmt"
	"image/color"
	"math"
	"strconv"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Stage says whether probabilities are meant before or after calibration.
type Stage int

const (
	// BeforeCalibration means probabilities at temperature 1.
	BeforeCalibration Stage = iota
	// AfterCalibration means probabilities at the fitted temperature.
	AfterCalibration
)

// String returns "before calibration" or "after calibration".
func (s Stage) String() string {
	if s == BeforeCalibration {
		return "before calibration"
	}
	return "after calibration"
}

// of returns the record's results at the stage, and the temperature they hold for.
func (s Stage) of(r *record.Record) (record.Calibration, float64) {
	if s == BeforeCalibration {
		return r.Test.Before, 1
	}
	return r.Test.After, r.Test.Temperature
}

// Reliability plots, for the test images whose largest probability falls into one bin, the share that was classified
// correctly (bar) against the mean of that probability (the other end of the hatched gap), and below it how many
// images the bin holds. The ECE in the title is the mean gap weighted by these counts. A bar that ends below the
// diagonal means overconfidence.
func Reliability(r *record.Record, stage Stage) (*Plot, error) {
	calibration, temperature := stage.of(r)
	bins := calibration.Reliability
	total, largest := 0, 0
	for _, bin := range bins {
		total += bin.Count
		largest = max(largest, bin.Count)
	}
	if total == 0 {
		return nil, fmt.Errorf("reliability diagram: the record of %s has no bins %s", describe(r), stage)
	}
	loss := identify(r.Spec.Loss)
	unit := func(label string) axis { return axis{label: label, min: 0, max: 1, format: percentTick} }
	main := newChart(axis{min: 0, max: 1, hidden: true}, unit("accuracy"))
	diagonal := draw.LineStyle{Color: ink, Width: 1.1, Dashes: []vg.Length{4, 3}}
	main.Add(reliabilityBars(bins, loss), polyline(diagonal, []point{{0, 0}, {1, 1}}))
	share := float64(largest) / float64(total)
	counts := newChart(unit("largest probability"),
		axis{label: "images", min: 0, max: share * 1.08, format: percentTick, ticks: 2})
	counts.Add(countBars(bins, total))
	return &Plot{
		Title: fmt.Sprintf("%s %s: ECE %s", loss.title, stage, formatNumber(calibration.ECE, 4)),
		Subtitle: fmt.Sprintf("%s test images, temperature %s",
			groupDigits(total), strconv.FormatFloat(temperature, 'g', 3, 64)),
		name:  fileName("reliability " + r.Spec.Loss + " " + strings.Fields(stage.String())[0]),
		width: 340, height: 380,
		legend: []legendEntry{
			{"accuracy", areaMark(fade(loss.colour, 0.65), draw.LineStyle{})},
			{"gap to confidence", hatchMark},
			{"perfect", lineMark(diagonal)},
		},
		body: func(c draw.Canvas) { stack(c, main, counts) },
	}, nil
}

// stack draws the main chart above the counts with their data areas aligned.
func stack(c draw.Canvas, main, counts *plot.Plot) {
	const lower = 92
	top, bottom := c, c
	top.Min.Y = c.Min.Y + lower
	bottom.Max.Y = c.Min.Y + lower - 4
	left := max(main.DataCanvas(top).Min.X, counts.DataCanvas(bottom).Min.X)
	right := min(main.DataCanvas(top).Max.X, counts.DataCanvas(bottom).Max.X)
	aligned := func(chart *plot.Plot, canvas draw.Canvas) {
		data := chart.DataCanvas(canvas)
		canvas.Min.X += left - data.Min.X
		canvas.Max.X -= data.Max.X - right
		chart.Draw(canvas)
	}
	aligned(main, top)
	aligned(counts, bottom)
}

// reliabilityBars draws a solid bar up to the accuracy and a hatched box between accuracy and confidence.
func reliabilityBars(bins []record.ReliabilityBin, loss identity) painter {
	return func(c draw.Canvas, p *plot.Plot) {
		for _, bin := range bins {
			if bin.Count == 0 || !finite(bin.Accuracy) || !finite(bin.Confidence) {
				continue
			}
			fillBox(c, p, bin.Lower, bin.Upper, 0, bin.Accuracy, fade(loss.colour, 0.65))
			hatch(c, box(c, p, bin.Lower, bin.Upper, min(bin.Accuracy, bin.Confidence), max(bin.Accuracy, bin.Confidence)))
		}
	}
}

// countBars draws the share of the images in each bin.
func countBars(bins []record.ReliabilityBin, total int) painter {
	return func(c draw.Canvas, p *plot.Plot) {
		for _, bin := range bins {
			fillBox(c, p, bin.Lower, bin.Upper, 0, float64(bin.Count)/float64(total), neutral)
		}
	}
}

// box is the rectangle from data to canvas coordinates, a hair narrower so that neighbours stay apart.
func box(c draw.Canvas, p *plot.Plot, left, right, low, high float64) vg.Rectangle {
	toX, toY := p.Transforms(&c)
	return vg.Rectangle{Min: vg.Point{X: toX(left) + 0.6, Y: toY(low)}, Max: vg.Point{X: toX(right) - 0.6, Y: toY(high)}}
}

func fillBox(c draw.Canvas, p *plot.Plot, left, right, low, high float64, colour color.NRGBA) {
	if high <= low {
		return
	}
	c.SetColor(colour)
	c.Fill(box(c, p, left, right, low, high).Path())
}

// hatch fills the rectangle with slanted lines and outlines it.
func hatch(c draw.Canvas, r vg.Rectangle) {
	style := draw.LineStyle{Color: ink, Width: 0.7}
	size := r.Size()
	if size.Y < 0.5 {
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

// hatchMark is the legend mark of the gap.
func hatchMark(c draw.Canvas) {
	c.Min.Y += 1.5
	c.Max.Y -= 2.5
	hatch(c, c.Rectangle)
}
