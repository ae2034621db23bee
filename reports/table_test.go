package reports

import (
	"encoding/csv"
	"math"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/reports/internal/fixture"
)

// changed returns the fixture's record after a change.
func changed(loss string, seed int64, change func(*record.Record)) *record.Record {
	r := fixture.New(loss, seed)
	change(r)
	return r
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

func TestTableMarksTheBestOfEachColumn(t *testing.T) {
	softmax := changed("softmax", 1, func(r *record.Record) { r.Test.Accuracy, r.Test.After.ECE = 0.95, 0.02 })
	dismax := changed("dismax", 1, func(r *record.Record) { r.Test.Accuracy, r.Test.After.ECE = 0.93, 0.01 })
	markdown := Table(softmax, dismax).Markdown()
	line := lineWith(t, markdown, "| SoftMax |")
	if !strings.Contains(line, "**95.0**") || strings.Contains(line, "**0.0200**") {
		t.Errorf("SoftMax has the best accuracy and not the best ECE, got %s", line)
	}
	line = lineWith(t, markdown, "| DisMax |")
	if !strings.Contains(line, "**0.0100**") || strings.Contains(line, "**93.0**") {
		t.Errorf("DisMax has the best ECE and not the best accuracy, got %s", line)
	}
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
	other := changed("dismax", 1, func(r *record.Record) { r.Spec.Dataset = "my_set" })
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
	if got := rows[1][1]; got != strange {
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
