package reports

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Chart names a plot of numbers that are in no record, and says what its axes are: see [Curves] and [Intervals].
type Chart struct {
	Title, Subtitle string
	X, Y            Axis
}

// Axis is one axis of a [Chart]. It reaches as far as what is drawn.
type Axis struct {
	Label string
	Share bool // values are shares of 1, written as percentages
	Log   bool // logarithmic: values must be positive

	// Lines are values at which a dashed line crosses the plot.
	Lines []float64
}

// seriesColours tell the curves of a plot apart, for people with colour-blindness, too (Okabe and Ito).
var seriesColours = []uint32{0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7, 0xE69F00, 0x56B4E9}

// referenceLine is the style of what is drawn for comparison: diagonals and the lines of an axis.
var referenceLine = draw.LineStyle{Color: ink, Width: 1, Dashes: []vg.Length{4, 3}}

// extent is the range of finite values.
type extent struct{ low, high float64 }

// extentOf returns the range of the finite values of all lists; low is above high if there are none.
func extentOf(lists ...[]float64) extent {
	e := extent{math.Inf(1), math.Inf(-1)}
	for _, values := range lists {
		for _, v := range values {
			if finite(v) {
				e.low, e.high = min(e.low, v), max(e.high, v)
			}
		}
	}
	return e
}

func (e extent) empty() bool { return e.low > e.high }

// padded leaves some room at both ends, in the units of the axis: shares stay in [0, 1].
func (e extent) padded(a Axis, share float64) extent {
	if a.Log {
		factor := math.Pow(e.high/e.low, share)
		return extent{e.low / factor, e.high * factor}
	}
	room := (e.high - e.low) * share
	if room == 0 {
		room = max(math.Abs(e.high)*share, 1e-9)
	}
	wider := extent{e.low - room, e.high + room}
	if a.Share && e.low >= 0 && e.high <= 1 {
		wider = extent{max(wider.low, 0), min(wider.high, 1)}
	}
	return wider
}

// fromZero starts the range at 0 if that leaves most of the plot to the values.
func (e extent) fromZero() extent {
	if e.low > 0 && e.low < e.high/2 {
		e.low = 0
	}
	return e
}

// axis is how newChart wants it.
func (a Axis) axis(e extent) axis {
	drawn := axis{label: a.Label, min: e.low, max: e.high}
	if a.Share {
		drawn.format = percentTick
	}
	return drawn
}

// newFreeChart is an empty gonum plot with the axes of the chart and their lines.
func newFreeChart(chart Chart, x, y extent) *plot.Plot {
	p := newChart(chart.X.axis(x), chart.Y.axis(y))
	setScale(&p.X, chart.X)
	setScale(&p.Y, chart.Y)
	for _, at := range chart.X.Lines {
		p.Add(polyline(referenceLine, []point{{at, y.low}, {at, y.high}}))
	}
	for _, at := range chart.Y.Lines {
		p.Add(polyline(referenceLine, []point{{x.low, at}, {x.high, at}}))
	}
	return p
}

func setScale(a *plot.Axis, want Axis) {
	if want.Log {
		a.Scale = plot.LogScale{}
		a.Tick.Marker = plot.TickerFunc(logTicks(want.axis(extent{}).format))
	}
}

// logTicks places ticks at the powers of ten, and at 2 and 5 times these if there is room.
func logTicks(format func(float64) string) func(low, high float64) []plot.Tick {
	if format == nil {
		format = plainTick
	}
	return func(low, high float64) []plot.Tick {
		factors := []float64{1}
		if high/low < 5e3 {
			factors = []float64{1, 2, 5}
		}
		var ticks []plot.Tick
		for exponent := math.Floor(math.Log10(low)); math.Pow(10, exponent) <= high; exponent++ {
			for _, factor := range factors {
				if at := factor * math.Pow(10, exponent); low <= at && at <= high {
					ticks = append(ticks, plot.Tick{Value: at, Label: format(at)})
				}
			}
		}
		return ticks
	}
}
