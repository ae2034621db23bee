package plot

import (
	"errors"
	"fmt"
	"math"
	"strings"

	gonumplot "gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Interval is one row of [Intervals]: a value and how far it may be off.
type Interval struct {
	Name                string
	Value, Lower, Upper float64
}

const (
	intervalRow    = vg.Length(24) // height
	intervalChrome = vg.Length(86) // title, subtitle and axis
	intervalWidth  = vg.Length(440)
)

// Intervals plots a dot with whiskers for each row, one below the other, and writes the numbers beside them. The y axis
// of the chart is not used.
func Intervals(chart Chart, rows ...Interval) (*Plot, error) {
	if len(rows) == 0 {
		return nil, errors.New("plotting intervals: there are none")
	}
	x := extentOf(chart.X.Lines)
	for _, row := range rows {
		if !finite(row.Value) || !finite(row.Lower) || !finite(row.Upper) || row.Lower > row.Upper {
			return nil, fmt.Errorf("plotting interval %q: %g from %g to %g is none", row.Name, row.Value, row.Lower, row.Upper)
		}
		x = extentOf([]float64{x.low, x.high, row.Value, row.Lower, row.Upper})
	}
	if chart.X.Log && x.low <= 0 {
		return nil, errors.New("plotting intervals: a value is not positive: a logarithmic axis cannot show it")
	}
	x = x.padded(chart.X, 0.06)
	chart.Y = Axis{From: -0.5, To: float64(len(rows)) - 0.5}
	p := newChart(chart.X.over(x), chart.Y)
	p.Y.Tick.Marker = rowNames(rows)
	p.Y.Tick.Length, p.Y.LineStyle.Width = 0, 0
	p.Y.Tick.Label.Color = ink
	p.Add(whiskers(rows))
	numbers := intervalNumbers(chart.X, rows, x)
	named := make([]string, len(rows))
	for i, row := range rows {
		named[i] = row.Name + ": " + strings.Replace(numbers[i], "  ", " ", 1)
	}
	return &Plot{Title: chart.Title, Subtitle: chart.Subtitle, x: chart.X.Label, rows: named,
		width: intervalWidth, height: intervalChrome + intervalRow*vg.Length(len(rows)),
		body: func(c draw.Canvas) { drawWithNumbers(c, p, numbers) },
	}, nil
}

// rowNames puts the names on the y axis, the first one on top.
func rowNames(rows []Interval) gonumplot.ConstantTicks {
	var names []string
	for _, row := range rows {
		names = append(names, row.Name)
	}
	return linesFromTop(names)
}

// whiskers draws the dots and the lines from Lower to Upper with a stroke at each end.
func whiskers(rows []Interval) painter {
	return func(c draw.Canvas, p *gonumplot.Plot) {
		toX, toY := p.Transforms(&c)
		colour := seriesColour(0)
		line := draw.LineStyle{Color: colour, Width: 1.6}
		for i, row := range rows {
			y := toY(float64(len(rows) - 1 - i))
			left, right := toX(row.Lower), toX(row.Upper)
			c.StrokeLine2(line, left, y, right, y)
			c.StrokeLine2(line, left, y-3.5, left, y+3.5)
			c.StrokeLine2(line, right, y-3.5, right, y+3.5)
			at := vg.Point{X: toX(row.Value), Y: y}
			disc(c, at, surface, 4.4)
			disc(c, at, colour, 3.2)
		}
	}
}

// intervalNumbers writes each row with as many decimals as the width of the narrowest interval asks for.
func intervalNumbers(a Axis, rows []Interval, x extent) []string {
	scale, unit := 1.0, ""
	if a.Share {
		scale, unit = 100, "%"
	}
	narrowest := x.high - x.low
	for _, row := range rows {
		if width := row.Upper - row.Lower; width > 0 {
			narrowest = min(narrowest, width)
		}
	}
	decimals := int(max(0, min(6, math.Ceil(1-math.Log10(narrowest*scale)))))
	texts := make([]string, len(rows))
	for i, row := range rows {
		texts[i] = fmt.Sprintf("%.*f%s  (%.*f to %.*f)", decimals, row.Value*scale, unit, decimals, row.Lower*scale,
			decimals, row.Upper*scale)
	}
	return texts
}

// drawWithNumbers draws the plot and, in a column to its right, a text for each row.
func drawWithNumbers(c draw.Canvas, p *gonumplot.Plot, numbers []string) {
	style := typeface(textSize, muted, false)
	style.YAlign = draw.YCenter
	column := vg.Length(0)
	for _, text := range numbers {
		column = max(column, style.Width(text))
	}
	area := c
	area.Max.X -= column + 10
	p.Draw(area)
	data := p.DataCanvas(area)
	_, toY := p.Transforms(&data)
	for i, text := range numbers {
		y := toY(float64(len(numbers)-1-i)) + style.FontExtents().Descent // as gonum does it with the names
		c.FillText(style, vg.Point{X: area.Max.X + 10, Y: y}, text)
	}
}
