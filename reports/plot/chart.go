package plot

import (
	gonumplot "gonum.org/v1/plot"
	"gonum.org/v1/plot/vg/draw"
)

// Chart names a plot and says what its axes are.
type Chart struct {
	Title, Subtitle string
	X, Y            Axis
}

// Axis is one axis of a [Chart]. Values that are not finite, or beyond [Largest], are not drawn.
type Axis struct {
	Label string
	Share bool // values are shares of 1, written as percentages
	Log   bool // logarithmic: values must be positive
	Whole bool // ticks at whole numbers only

	// From and To are the ends of the axis. If both are 0, it reaches as far as what is drawn.
	From, To float64
	// Ticks is about how many ticks there are; 0 means 5.
	Ticks int

	// Lines are values at which a dashed line crosses the plot, and LinesName what the legend calls them.
	Lines     []float64
	LinesName string

	hidden bool // neither label nor tick labels
}

// fixed reports whether the ends of the axis are given.
func (a Axis) fixed() bool { return a.From != 0 || a.To != 0 }

// over returns the axis with the range as its ends, unless it has its own.
func (a Axis) over(e extent) Axis {
	if !a.fixed() {
		a.From, a.To = e.low, e.high
	}
	return a
}

// unit is an axis of shares from 0 to 1.
func unit(label string) Axis { return Axis{Label: label, To: 1, Share: true} }

// newChart is an empty gonum plot with the axes and their lines, without title and legend: Plot draws those.
func newChart(x, y Axis) *gonumplot.Plot {
	p := gonumplot.New()
	p.BackgroundColor = nil
	styleAxis(&p.X, x)
	styleAxis(&p.Y, y)
	p.Y.Label.TextStyle.YAlign = draw.YBottom
	p.X.Label.TextStyle.YAlign = draw.YBottom
	p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = draw.XCenter, draw.YTop
	p.Y.Tick.Label.XAlign, p.Y.Tick.Label.YAlign = draw.XRight, draw.YCenter
	p.Add(painter(gridLines))
	for _, at := range x.Lines {
		p.Add(polyline(axisLine, []Point{{at, y.From}, {at, y.To}}))
	}
	for _, at := range y.Lines {
		p.Add(polyline(axisLine, []Point{{x.From, at}, {x.To, at}}))
	}
	return p
}

// lineNames explain the lines of the axes in the legend.
func (chart Chart) lineNames() (entries []legendEntry) {
	for _, a := range []Axis{chart.X, chart.Y} {
		if a.LinesName != "" && len(a.Lines) > 0 {
			entries = append(entries, legendEntry{a.LinesName, lineMark(axisLine)})
		}
	}
	return entries
}

func styleAxis(a *gonumplot.Axis, want Axis) {
	a.Min, a.Max = want.From, want.To
	a.LineStyle = draw.LineStyle{Color: muted, Width: 0.6}
	a.Padding = 0
	a.Tick.LineStyle = a.LineStyle
	a.Tick.Length = 3
	a.Tick.Label = typeface(textSize, muted, false)
	a.Tick.Marker = ticker(want)
	a.Label.Text = want.Label
	a.Label.Padding = 3
	a.Label.TextStyle = typeface(textSize, muted, false)
	a.Label.TextStyle.XAlign = draw.XCenter
	if want.Log {
		a.Scale = gonumplot.LogScale{}
	}
	if want.hidden {
		a.Label.Text, a.Tick.Length = "", 0
	}
}

// gridLines draws light lines at the ticks.
func gridLines(c draw.Canvas, p *gonumplot.Plot) {
	style := draw.LineStyle{Color: faint, Width: 0.6}
	toX, toY := p.Transforms(&c)
	for _, tick := range p.X.Tick.Marker.Ticks(p.X.Min, p.X.Max) {
		if x := toX(tick.Value); c.ContainsX(x) {
			c.StrokeLine2(style, x, c.Min.Y, x, c.Max.Y)
		}
	}
	for _, tick := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
		if y := toY(tick.Value); c.ContainsY(y) {
			c.StrokeLine2(style, c.Min.X, y, c.Max.X, y)
		}
	}
}
