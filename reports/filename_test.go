package reports

import (
	"slices"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/reports/internal/check"
)

func TestFileNamesAreSafe(t *testing.T) {
	for words, want := range map[string]string{
		"ROC svhn MMLES": "roc-svhn-mmles", "../../etc": "etc", "a/b\\c": "a-b-c",
		"": "unnamed", "..": "unnamed", "写真": "unnamed", "_x.1": "_x.1",
	} {
		if got := fileName(words); got != want {
			t.Errorf("fileName(%q): got %q, want %q", words, got, want)
		}
	}
}

func TestNamesAreGivenOutOnce(t *testing.T) {
	names := uniqueNames{}
	var got []string
	for _, words := range []string{"a", "a", "a-2", "A", "写真", "…"} {
		got = append(got, names.take(words))
	}
	if want := []string{"a", "a-2", "a-2-2", "a-3", "unnamed", "unnamed-2"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSectionsHaveAnchorsOfTheirOwn(t *testing.T) {
	var records []*record.Record
	for _, dataset := range []string{"写真", "絵", "My photos", "my-photos"} {
		records = append(records, &record.Record{Spec: record.Spec{Dataset: dataset, Loss: "softmax", Protocol: record.HeldOut}})
	}
	page, err := newReport(records).html()
	if err != nil {
		t.Fatal(err)
	}
	for _, anchor := range []string{"unnamed", "unnamed-2", "my-photos", "my-photos-2"} {
		check.Holds(t, string(page), `<section id="`+anchor+`">`, `<a href="#`+anchor+`">`)
		check.Holds(t, Table(records...).LaTeX(), `\label{tab:`+anchor+`-test}`)
	}
}
