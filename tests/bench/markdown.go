package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dismax-go/dismax/internal/bench"
)

// line is one of a network's lines in the table of Markdown.
type line struct {
	title string
	cell  func(r *row) string
	// value is what is compared with PyTorch's fastest mode; nil: it is that of the mode that trains fastest.
	value quantity
}

var lines = []line{
	{"training step, s", func(r *row) string { return bench.Seconds(r.median(trainSeconds)) }, trainSeconds},
	{"inference, s", inferenceCell, inferenceSeconds},
	{"first step, s", firstStepCell, nil},
	{"peak memory, MB", peakCell, nil},
}

// markdown is the record as one table: a column for each engine, one for the fastest of PyTorch's modes, and the times
// as multiples of its in brackets.
func markdown(c *comparison) string {
	var text strings.Builder
	engines := c.columns()
	fmt.Fprintf(&text, "| network | | %s |\n|%s\n", strings.Join(engines, " | "), strings.Repeat(" --- |", len(engines)+2))
	for _, g := range c.groups() {
		name := titled(g.Case)
		if g.precision != "float32" {
			name += ", " + g.precision
		}
		for _, l := range lines {
			cells := []string{name, l.title}
			for _, engine := range engines {
				cells = append(cells, g.markdownCell(engine, l))
			}
			fmt.Fprintf(&text, "| %s |\n", strings.Join(cells, " | "))
			name = ""
		}
	}
	return text.String()
}

// torchColumn stands for the fastest of PyTorch's modes.
const torchColumn = "PyTorch"

// columns are the engines of the record, those of PyTorch as one.
func (c *comparison) columns() []string {
	var names []string
	for _, g := range c.groups() {
		for _, r := range g.rows {
			name := r.engine
			if slices.Contains(torchEngines, name) {
				name = torchColumn
			}
			if len(r.rounds) > 0 && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return columnOrder(a) - columnOrder(b) })
	return names
}

func columnOrder(name string) int {
	if name == torchColumn {
		name = torchEngines[0]
	}
	return orderOfEngine(name)
}

func (g *group) markdownCell(engine string, l line) string {
	best := l.value
	if best == nil {
		best = trainSeconds
	}
	r := g.best(torchEngines, best)
	if engine != torchColumn {
		r = g.row(engine)
	}
	switch {
	case r == nil:
		return "-"
	case engine == torchColumn || l.value == nil || g.timesTorch(r, l.value) == "-":
		return l.cell(r)
	}
	return fmt.Sprintf("%s (%s)", l.cell(r), g.timesTorch(r, l.value))
}
