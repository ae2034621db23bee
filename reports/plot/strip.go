package plot

import (
	"errors"
	"fmt"

	gonumplot "gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Strip is one row of [Strips]: each value as a dot, for example one of each seed.
type Strip struct {
	Name   string
	Values []float64
	// Hollow makes rings of the dots, for numbers that were not measured here.
	Hollow bool
	// Lower and Upper, if they differ, are the ends of a line through the dots, such as a deviation.
	Lower, Upper float64
}

// Strips plots the values of each row as dots, one row below the other. The y axis of the chart is not used. It is an
// error if there is no value, or if one is not finite.
func Strips(chart Chart, rows ...Strip) (*Plot, error) {
	x, names := extentOf(chart.X.Lines), make([]string, len(rows))
	for i, row := range rows {
		names[i] = row.Name
		ends := row.Values
		if row.Lower != row.Upper {
			ends = append([]float64{row.Lower, row.Upper}, ends...)
		}
		for _, value := range ends {
			if !finite(value) {
				return nil, fmt.Errorf("plotting strip %q: %g is no place on an axis", row.Name, value)
			}
		}
		x = extentOf([]float64{x.low, x.high}, ends)
	}
	if x.empty() {
		return nil, errors.New("plotting strips: there is no value")
	}
	chart.Y = Axis{From: -0.5, To: float64(len(rows)) - 0.5}
	p := newChart(chart.X.over(x.padded(chart.X, 0.08)), chart.Y)
	p.Y.Tick.Marker = linesFromTop(names)
	p.Y.Tick.Length, p.Y.LineStyle.Width = 0, 0
	p.Y.Tick.Label.Color = ink
	p.Add(stripDots(rows))
	result := &Plot{Title: chart.Title, Subtitle: chart.Subtitle, x: chart.X.Label, rows: names, width: plotWidth,
		height: intervalChrome + intervalRow*vg.Length(len(rows)), body: p.Draw}
	if result.legend = chart.lineNames(); len(result.legend) > 0 {
		result.height += legendLine
	}
	return result, nil
}

func stripDots(rows []Strip) painter {
	return func(c draw.Canvas, p *gonumplot.Plot) {
		toX, toY := p.Transforms(&c)
		for i, row := range rows {
			y := toY(float64(len(rows) - 1 - i))
			style := draw.GlyphStyle{Color: fade(seriesColour(0), 0.8), Radius: 3.2, Shape: draw.CircleGlyph{}}
			if row.Hollow {
				style.Color, style.Shape = ink, draw.RingGlyph{}
			}
			if row.Lower != row.Upper {
				c.StrokeLine2(draw.LineStyle{Color: style.Color, Width: 1}, toX(row.Lower), y, toX(row.Upper), y)
			}
			for _, value := range row.Values {
				if row.Hollow {
					disc(c, vg.Point{X: toX(value), Y: y}, surface, 3.2)
				}
				c.DrawGlyph(style, vg.Point{X: toX(value), Y: y})
			}
		}
	}
}
