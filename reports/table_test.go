package reports

import (
	"encoding/csv"
	"math"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/reports/internal/check"
	"github.com/dismax-go/dismax/reports/internal/fixture"
)

// changed returns the fixture's record after a change.
func changed(loss string, seed int64, change func(*record.Record)) *record.Record {
	r := fixture.New(loss, seed)
	change(r)
	return r
}

// trainedOn makes the record one of another data set.
func trainedOn(name, title string) func(*record.Record) {
	return func(r *record.Record) { r.Spec.Dataset, r.Data.Test.Title = name, title }
}

// resNet20 makes the record one of another model.
func resNet20(r *record.Record) {
	r.Spec.Model, r.Model.Name, r.Model.Title = "resnet20", "resnet20", "ResNet-20"
}

// lineWith returns the first line that begins with the prefix.
func lineWith(t *testing.T, text, prefix string) string {
	t.Helper()
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, prefix) {
			return strings.TrimSpace(line)
		}
	}
	t.Fatalf("no line begins with %q in:\n%s", prefix, text)
	return ""
}

func TestTableJoinsSeedsIntoMeanAndDeviation(t *testing.T) {
	first := changed("dismax", 1, func(r *record.Record) { r.Test.Accuracy = 0.90 })
	second := changed("dismax", 2, func(r *record.Record) { r.Test.Accuracy = 0.92 })
	line := lineWith(t, Table(first, second).Markdown(), "| DisMax |")
	// The sample standard deviation of 90 and 92 is sqrt(2).
	if want := "| DisMax | ResNet-34 | 2 | 91.0 ± 1.4 |"; !strings.HasPrefix(line, want) {
		t.Errorf("got %q, want it to begin with %q", line, want)
	}
}

func TestTableKeepsSpecsApartThatDifferInMoreThanTheSeed(t *testing.T) {
	short := changed("dismax", 2, func(r *record.Record) { r.Spec.Epochs, r.Spec.BatchSize = 3, 32 })
	markdown := Table(fixture.New("dismax", 1), short).Markdown()
	lineWith(t, markdown, "| DisMax (epochs 60, batch size 64) | ResNet-34 | 1 |")
	lineWith(t, markdown, "| DisMax (epochs 3, batch size 32) | ResNet-34 | 1 |")
}

