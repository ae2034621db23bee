package main

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/record"
)

// The intervals are those of scipy.stats.ttest_ind(a, b, equal_var=False).confidence_interval(0.95), SciPy 1.18.1.
func TestDifferencesHaveWelchsInterval(t *testing.T) {
	for _, test := range []struct {
		name       string
		a, b       []float64
		mean, room float64
	}{
		{"five against two", []float64{0.69, 0.70, 0.68, 0.71, 0.695}, []float64{0.66, 0.68}, 0.025, 0.06496287205254335},
		{"two against three", []float64{1, 2}, []float64{1.5, 4.5, 2}, -7.0 / 6, 3.457080174381627},
		{"all equal", []float64{2, 2}, []float64{1, 1, 1}, 1, 0},
		{"a single value", []float64{1}, []float64{2, 4}, -2, math.NaN()},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := welch(test.a, test.b)
			sameRoom := math.Abs(got.room-test.room) < 1e-6 || math.IsNaN(got.room) && math.IsNaN(test.room)
			if math.Abs(got.mean-test.mean) > 1e-12 || !sameRoom {
				t.Errorf("got %g ± %g, want %g ± %g", got.mean, got.room, test.mean, test.room)
			}
		})
	}
}

// run is a record of the loss "dismax" in which every metric has a value of its own.
func run(seed int64, accuracy, auroc float64) *record.Record {
	return &record.Record{
		Spec: record.Spec{Loss: "dismax", Seed: seed}, Loss: record.Loss{Title: "DisMax"},
		Test: record.Test{Accuracy: accuracy, Before: record.Calibration{ECE: 0.5},
			AfterPaper: &record.Fit{Temperature: 0.1, Calibration: record.Calibration{ECE: 0.01}}},
		OutOfDistribution: []record.OutOfDistribution{{Set: record.Set{Name: "tinyimagenet"},
			Scores: []record.Detection{{Score: "MPS", AUROC: auroc}}}},
	}
}

func withBorder(r *record.Record) *record.Record {
	r.Spec.Border = experiment.BorderMean
	return r
}

func TestTableSaysHowFarTheCodesAreApart(t *testing.T) {
	there, err := readPublished(write(t, `{"note": "made up", "runs": [
		{"kind": "dismax", "seed": 1, "accuracy": 0.70, "ece_before": 0.48, "temperature": 0.1,
		 "ood": {"tinyimagenet_resize": {"MPS": {"AUROC": 0.70, "TNR": 0.1}}}},
		{"kind": "dismax", "seed": 2, "accuracy": 0.72, "ece_before": 0.52,
		 "ood": {"tinyimagenet_resize": {"MPS": {"AUROC": 0.72}}}},
		{"kind": "dismax", "seed": 1, "accuracy": 0.69, "ece_before": 0.5, "border": "black",
		 "ood": {"tinyimagenet_resize": {"MPS": {"AUROC": 0.69}}}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		here []*record.Record
		want []string
	}{
		{"one seed has no interval", []*record.Record{run(1, 0.69, 0.70)}, []string{
			"| DisMax, this library, 1 seed | 0.690 | 0.500 | 0.010 | 0.100 | 0.700 | – | – |",
			"| published code, 2 seeds | 0.710 ± 0.014 | 0.500 ± 0.028 | – | 0.100 | 0.710 ± 0.014 | – | – |",
			"| difference | −0.020 | +0.000 | – | +0.000 | −0.010 | – | – |",
			"Of fewer seeds with the published code: temperature. Not run on both sides: softmax, isomaxplus and dismax-fpr."}},
		{"two seeds have one, and where it excludes 0 the difference is bold",
			[]*record.Record{run(1, 0.76, 0.64), run(2, 0.78, 0.62)}, []string{
				"| DisMax, this library, 2 seeds | 0.770 ± 0.014 | 0.500 ± 0.000 |",
				"| difference | +0.060 (−0.001 to +0.121) |",
				"| **−0.080** (−0.141 to −0.019) |"}},
		{"runs with the other border stand by themselves",
			[]*record.Record{run(1, 0.69, 0.70), withBorder(run(1, 0.71, 0.70)), withBorder(run(2, 0.71, 0.70))}, []string{
				"| DisMax, this library, 1 seed | 0.690 |", "| this library, mean border, 2 seeds | 0.710 ± 0.000 |",
				"| difference | +0.000 (−0.127 to +0.127) |"}},
		{"and so do those of the other code", []*record.Record{run(1, 0.69, 0.70)}, []string{
			"| published code, 2 seeds | 0.710 ± 0.014 |", "| published code, black border, 1 seed | 0.690 | 0.500 |",
			"| difference | +0.000 | +0.000 |"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := table(test.here, there)
			for _, want := range test.want {
				if !strings.Contains(got, want) {
					t.Errorf("got\n%s\nwant in it\n%s", got, want)
				}
			}
		})
	}
}

// write puts the content into a file and returns its path.
func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "results.json")
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWhatCannotBeComparedIsNamed(t *testing.T) {
	good := filepath.Join("..", "..", publishedFiles)
	for _, test := range []struct{ name, runs, published, want string }{
		{"no runs", t.TempDir(), good, "holds no finished run: dismax grid run"},
		{"no file", committed, filepath.Join(t.TempDir(), "*.json"), "no such file"},
		{"no JSON", committed, write(t, "{"), "results.json: unexpected end"},
		{"a run twice", committed, write(t, `{"runs": [{"kind": "dismax", "seed": 1}, {"kind": "dismax", "seed": 1}]}`),
			"dismax, seed 1 is in"},
		{"another protocol", committed, write(t, `{"runs": [{"kind": "dismax", "seed": 1, "epochs": 1}]}`),
			"is of another protocol"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := comparison(test.runs, test.published)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want %q in it", err, test.want)
			}
		})
	}
}

// committed are the runs that the repository comes with.
const committed = "../../reports/measured/runs"

func TestTheComparisonOfTheCommittedRunsIsTheOneWritten(t *testing.T) {
	want, err := comparison(committed, filepath.Join("..", "..", publishedFiles))
	if err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile("../../reports/measured/README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(written), want) {
		t.Errorf("reports/measured/README.md does not hold what make published prints:\n%s", want)
	}
}
