package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/internal/text"
	"gonum.org/v1/gonum/stat"
)

// table is the comparison in Markdown: for each loss that both codes have run, the means over the seeds of either, and
// their difference. A sentence below says what it leaves out and how it is read.
func table(here []*record.Record, there []published) string {
	var out strings.Builder
	out.WriteString("| |")
	for _, m := range columns {
		out.WriteString(" " + m.title + " |")
	}
	out.WriteString("\n| --- |" + strings.Repeat(" ---: |", len(columns)) + "\n")
	var left, fewer []string
	for _, k := range kinds {
		ours, theirs := ofLoss(here, k.loss, ""), ofKind(there, k.kind, "")
		if len(ours) == 0 || len(theirs) == 0 {
			left = append(left, k.loss)
			continue
		}
		writeLoss(&out, ours, ofLoss(here, k.loss, experiment.BorderMean), theirs, ofKind(there, k.kind, borderBlack))
		for _, m := range columns {
			values := len(measured(theirs, m.there))
			if 0 < values && values < len(theirs) && !slices.Contains(fewer, m.title) {
				fewer = append(fewer, m.title)
			}
		}
	}
	out.WriteString("\n" + caption(left, fewer) + "\n")
	return out.String()
}

func ofLoss(records []*record.Record, loss, border string) (found []*record.Record) {
	for _, r := range records {
		if r.Spec.Loss == loss && r.Spec.Border == border {
			found = append(found, r)
		}
	}
	return found
}

func ofKind(results []published, kind, border string) (found []published) {
	for _, p := range results {
		if p.Kind == kind && p.Border == border {
			found = append(found, p)
		}
	}
	return found
}

// writeLoss writes the three lines of a loss, and two more for the runs of either code whose crops have the border of
// the other's.
func writeLoss(out *strings.Builder, ours, oursAsThere []*record.Record, theirs, theirsAsHere []published) {
	line := func(title string, seeds int, cell func(m metric) string) {
		if seeds > 0 {
			title += ", " + text.Count(seeds, "seed")
		}
		out.WriteString("| " + title + " |")
		for _, m := range columns {
			out.WriteString(" " + cell(m) + " |")
		}
		out.WriteString("\n")
	}
	here := func(title string, runs []*record.Record) {
		line(title, len(runs), func(m metric) string { return m.mean(measured(runs, m.here)) })
	}
	there := func(title string, runs []published) {
		line(title, len(runs), func(m metric) string { return m.mean(measured(runs, m.there)) })
	}
	difference := func(a []*record.Record, b []published) {
		line("difference", 0, func(m metric) string { return m.difference(measured(a, m.here), measured(b, m.there)) })
	}
	here(ours[0].Loss.Title+", this library", ours)
	there("published code", theirs)
	difference(ours, theirs)
	if len(oursAsThere) > 0 {
		here("this library, mean border", oursAsThere)
		difference(oursAsThere, theirs)
	}
	if len(theirsAsHere) > 0 {
		there("published code, black border", theirsAsHere)
		difference(ours, theirsAsHere)
	}
}

// measured are the values that are numbers.
func measured[T any](runs []T, value func(T) float64) (values []float64) {
	for _, r := range runs {
		if v := value(r); !math.IsNaN(v) {
			values = append(values, v)
		}
	}
	return values
}

// missing stands for what was not measured.
const missing = "–"

// mean writes a mean, with the sample standard deviation where there are several values.
func (m metric) mean(values []float64) string {
	switch len(values) {
	case 0:
		return missing
	case 1:
		return m.number(values[0])
	}
	mean, deviation := stat.MeanStdDev(values, nil)
	return m.number(mean) + " ± " + m.number(deviation)
}

// difference writes the difference of the means and its interval, in bold where that excludes 0.
func (m metric) difference(a, b []float64) string {
	if len(a) == 0 || len(b) == 0 {
		return missing
	}
	d := welch(a, b)
	written := m.signed(d.mean)
	if math.Abs(d.mean) > d.room {
		written = "**" + written + "**"
	}
	if !math.IsNaN(d.room) {
		written += fmt.Sprintf(" (%s to %s)", m.signed(d.mean-d.room), m.signed(d.mean+d.room))
	}
	return written
}

func (m metric) number(value float64) string { return fmt.Sprintf("%.*f", m.decimals, value) }

// signed writes a number with its sign, the minus as long as the plus.
func (m metric) signed(value float64) string {
	return strings.Replace(fmt.Sprintf("%+.*f", m.decimals, value), "-", "−", 1)
}

// caption says how the table is read, which losses it has not, and which metrics the published code has of fewer seeds.
func caption(left, fewer []string) string {
	sentences := "Mean ± standard deviation over seeds. Difference: this library minus the published code, with the 95% " +
		"interval of Welch's t test where both sides have two values or more; bold where that excludes 0, which one of " +
		"twenty such intervals does by chance."
	if len(fewer) > 0 {
		sentences += " Of fewer seeds with the published code: " + text.And(fewer) + "."
	}
	if len(left) > 0 {
		sentences += " Not run on both sides: " + text.And(left) + "."
	}
	return sentences
}