func TestTableOrdersRowsByLossWhateverTheOrderOfRecords(t *testing.T) {
	a, b, c := fixture.New("softmax", 1), fixture.New("isomaxplus", 1), fixture.New("dismax-fpr", 1)
	if got, want := Table(c, nil, b, a).Markdown(), Table(a, b, c).Markdown(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

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
	check.Holds(t, markdown, "Bold: the best mean of the column and those that cannot be distinguished from it")
}

func TestTableMarksAllThatCannotBeDistinguishedFromTheBest(t *testing.T) {
	records := append(seeds("softmax", 0.90, 0.90, 0.901), seeds("isomax", 0.94, 0.96, 0.95)...)
	records = append(records, seeds("dismax", 0.95, 0.94, 0.961)...)
	markdown := Table(records...).Markdown()
	check.Holds(t, lineWith(t, markdown, "| SoftMax |"), "| 90.0 ± 0.1 |")
	check.Holds(t, lineWith(t, markdown, "| IsoMax |"), "| **95.0** ± 1.0 |")
	check.Holds(t, lineWith(t, markdown, "| DisMax |"), "| **95.0** ± 1.1 |")
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

func TestTableMarksNoWinnerWithoutARival(t *testing.T) {
	alone := changed("dismax", 1, func(r *record.Record) { r.OutOfDistribution = nil })
	if latex := Table(alone).LaTeX(); strings.Contains(latex, `\textbf`) {
		t.Errorf("a single row has a bold number:\n%s", latex)
	}
}

func TestTableShowsNaNAndNeverCallsItTheBest(t *testing.T) {
	broken := changed("softmax", 1, func(r *record.Record) {
		r.Test.Accuracy, r.Test.After.NLL, r.OutOfDistribution[0].Scores[0].AUROC = math.NaN(), math.Inf(1), math.NaN()
	})
	results := Table(broken, fixture.New("dismax", 1), fixture.New("isomax", 1))
	line := lineWith(t, results.Markdown(), "| SoftMax |")
	if !strings.Contains(line, "| NaN |") || !strings.Contains(line, "| ∞ |") {
		t.Errorf("got %s, want NaN and ∞ in it", line)
	}
	for _, text := range []string{results.Markdown(), results.HTML(), results.LaTeX()} {
		for _, wrong := range []string{"**NaN", "<b>NaN", "textbf{NaN"} {
			if strings.Contains(text, wrong) {
				t.Errorf("NaN is marked as the best: %q", wrong)
			}
		}
	}
}

func TestTableSaysMissingWhereASetWasNotMeasured(t *testing.T) {
	without := changed("softmax", 1, func(r *record.Record) { r.OutOfDistribution = r.OutOfDistribution[:1] })
	rows := Table(without, fixture.New("dismax", 1)).sections[0].detectionGrid(true).rows
	heading := ""
	for _, row := range rows {
		if row.heading != "" {
			heading = row.heading
		} else if heading == "against SVHN" && row.cells[0].text == "SoftMax" {
			t.Errorf("SoftMax has no results on SVHN, but a row: %v", row.cells)
		}
	}
	none := Table(changed("softmax", 1, func(r *record.Record) { r.OutOfDistribution = nil })).Markdown()
	if strings.Contains(none, "AUROC") {
		t.Errorf("a record without out-of-distribution sets has a detection table:\n%s", none)
	}
}

func TestTableOfDifferentDataSetsHasSections(t *testing.T) {
	other := changed("dismax", 1, trainedOn("my_set", ""))
	results := Table(fixture.New("dismax", 1), other)
	markdown := results.Markdown()
	first, second := strings.Index(markdown, "### CIFAR-10\n"), strings.Index(markdown, "### my\\_set\n")
	if first < 0 || second < first {
		t.Errorf("want a section CIFAR-10 and then my_set, got\n%s", markdown)
	}
	if got := strings.Count(results.LaTeX(), `\begin{table}`); got != 6 {
		t.Errorf("got %d LaTeX tables, want 6: three for each data set", got)
	}
	if got := strings.Count(results.HTML(), "<table>"); got != 6 {
		t.Errorf("got %d HTML tables, want 6", got)
	}
}

func TestTableLeavesOutSpeedThatWasNotMeasured(t *testing.T) {
	slow := changed("softmax", 1, func(r *record.Record) { r.InferenceImagesPerSecond = 0 })
	if markdown := Table(slow).Markdown(); strings.Contains(markdown, "Images/s") {
		t.Errorf("no record holds a speed, but there is a column:\n%s", markdown)
	}
	line := lineWith(t, Table(slow, fixture.New("dismax", 1)).Markdown(), "| SoftMax |")
	if !strings.HasSuffix(line, "| – |") {
		t.Errorf("got %s, want a dash for the speed", line)
	}
}

// strange is a loss whose name means something in every form of a table.
const strange = "a|b_c*<i>&\"x\", $5 {q} #1 50% ~^\\"

func TestTableEscapesNames(t *testing.T) {
	results := Table(changed(strange, 1, func(r *record.Record) { r.OutOfDistribution = nil }))

	markdown := lineWith(t, results.Markdown(), `| a\|`)
	if want := `| a\|b\_c\*&lt;i&gt;&amp;"x", $5 {q} #1 50% ~^\\ | ResNet-34 | 1 |`; !strings.HasPrefix(markdown, want) {
		t.Errorf("Markdown: got %s, want it to begin with %s", markdown, want)
	}

	page := results.HTML()
	if want := "<td>a|b_c*&lt;i&gt;&amp;&#34;x&#34;, $5 {q} #1 50% ~^\\</td>"; !strings.Contains(page, want) {
		t.Errorf("HTML: want %s in\n%s", want, page)
	}

	latex := lineWith(t, results.LaTeX(), "a|b")
	want := `a|b\_c*\textless{}i\textgreater{}\&"x", \$5 \{q\} \#1 50\% ` +
		`\textasciitilde{}\textasciicircum{}\textbackslash{} & `
	if !strings.HasPrefix(latex, want) {
		t.Errorf("LaTeX: got %s, want it to begin with %s", latex, want)
	}

	rows, err := csv.NewReader(strings.NewReader(results.CSV())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := rows[1][2]; got != strange {
		t.Errorf("CSV: got loss %q back, want %q", got, strange)
	}
}

func TestCSVHoldsFullPrecisionAndThePapersNumbers(t *testing.T) {
	a := changed("softmax", 1, func(r *record.Record) { r.Test.Accuracy = 0.9512345678901234 })
	rows, err := csv.NewReader(strings.NewReader(Table(a).CSV())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	columns := map[string]int{}
	for i, name := range rows[0] {
		columns[name] = i
	}
	find := func(set, score, metric string) []string {
		for _, row := range rows {
			if row[columns["out_of_distribution"]] == set && row[columns["score"]] == score && row[columns["metric"]] == metric {
				return row
			}
		}
		t.Fatalf("no row for %q %q %q", set, score, metric)
		return nil
	}
	accuracy := find("", "", "accuracy")
	if got := accuracy[columns["mean"]]; got != "0.9512345678901234" {
		t.Errorf("got accuracy %s, want all digits", got)
	}
	if got := accuracy[columns["std"]]; got != "" {
		t.Errorf("got deviation %q of one run, want none", got)
	}
	if got := accuracy[columns["paper_mean"]]; got != "0.956" {
		t.Errorf("got the paper's accuracy %q, want 0.956", got)
	}
	if got := find("svhn", "MPS", "aupr_out")[columns["paper_mean"]]; got != "0.949" {
		t.Errorf("got the paper's AUPR-out on SVHN %q, want 0.949", got)
	}
	if got := find("svhn", "ES", "aupr_out")[columns["paper_mean"]]; got != "" {
		t.Errorf("got %q for a score that the paper does not use with SoftMax, want none", got)
	}
}

func TestCSVHoldsNoFormulas(t *testing.T) {
	for _, name := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"} {
		r := changed(name, 1, func(r *record.Record) {
			r.Spec.Dataset, r.Spec.Model, r.Loss.Title, r.Model.Title, r.Data.Test.Title = name, name, name, name, name
			r.Loss.Scores = []string{name}
			r.OutOfDistribution = []record.OutOfDistribution{
				{Set: record.Set{Name: name, Title: name}, Scores: []record.Detection{fixture.Detection(name, 2)}}}
			r.OutOfDistribution[0].Scores[0].Title = name
			r.Test.Before.NLL = -0.5
		})
		variant := changed(name, 2, func(v *record.Record) { *v = *r; v.Spec.Epochs = 3 })
		rows, err := csv.NewReader(strings.NewReader(Table(r, variant).CSV())).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows[1:] {
			for column, text := range row {
				if strings.HasPrefix(text, name) {
					t.Errorf("column %s holds %q", rows[0][column], text)
				}
			}
		}
		if got := rows[2][14]; got != "-0.5" {
			t.Errorf("got %s %q, want the number -0.5 as it is", rows[2][13], got)
		}
	}
}

func TestLaTeXRowsHaveAsManyCellsAsColumns(t *testing.T) {
	latex := Table(fixture.New("softmax", 1), fixture.New("dismax-fpr", 1), fixture.New("dismax-fpr", 2)).LaTeX()
	columns := 0
	for line := range strings.Lines(latex) {
		if rest, ok := strings.CutPrefix(line, `\begin{tabular}{`); ok {
			columns = len(strings.TrimSuffix(rest, "}\n"))
		}
		if strings.HasSuffix(line, "\\\\\n") && !strings.HasPrefix(line, `\multicolumn`) {
			if got := strings.Count(line, " & ") + 1; got != columns {
				t.Errorf("got %d cells, want %d: %s", got, columns, line)
			}
		}
	}
	if columns == 0 {
		t.Errorf("no table in\n%s", latex)
	}
}

func TestTableNamesItsConventions(t *testing.T) {
	held, paper := fixture.New("softmax", 1), fixture.New("dismax", 1)
	paper.Spec.Protocol, paper.Spec.CalibrationCriterion = record.Paper, "nll"
	markdown := Table(held, paper).Markdown()
	for _, want := range []string{"15 equal bins",
		"minimizes the ECE or NLL on held-out training images or the test images",
		"Convention: made up", "larger score is more in-distribution"} {
		if !strings.Contains(markdown, want) {
			t.Errorf("want %q in\n%s", want, markdown)
		}
	}
}

func TestStatisticText(t *testing.T) {
	for _, test := range []struct {
		values []float64
		want   string
	}{
		{nil, "–"},
		{[]float64{1.25}, "1.2"},
		{[]float64{1, 3}, "2.0 ± 1.4"},
		{[]float64{1, math.NaN()}, "NaN"},
		{[]float64{math.Inf(-1)}, "-∞"},
	} {
		if got := summarize(test.values).text(1); got != test.want {
			t.Errorf("%v: got %q, want %q", test.values, got, test.want)
		}
	}
}
