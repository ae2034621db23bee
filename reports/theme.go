package reports

import (
	"image/color"
	"math"
	"strconv"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// The colours that are not a loss's. The page swaps them in its dark theme: see themed.
var (
	surface = rgb(0xFFFFFF)
	ink     = rgb(0x1F2328) // titles, reference lines
	muted   = rgb(0x59636E) // axes, subtitles
	faint   = rgb(0xE4E8EC) // grid
	neutral = rgb(0x8A939E) // out-of-distribution images
)

const (
	titleSize  = vg.Length(12)
	textSize   = vg.Length(9.5)
	margin     = vg.Length(10)
	lineWidth  = vg.Length(1.8)
	plotWidth  = vg.Length(400)
	plotHeight = vg.Length(290)
)

// typeface is a style of the sans-serif face that is compiled into the program, so that pictures are the same on every
// machine.
func typeface(size vg.Length, c color.Color, bold bool) text.Style {
	face := font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
	if bold {
		face.Weight = xfont.WeightBold
	}
	return text.Style{Color: c, Font: face, Handler: plot.DefaultTextHandler, YAlign: draw.YBottom}
}

// axis says what one axis shows.
type axis struct {
	label    string
	min, max float64
	format   func(float64) string
	whole    bool // ticks at whole numbers only
	ticks    int  // about how many ticks, 0: 5
	hidden   bool // neither label nor tick labels
}

// newChart is an empty gonum plot in the style of this package, without title and legend: Plot draws those.
func newChart(x, y axis) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	styleAxis(&p.X, x)
	styleAxis(&p.Y, y)
	p.Y.Label.TextStyle.YAlign = draw.YBottom
	p.X.Label.TextStyle.YAlign = draw.YBottom
	p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = draw.XCenter, draw.YTop
	p.Y.Tick.Label.XAlign, p.Y.Tick.Label.YAlign = draw.XRight, draw.YCenter
	p.Add(painter(gridLines))
	return p
}

func styleAxis(a *plot.Axis, want axis) {
	a.Min, a.Max = want.min, want.max
	a.LineStyle = draw.LineStyle{Color: muted, Width: 0.6}
	a.Padding = 0
	a.Tick.LineStyle = a.LineStyle
	a.Tick.Length = 3
	a.Tick.Label = typeface(textSize, muted, false)
	a.Tick.Marker = ticker(want)
	a.Label.Text = want.label
	a.Label.Padding = 3
	a.Label.TextStyle = typeface(textSize, muted, false)
	a.Label.TextStyle.XAlign = draw.XCenter
	if want.hidden {
		a.Label.Text, a.Tick.Length = "", 0
	}
}

// ticker places labelled ticks at multiples of 1, 2 or 5 times a power of ten.
func ticker(a axis) plot.Ticker {
	format := a.format
	if format == nil {
		format = plainTick
	}
	if a.hidden {
		format = func(float64) string { return "" }
	}
	wanted := a.ticks
	if wanted == 0 {
		wanted = 5
	}
	return plot.TickerFunc(func(low, high float64) []plot.Tick {
		step := tickStep((high - low) / float64(wanted))
		if a.whole {
			step = math.Max(1, math.Round(step))
		}
		var ticks []plot.Tick
		for i := math.Ceil(low/step - 1e-9); i*step <= high+step*1e-9; i++ {
			at := i*step + 0 // not -0
			ticks = append(ticks, plot.Tick{Value: at, Label: format(at)})
		}
		return ticks
	})
}

// tickStep is the number of the form 1, 2 or 5 times a power of ten that is next to the rough step, or above it.
func tickStep(rough float64) float64 {
	if !(rough > 0) || math.IsInf(rough, 0) {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(rough)))
	for _, factor := range []float64{1, 2, 5} {
		if factor*power >= rough*(1-1e-9) {
			return factor * power
		}
	}
	return 10 * power
}

// painter is a function that draws on the data area; it makes a plot.Plotter.
type painter func(c draw.Canvas, p *plot.Plot)

func (f painter) Plot(c draw.Canvas, p *plot.Plot) { f(c, p) }

// gridLines draws light lines at the ticks.
func gridLines(c draw.Canvas, p *plot.Plot) {
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

// point is a place in data coordinates.
type point struct{ x, y float64 }

// polyline draws lines through the points, clipped to the data area; a point that is not finite breaks the line.
func polyline(style draw.LineStyle, points []point) painter {
	return func(c draw.Canvas, p *plot.Plot) {
		toX, toY := p.Transforms(&c)
		var run []vg.Point
		stroke := func() {
			if len(run) > 1 {
				c.StrokeLines(style, c.ClipLinesXY(run)...)
			}
			run = nil
		}
		for _, at := range points {
			if !finite(at.x) || !finite(at.y) {
				stroke()
				continue
			}
			run = append(run, vg.Point{X: toX(at.x), Y: toY(at.y)})
		}
		stroke()
	}
}

// dots draws a disc at each finite point.
func dots(c color.Color, radius vg.Length, points []point) painter {
	return func(canvas draw.Canvas, p *plot.Plot) {
		toX, toY := p.Transforms(&canvas)
		style := draw.GlyphStyle{Color: c, Radius: radius, Shape: draw.CircleGlyph{}}
		for _, at := range points {
			if finite(at.x) && finite(at.y) {
				canvas.DrawGlyph(style, vg.Point{X: toX(at.x), Y: toY(at.y)})
			}
		}
	}
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// plainTick writes a number with at most four digits.
func plainTick(v float64) string { return strconv.FormatFloat(v, 'g', 4, 64) }

// percentTick writes a share as a percentage.
func percentTick(share float64) string {
	return strconv.FormatFloat(math.Round(share*1e4)/100, 'g', 4, 64) + "%"
}
