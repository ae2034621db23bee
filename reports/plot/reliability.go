package plot

import (
	"errors"
	"fmt"
	"image/color"

	gonumplot "gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// ReliabilityBin is one bin of a [Reliability] diagram: the images whose largest probability lies between Lower and
// Upper.
type ReliabilityBin struct {
	Lower, Upper float64
	Count        int     // of images; the rest of an empty bin is ignored
	Confidence   float64 // mean largest probability
	Accuracy     float64
}

// Reliability plots, for each bin, the accuracy as a bar and the gap between it and the confidence as a hatched box, and
// below them which share of the images the bin holds. All numbers are shares in [0, 1]; one that is not finite leaves
// out its bar. It is an error if all bins are empty.
func Reliability(title, subtitle string, colour color.NRGBA, bins ...ReliabilityBin) (*Plot, error) {
	total, largest := 0, 0
	for i, bin := range bins {
		if err := bin.check(); err != nil {
			return nil, fmt.Errorf("plotting reliability: bin %d %w", i, err)
		}
		total += bin.Count
		largest = max(largest, bin.Count)
	}
	if total == 0 {
		return nil, errors.New("plotting reliability: there are no images in the bins")
	}
	main := newChart(Axis{To: 1, hidden: true}, unit("accuracy"))
	main.Add(reliabilityBars(bins, colour), polyline(referenceLine, []Point{{0, 0}, {1, 1}}))
	highest := float64(largest) / float64(total) * 1.08
	counts := newChart(unit("largest probability"), Axis{Label: "images", To: highest, Share: true, Ticks: 2})
	counts.Add(countBars(bins, total))
	return &Plot{
		Title: title, Subtitle: subtitle, x: "largest probability", y: "accuracy", width: 340, height: 380,
		legend: []legendEntry{
			{"accuracy", areaMark(fade(colour, 0.65), draw.LineStyle{})},
			{"gap to confidence", hatchMark},
			{"perfect", lineMark(referenceLine)},
		},
		body: func(c draw.Canvas) { stack(c, main, counts) },
	}, nil
}

// check refuses what has no place in the diagram.
func (b ReliabilityBin) check() error {
	share := func(v float64) bool { return 0 <= v && v <= 1 }
	switch {
	case b.Count < 0 || !share(b.Lower) || !share(b.Upper) || b.Lower >= b.Upper:
		return fmt.Errorf("holds %d images from %g to %g: want a count and a part of [0, 1]", b.Count, b.Lower, b.Upper)
	case b.Count > 0 && b.measured() && !(share(b.Confidence) && share(b.Accuracy)):
		return fmt.Errorf("has confidence %g and accuracy %g: want shares in [0, 1]", b.Confidence, b.Accuracy)
	}
	return nil
}

func (b ReliabilityBin) measured() bool {
	return b.Confidence-b.Confidence == 0 && b.Accuracy-b.Accuracy == 0
}

// stack draws the main chart above the counts with their data areas aligned.
func stack(c draw.Canvas, main, counts *gonumplot.Plot) {
	const lower = 92
	top, bottom := c, c
	top.Min.Y = c.Min.Y + lower
	bottom.Max.Y = c.Min.Y + lower - 4
	left := max(main.DataCanvas(top).Min.X, counts.DataCanvas(bottom).Min.X)
	right := min(main.DataCanvas(top).Max.X, counts.DataCanvas(bottom).Max.X)
	aligned := func(chart *gonumplot.Plot, canvas draw.Canvas) {
		data := chart.DataCanvas(canvas)
		canvas.Min.X += left - data.Min.X
		canvas.Max.X -= data.Max.X - right
		chart.Draw(canvas)
	}
	aligned(main, top)
	aligned(counts, bottom)
}

// reliabilityBars draws a solid bar up to the accuracy and a hatched box between accuracy and confidence.
func reliabilityBars(bins []ReliabilityBin, colour color.NRGBA) painter {
	return func(c draw.Canvas, p *gonumplot.Plot) {
		for _, bin := range bins {
			if bin.Count == 0 || !bin.measured() {
				continue
			}
			fillBox(c, p, bin.Lower, bin.Upper, bin.Accuracy, fade(colour, 0.65))
			hatch(c, box(c, p, bin.Lower, bin.Upper, min(bin.Accuracy, bin.Confidence), max(bin.Accuracy, bin.Confidence)))
		}
	}
}

// countBars draws the share of the images in each bin.
func countBars(bins []ReliabilityBin, total int) painter {
	return func(c draw.Canvas, p *gonumplot.Plot) {
		for _, bin := range bins {
			fillBox(c, p, bin.Lower, bin.Upper, float64(bin.Count)/float64(total), Neutral)
		}
	}
}

// box is the rectangle from data to canvas coordinates, a hair narrower so that neighbours do not touch.
func box(c draw.Canvas, p *gonumplot.Plot, left, right, low, high float64) vg.Rectangle {
	toX, toY := p.Transforms(&c)
	return vg.Rectangle{Min: vg.Point{X: toX(left) + 0.6, Y: toY(low)}, Max: vg.Point{X: toX(right) - 0.6, Y: toY(high)}}
}

// fillBox fills a box that stands on the axis.
func fillBox(c draw.Canvas, p *gonumplot.Plot, left, right, high float64, colour color.NRGBA) {
	if high > 0 {
		c.SetColor(colour)
		c.Fill(box(c, p, left, right, 0, high).Path())
	}
}
