package reports

import (
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/reports/internal/check"
)

// seeds are runs of the loss whose accuracies are those given.
func seeds(loss string, accuracies ...float64) []*record.Record {
	var records []*record.Record
	for i, accuracy := range accuracies {
		records = append(records, changed(loss, int64(i), func(r *record.Record) { r.Test.Accuracy = accuracy }))
	}
	return records
}

func TestTableMarksTheBestByDifferencesPairedBySeed(t *testing.T) {
	softmax, dismax := seeds("softmax", 0.91, 0.93, 0.95), seeds("dismax", 0.92, 0.941, 0.959)
	markdown := Table(append(softmax, dismax...)...).Markdown()
	// The means differ by less than their deviations, but every seed by about a point.
	check.Holds(t, lineWith(t, markdown, "| DisMax |"), "| **94.0** ± 2.0 |")
	check.Holds(t, lineWith(t, markdown, "| SoftMax |"), "| 93.0 ± 2.0 |")
	check.Holds(t, markdown, "Bold: the best mean of a column, if it is better than every other")
	results := Table(append(softmax, dismax...)...)
	check.Holds(t, results.HTML(), "<b>94.0</b><small> ± 2.0</small>")
	check.Holds(t, results.LaTeX(), `\textbf{94.0} $\pm$ 2.0`)
}

func TestTableMarksNoneOfTwoThatCannotBeDistinguished(t *testing.T) {
	records := append(seeds("softmax", 0.90, 0.90, 0.901), seeds("isomax", 0.94, 0.96, 0.95)...)
	records = append(records, seeds("dismax", 0.95, 0.94, 0.961)...)
	markdown := Table(records...).Markdown()
	check.Holds(t, lineWith(t, markdown, "| IsoMax |"), "| 95.0 ± 1.0 |")
	check.Holds(t, lineWith(t, markdown, "| DisMax |"), "| 95.0 ± 1.1 |")
}

func TestTheMoreIsComparedTheLessIsBold(t *testing.T) {
	number := func(key string, values ...float64) row {
		return row{cells: []cell{{key: key, better: higher, runs: measurement{[]string{"1", "2", "3"}, values}}}}
	}
	// Differences of 3, 2 and 4 points: p is 0.037 of one comparison, and twice that of two.
	better, worse := number("accuracy", 0.95, 0.95, 0.96), number("accuracy", 0.92, 0.93, 0.92)
	markBest([]row{better, worse})
	if !better.cells[0].best || worse.cells[0].best {
		t.Error("one comparison: want the better one bold, and it alone")
	}
	better.cells[0].best = false
	markBest([]row{better, worse, number("another column", 0.5, 0.6, 0.7), number("another column", 0.6, 0.5, 0.7)})
	if better.cells[0].best {
		t.Error("two comparisons: got bold")
	}
}

func TestRowsWithoutSeedsTakeNoPart(t *testing.T) {
	given := changed("isomax", 0, func(r *record.Record) { r.OutputsOnly, r.Test.Accuracy = true, 0.99 })
	for name, other := range map[string]*record.Record{"ensemble": ensemble("softmax"), "given": given} {
		t.Run(name, func(t *testing.T) {
			records := append(seeds("softmax", 0.91, 0.93, 0.95), seeds("dismax", 0.92, 0.941, 0.959)...)
			markdown := Table(append(records, other)...).Markdown()
			check.Holds(t, lineWith(t, markdown, "| DisMax |"), "| **94.0** ± 2.0 |")
			check.Holds(t, markdown, "Rows without seeds of their own, ensembles and given outputs, are not compared.")
		})
	}
	markdown := Table(append(seeds("softmax", 0.91, 0.93, 0.95), ensemble("softmax"))...).Markdown()
	check.Holds(t, markdown, "No number is bold")
}

func TestTableMarksNothingWithFewSeeds(t *testing.T) {
	for name, records := range map[string][]*record.Record{
		"one":                append(seeds("softmax", 0.5), seeds("dismax", 0.9)...),
		"two":                append(seeds("softmax", 0.5, 0.5), seeds("dismax", 0.9, 0.9)...),
		"one of the rows":    append(seeds("softmax", 0.5), seeds("dismax", 0.9, 0.91, 0.92, 0.93)...),
		"three of one place": append(seeds("softmax", 0.5, 0.51, 0.52), seeds("dismax", 0.5, 0.51, 0.52)...),
	} {
		t.Run(name, func(t *testing.T) {
			line := lineWith(t, Table(records...).Markdown(), "| DisMax |")
			if accuracy := strings.Split(line, "|")[4]; strings.Contains(accuracy, "**") {
				t.Errorf("got accuracy %s, want it plain", accuracy)
			}
		})
	}
	markdown := Table(append(seeds("softmax", 0.5), seeds("dismax", 0.9)...)...).Markdown()
	check.Holds(t, markdown, "No number is bold: which is best takes at least 3 seeds of each row.")
}
