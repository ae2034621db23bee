package main

import (
	"fmt"
	"strings"

	"github.com/dismax-go/dismax/reports/plot"
)

// drawPicture saves the picture of the record as SVG. A record without results has none.
func drawPicture(c *comparison, path string) (drawn bool, err error) {
	p, err := pictureOf(c)
	if err != nil || p == nil {
		return false, err
	}
	return true, p.SaveSVG(path)
}

// pictureOf draws every round of every engine as a dot, a row for each engine, grouped by network.
func pictureOf(c *comparison) (*plot.Plot, error) {
	var groups []plot.DotGroup
	for _, g := range c.groups() {
		drawn := plot.DotGroup{Name: fmt.Sprintf("%s, %s", titled(g.Case), g.precision)}
		for _, r := range g.rows {
			if len(r.rounds) > 0 {
				drawn.Rows = append(drawn.Rows, plot.DotRow{
					Name: shortEngine(r.engine), Filled: r.values(trainSeconds), Hollow: positive(r.values(inferenceSeconds)),
				})
			}
		}
		if len(drawn.Rows) > 0 {
			groups = append(groups, drawn)
		}
	}
	if len(groups) == 0 {
		return nil, nil
	}
	return plot.Dots(plot.Chart{
		Title:    "Seconds for a step, lower is better",
		Subtitle: strings.TrimSpace(c.Machine.Processor + " " + c.Machine.GPU),
		X:        plot.Axis{Label: "seconds, logarithmic", Log: true},
	}, "training, a dot for each round", "inference", groups...)
}

// positive leaves out what was not measured.
func positive(values []float64) []float64 {
	var kept []float64
	for _, v := range values {
		if v > 0 {
			kept = append(kept, v)
		}
	}
	return kept
}
