package reports

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/reports/internal/fixture"
)

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

func TestRunsCSVHasALineForEachNumberOfEachRun(t *testing.T) {
	var records []*record.Record
	for seed := range int64(3) {
		records = append(records, changed("dismax", seed, func(r *record.Record) {
			r.Test.Accuracy = 0.9 + 0.01*float64(seed)
			floor := fixture.Detection("JPEG size", 1)
			floor.AUROC = 0.75
			r.OutOfDistribution[0].Floor = &floor
		}))
	}
	text := Table(records...).RunsCSV()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"cifar10,dismax,resnet34,,0,,,accuracy,0.9\n", "cifar10,dismax,resnet34,,2,,,accuracy,0.92\n",
		"cifar10,,,,0,tinyimagenet,JPEG size,auroc,0.75\n",
	} {
		if strings.Count(text, want) != 1 {
			t.Errorf("want the line %q once in\n%s", want, text)
		}
	}
	seeds := map[string]int{}
	for _, row := range rows[1:] {
		if row[1] != "" {
			seeds[row[4]]++
		}
	}
	if len(seeds) != 3 || seeds["0"] != seeds["2"] || seeds["0"] < len(testMetrics) {
		t.Errorf("got %v lines a seed, want as many of each of three", seeds)
	}
}

func TestRunsCSVHasAFloorOnceForTheSameImages(t *testing.T) {
	var records []*record.Record
	for _, loss := range []string{"softmax", "dismax"} {
		for seed := range int64(3) {
			records = append(records, changed(loss, seed, func(r *record.Record) {
				floor := fixture.Detection("JPEG size", 1)
				r.OutOfDistribution[0].Floor = &floor
				if seed == 2 {
					r.Data.Test.SHA256 = "of other images"
				}
			}))
		}
	}
	seen := map[string]bool{}
	floors := 0
	for line := range strings.Lines(Table(records...).RunsCSV()) {
		key := line[:strings.LastIndex(line, ",")]
		if seen[key] {
			t.Errorf("two lines begin with %q", key)
		}
		seen[key] = true
		if strings.Contains(key, "JPEG size,auroc") {
			floors++
		}
	}
	if floors != 2 {
		t.Errorf("got %d lines with the floor's AUROC, want 2: of seeds 0 and 1, and of seed 2, which has other images", floors)
	}
}
