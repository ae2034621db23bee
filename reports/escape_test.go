package reports

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/reports/internal/fixture"
)

// hostile is a title that means something to everything that shows tables, and breaks the line.
const hostile = "=cmd|'/C calc'!A0 | `x`\n\n# forged\r\n| <script> | [a](http://b) \\input{/etc/passwd} $x$ %"

// hostileRecord is a record all of whose texts are hostile.
func hostileRecord(seed int64) *record.Record {
	r := fixture.New("dismax", seed)
	r.Spec.Dataset, r.Spec.Model, r.Spec.Loss, r.Spec.DType, r.Spec.Convention = hostile, hostile, hostile, hostile, hostile
	r.Spec.OutOfDistribution, r.Spec.HoldOutClasses = []string{hostile}, []string{hostile}
	r.Loss.Name, r.Loss.Title, r.Model.Name, r.Model.Title = hostile, hostile, hostile, hostile
	r.Model.ClassNames = []string{hostile}
	for _, set := range []*record.Set{&r.Data.Train, &r.Data.Validation, &r.Data.Test} {
		set.Name, set.Title, set.Found, set.SHA256 = hostile, hostile, hostile, hostile
	}
	r.Backend.Name, r.Backend.Description, r.Backend.Device, r.Backend.Instructions = hostile, hostile, hostile, hostile
	r.Versions = record.Versions{DisMax: hostile, Go: hostile, GoMLX: hostile, Compute: hostile, GoXLA: hostile}
	r.HeldOut.Choices = []string{hostile}
	r.Loss.Scores = []string{hostile}
	r.OutOfDistribution = []record.OutOfDistribution{{Scores: []record.Detection{fixture.Detection(hostile, 2)},
		Set: record.Set{Name: hostile, Title: hostile, Found: hostile, SHA256: hostile}}}
	detection := &r.OutOfDistribution[0].Scores[0]
	detection.Title, detection.Convention = hostile, hostile
	detection.Parameters = map[string]float64{hostile: 1}
	return r
}

func TestTextsOfRecordsAreOnlyTextsInEveryFile(t *testing.T) {
	folder := t.TempDir()
	paths, err := Write(folder, []*record.Record{hostileRecord(1), hostileRecord(2), fixture.New("softmax", 1)})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if name, err := filepath.Rel(folder, path); err != nil || !regexp.MustCompile(`^(plots/)?[a-z0-9._-]+$`).MatchString(name) {
			t.Errorf("the name %q of a file (%v)", path, err)
		}
	}
	read := func(name string) string {
		content, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	checkMarkdown(t, read("report.md"))
	checkCSV(t, read("results.csv"))
	checkLaTeX(t, read("results.tex"))
	if page := read("report.html"); strings.Count(page, "<script>") != 1 || strings.Contains(page, `href="http:`) {
		t.Error("a title is part of the page's HTML")
	}
}

// checkMarkdown wants tables whose rows have as many cells as their heads, and none of the meanings of the title.
func checkMarkdown(t *testing.T, text string) {
	t.Helper()
	cells := regexp.MustCompile(`(^|[^\\])\|`)
	columns := 0
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		switch n := len(cells.FindAllString(line, -1)); {
		case !strings.HasPrefix(line, "|"):
			columns = 0
		case columns == 0:
			columns = n
		case n != columns:
			t.Errorf("Markdown: a row of %d cells in a table of %d: %s", n-1, columns-1, line)
		}
		if strings.HasPrefix(line, "# forged") || regexp.MustCompile("(^|[^\\\\])`").MatchString(line) ||
			strings.Contains(line, "<script") || strings.Contains(line, "[a](") {
			t.Errorf("Markdown: a title means something: %s", line)
		}
	}
}

func checkCSV(t *testing.T, text string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll() // of which all have as many fields as the first
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		for _, field := range row {
			if strings.HasPrefix(field, "=") {
				t.Errorf("CSV: a formula: %q", field)
			}
		}
	}
}

func checkLaTeX(t *testing.T, text string) {
	t.Helper()
	for _, raw := range []string{`\input{`, "$x$", "\n# forged", " %\n"} {
		if strings.Contains(text, raw) {
			t.Errorf("LaTeX: %q of a title is as it was", raw)
		}
	}
}
