package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/dismax-go/dismax/internal/bench"
)

// print writes the table of all cases and a last line of all ratios, and returns an error that names the bars that
// were missed.
func (c *comparison) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\t\tTRAIN\t\t\t\tINFERENCE\t\t\tPEAK MB\t\t\t")
	fmt.Fprintln(w, "CASE\t\tours\ttorch\tratio\tbar\tours\ttorch\tratio\tours\ttorch\tbar\t")
	var ratios, missed []string
	for i := range c.Cases {
		one := &c.Cases[i]
		fmt.Fprintln(w, one.row())
		if ratio := bench.Median(one.Ratios); len(one.Ratios) > 0 {
			ratios = append(ratios, fmt.Sprintf("%s:%d %s %.2f (<= %g)", one.bar.model, one.bar.batch,
				strings.Fields(one.bar.cores.unit())[0], ratio, one.bar.ratio))
		}
		missed = append(missed, one.missed()...)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%s %s, backend %s, SIMD %t; PyTorch %s; %s; load %.1f before and %.1f after\n",
		c.Loss, c.Ours.Versions.Go, c.Ours.Backend.Name, c.Ours.Versions.SIMD, c.Torch, c.Ours.Backend.Device,
		c.LoadBefore, c.LoadAfter)
	for _, line := range missed {
		fmt.Fprintln(out, "MISSED:", line)
	}
	fmt.Fprintln(out, "ratios to PyTorch:", strings.Join(ratios, ", "))
	if len(missed) > 0 {
		return errors.New("a bar was missed")
	}
	return nil
}

// row is a line of the table: medians over the rounds.
func (c *compared) row() string {
	unit := c.bar.cores
	cells := []string{c.bar.name(), unit.unit()}
	train := func(r bench.Result) float64 { return unit.seconds(r.Train) }
	infer := func(r bench.Result) float64 {
		if r.Inference == nil {
			return 0
		}
		return unit.seconds(*r.Inference)
	}
	peak := func(r bench.Result) float64 { return float64(r.PeakBytes) }

	cells = append(cells, seconds(c.Ours, train), seconds(c.Torch, train),
		ratio(bench.Median(c.Ratios)), limit(c.bar.ratio))
	inferenceRatio := 0.0
	if torch := medianOf(c.Torch, infer); torch > 0 {
		inferenceRatio = medianOf(c.Ours, infer) / torch
	}
	cells = append(cells, seconds(c.Ours, infer), seconds(c.Torch, infer), ratio(inferenceRatio))
	cells = append(cells, megabytes(c.Ours, peak), megabytes(c.Torch, peak), limit(float64(c.bar.bytes)/1e6))
	return strings.Join(cells, "\t") + "\t"
}

// missed says which of the bar's limits do not hold.
func (c *compared) missed() []string {
	var lines []string
	if ratio := bench.Median(c.Ratios); len(c.Ratios) > 0 && !(ratio <= c.bar.ratio) {
		lines = append(lines, fmt.Sprintf("%s: %.2f times PyTorch's %s, at most %g",
			c.Name, ratio, c.bar.cores.unit(), c.bar.ratio))
	}
	for _, r := range c.Ours {
		if c.bar.bytes > 0 && !(0 < r.PeakBytes && r.PeakBytes <= c.bar.bytes) {
			lines = append(lines, fmt.Sprintf("%s: %s MB of memory, at most %.0f",
				c.Name, bench.Megabytes(r.PeakBytes), float64(c.bar.bytes)/1e6))
			break
		}
	}
	return lines
}

func medianOf(results []bench.Result, value func(bench.Result) float64) float64 {
	var values []float64
	for _, r := range results {
		values = append(values, value(r))
	}
	return bench.Median(values)
}

func seconds(results []bench.Result, value func(bench.Result) float64) string {
	if len(results) == 0 {
		return "-"
	}
	return bench.Seconds(medianOf(results, value))
}

func megabytes(results []bench.Result, value func(bench.Result) float64) string {
	if len(results) == 0 {
		return "-"
	}
	return bench.Megabytes(int64(medianOf(results, value)))
}

func ratio(value float64) string {
	if value == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", value)
}

func limit(value float64) string {
	if value == 0 {
		return "-"
	}
	return fmt.Sprintf("<= %g", value)
}
