package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/dismax-go/dismax/internal/bench"
)

// writeTable prints a table for each network: medians over the rounds, the distance of the slowest and the fastest
// round, multiples of PyTorch's fastest mode, and the conditions. It fits 80 columns.
func writeTable(out io.Writer, c *comparison) error {
	for _, g := range c.groups() {
		fmt.Fprintf(out, "%s, %s, %s\n", titled(g.Case), g.Loss, g.precision)
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintln(w, "\ttrain s\tspread\tx torch\tinfer s\tx torch\tfirst s\tpeak MB\t")
		for _, r := range g.rows {
			fmt.Fprintln(w, strings.Join(g.cells(&r), "\t")+"\t")
		}
		if err := w.Flush(); err != nil {
			return err
		}
		for _, r := range g.rows {
			if r.failure != "" {
				fmt.Fprintln(out, fold(fmt.Sprintf("%s: %s", shortEngine(r.engine), r.failure)))
			}
		}
		fmt.Fprintln(out)
	}
	for _, line := range c.conditions() {
		fmt.Fprintln(out, fold(line))
	}
	return nil
}

// cells are those of an engine's row.
func (g *group) cells(r *row) []string {
	name := shortEngine(r.engine)
	if len(r.rounds) == 0 {
		return []string{name, "failed", "", "", "", "", "", ""}
	}
	return []string{
		name,
		bench.Seconds(r.median(trainSeconds)), fmt.Sprintf("%.0f%%", 100*r.spread(trainSeconds)),
		g.timesTorch(r, trainSeconds),
		inferenceCell(r), g.timesTorch(r, inferenceSeconds),
		firstStepCell(r), peakCell(r),
	}
}

// inferenceCell is the time of a forward pass, if it was measured.
func inferenceCell(r *row) string {
	if seconds := r.median(inferenceSeconds); seconds > 0 {
		return bench.Seconds(seconds)
	}
	return "-"
}

// firstStepCell is the longest first step of all rounds: compilers keep what they made in the first.
func firstStepCell(r *row) string { return fmt.Sprintf("%.1f", slices.Max(r.values(firstStepSeconds))) }

func peakCell(r *row) string { return bench.Megabytes(int64(r.median(peak))) }

// timesTorch is the ratio to the fastest of PyTorch's modes.
func (g *group) timesTorch(r *row, value quantity) string {
	best := g.best(torchEngines, value)
	if best == nil || r.ratio(best, value) == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", r.ratio(best, value))
}

// shortEngine leaves of a plugin's path only the end.
func shortEngine(name string) string {
	const longest = 19
	if len(name) <= longest {
		return name
	}
	return "xla:…" + name[len(name)-longest+5:]
}

// fold breaks a line between words where it does not fit a terminal.
func fold(line string) string {
	const width = 80
	folded, length := "", 0
	for i, word := range strings.Fields(line) {
		switch needed := utf8.RuneCountInString(word); {
		case i == 0:
			length = needed
		case length+1+needed > width:
			folded += "\n  "
			length = 2 + needed
		default:
			folded += " "
			length += 1 + needed
		}
		folded += word
	}
	return folded
}

// conditions say where, with what and under what load the comparison was measured.
func (c *comparison) conditions() []string {
	lines := []string{strings.TrimSpace(c.Machine.Processor + " " + c.Machine.GPU)}
	if len(c.Machine.Instructions) > 0 {
		lines[0] += ": " + strings.Join(c.Machine.Instructions, " ")
	}
	for _, s := range c.Sessions {
		lines = append(lines, fmt.Sprintf("%s to %s, load %.1f before and %.1f after",
			s.Started.Format("2006-01-02 15:04"), s.Ended.Format("15:04"), s.LoadBefore, s.LoadAfter))
	}
	var seen []string
	for _, m := range c.Measurements {
		if line := shortEngine(m.Engine) + ": " + m.Versions; m.Result != nil && !slices.Contains(seen, line) {
			seen = append(seen, line)
		}
	}
	return append(lines, seen...)
}

// tableCommand is "bench table".
type tableCommand struct {
	Record   string `arg:"" default:"reports/out/bench.json" help:"Record of a comparison. Default: ${default}."`
	Markdown bool   `help:"As one table of Markdown, with the fastest of PyTorch's modes, and nothing else."`
}

// Run prints the record and its verdict.
func (t *tableCommand) Run(out io.Writer) error {
	c, err := readComparison(t.Record)
	if err != nil {
		return err
	}
	if t.Markdown {
		_, err := io.WriteString(out, markdown(c))
		return err
	}
	if err := writeTable(out, c); err != nil {
		return err
	}
	fmt.Fprintln(out)
	return verdict(out, c)
}
