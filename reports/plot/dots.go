package plot

import (
	"errors"
	"fmt"
	"slices"

	gonumplot "gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// DotGroup is a heading of [Dots] with the rows below it.
type DotGroup struct {
	Name string
	Rows []DotRow
}

// DotRow is one row of [Dots]: values that are shown as discs, and others that are shown as rings.
type DotRow struct {
	Name           string
	Filled, Hollow []float64
}

const (
	dotRow    = vg.Length(17)  // height
	dotChrome = vg.Length(100) // title, subtitle, legend and axis
	dotWidth  = vg.Length(520)
)

// Dots plots every value as a dot, a row below the other under the headings of their groups. The legend explains discs
// and rings by the names of filled and hollow. The y axis of the chart is not used.
func Dots(chart Chart, filled, hollow string, groups ...DotGroup) (*Plot, error) {
	var names []string // of all lines from the top; "" for a heading
	var headings []string
	x := extentOf(chart.X.Lines)
	for _, group := range groups {
		names, headings = append(names, ""), append(headings, group.Name)
		for _, row := range group.Rows {
			values := slices.Concat(row.Filled, row.Hollow)
			if err := checkDots(chart.X, values); err != nil {
				return nil, fmt.Errorf("plotting dots of %q: %w", row.Name, err)
			}
			x = extentOf([]float64{x.low, x.high}, values)
			names, headings = append(names, row.Name), append(headings, "")
		}
	}
	if x.empty() {
		return nil, errors.New("plotting dots: there is none")
	}
	chart.X = chart.X.over(x.padded(chart.X, 0.06))
	p := newChart(chart.X, Axis{From: -0.5, To: float64(len(names)) - 0.5})
	p.Y.Tick.Marker = slices.DeleteFunc(linesFromTop(names), func(t gonumplot.Tick) bool { return t.Label == "" })
	p.Y.Tick.Length, p.Y.LineStyle.Width = 0, 0
	p.Y.Tick.Label.Color = ink
	p.Add(dotHeadings(headings), dotRows(groups, len(names)))
	return &Plot{Title: chart.Title, Subtitle: chart.Subtitle, x: chart.X.Label, rows: dotNames(groups), width: dotWidth,
		height: dotChrome + dotRow*vg.Length(len(names)), body: p.Draw,
		legend: []legendEntry{
			{filled, func(c draw.Canvas) { drawDot(c, c.Center(), true) }},
			{hollow, func(c draw.Canvas) { drawDot(c, c.Center(), false) }},
		},
	}, nil
}

// dotNames are the names of the rows with those of their groups.
func dotNames(groups []DotGroup) (names []string) {
	for _, group := range groups {
		for _, row := range group.Rows {
			names = append(names, group.Name+", "+row.Name)
		}
	}
	return names
}

// checkDots refuses values that have no place on the axis.
func checkDots(a Axis, values []float64) error {
	for _, v := range values {
		if !finite(v) || (a.Log && v <= 0) {
			return fmt.Errorf("%g cannot be shown", v)
		}
	}
	return nil
}

// linesFromTop puts the names on the y axis, the first one on top.
func linesFromTop(names []string) gonumplot.ConstantTicks {
	ticks := make(gonumplot.ConstantTicks, len(names))
	for i, name := range names {
		ticks[i] = gonumplot.Tick{Value: float64(len(names) - 1 - i), Label: name}
	}
	return ticks
}

// dotHeadings writes the headings over the width of the data area.
func dotHeadings(headings []string) painter {
	return func(c draw.Canvas, p *gonumplot.Plot) {
		_, toY := p.Transforms(&c)
		style := typeface(textSize, ink, true)
		style.YAlign = draw.YCenter
		for i, heading := range headings {
			if heading != "" {
				y := toY(float64(len(headings)-1-i)) + style.FontExtents().Descent
				c.FillText(style, vg.Point{X: c.Min.X, Y: y}, heading)
			}
		}
	}
}

// dotRows draws the dots, one line for each heading and each row.
func dotRows(groups []DotGroup, lines int) painter {
	return func(c draw.Canvas, p *gonumplot.Plot) {
		toX, toY := p.Transforms(&c)
		line := lines
		for _, group := range groups {
			line--
			for _, row := range group.Rows {
				line--
				y := toY(float64(line))
				for _, v := range row.Filled {
					drawDot(c, vg.Point{X: toX(v), Y: y}, true)
				}
				for _, v := range row.Hollow {
					drawDot(c, vg.Point{X: toX(v), Y: y}, false)
				}
			}
		}
	}
}

// drawDot draws a disc, or a ring in another colour.
func drawDot(c draw.Canvas, at vg.Point, filled bool) {
	if filled {
		disc(c, at, seriesColour(0), 2.8)
		return
	}
	disc(c, at, seriesColour(1), 2.8)
	disc(c, at, surface, 1.6)
}
