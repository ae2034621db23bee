package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/dismax-go/dismax/dismaxlib/record"
)

// committedRecords are the records of the model with the loss that keep or hold out classes, by seed.
func committedRecords(t *testing.T, model, loss string, heldOut bool) []*record.Record {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(committed, "cifar10-"+model+"-"+loss+"-seed*", record.FileName))
	if err != nil {
		t.Fatal(err)
	}
	var records []*record.Record
	for _, path := range paths {
		r, err := record.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		isBudget := model == "resnet20" && r.Spec.Epochs != 15
		if !isBudget && (len(r.Spec.HoldOutClasses) > 0) == heldOut {
			records = append(records, r)
		}
	}
	slices.SortFunc(records, func(a, b *record.Record) int { return int(a.Spec.Seed - b.Spec.Seed) })
	return records
}

// numbers are the accuracy, or the AUROC of a score against the set, of each record.
func numbers(t *testing.T, records []*record.Record, set, score string) (values []float64) {
	t.Helper()
	for _, r := range records {
		if score == "accuracy" {
			values = append(values, r.Test.Accuracy)
			continue
		}
		for _, out := range r.OutOfDistribution {
			for _, d := range out.Scores {
				if out.Set.Name == set && d.Score == score {
					values = append(values, d.AUROC)
				}
			}
		}
	}
	if len(values) == 0 || len(values) != len(records) {
		t.Fatalf("%s against %s: %d numbers of %d records", score, set, len(values), len(records))
	}
	return values
}

func checkPageHas(t *testing.T, line string) {
	t.Helper()
	page, err := os.ReadFile("../../reports/measured/README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "\n"+line+"\n") {
		t.Errorf("reports/measured/README.md has no line\n%s", line)
	}
}

func TestTheTableOfHeldOutClassesIsOfTheRecords(t *testing.T) {
	for loss, title := range map[string]string{"softmax": "SoftMax", "dismax": "DisMax", "dismax-fpr": "DisMax + FPR"} {
		line, records := "| "+title+" |", committedRecords(t, "resnet20", loss, true)
		for _, score := range []string{"accuracy", "MPS", "ES", "MDS", "Energy", "MMLES", "KNN"} {
			mean, deviation := stat.MeanStdDev(numbers(t, records, record.HeldOutClassesSet, score), nil)
			line += fmt.Sprintf(" %.3f ± %.3f |", mean, deviation)
		}
		checkPageHas(t, line)
	}
}

func TestTheFiveComparisonsAreOfTheRecords(t *testing.T) {
	type comparison struct {
		title, ours, softmax string
		mean, room, p        float64
	}
	all := []*comparison{
		{title: "accuracy", ours: "accuracy", softmax: "accuracy"},
		{title: "AUROC, MPS of both", ours: "MPS", softmax: "MPS"},
		{title: "AUROC, MMLES against SoftMax's MPS", ours: "MMLES", softmax: "MPS"},
		{title: "AUROC, MPS against SoftMax's Energy", ours: "MPS", softmax: "Energy"},
		{title: "AUROC, MMLES against SoftMax's Energy", ours: "MMLES", softmax: "Energy"},
	}
	dismax, softmax := committedRecords(t, "resnet20", "dismax", false), committedRecords(t, "resnet20", "softmax", false)
	for _, c := range all {
		differences, base := numbers(t, dismax, "tinyimagenet", c.ours), numbers(t, softmax, "tinyimagenet", c.softmax)
		for i := range differences {
			differences[i] -= base[i]
		}
		mean, deviation := stat.MeanStdDev(differences, nil)
		n := float64(len(differences))
		student, unit := distuv.StudentsT{Sigma: 1, Nu: n - 1}, deviation/math.Sqrt(n)
		c.mean, c.room, c.p = mean, student.Quantile(0.975)*unit, 2*student.Survival(math.Abs(mean/unit))
	}
	ordered := slices.SortedFunc(slices.Values(all), func(a, b *comparison) int {
		return int(math.Copysign(1, a.p-b.p))
	})
	largest := 0.0
	for i, c := range ordered { // Holm
		largest = max(largest, min(1, c.p*float64(len(ordered)-i)))
		c.p = largest
	}
	for _, c := range all {
		line := fmt.Sprintf("| %s | %+.3f | %.3f to %.3f | %.3f |", c.title, c.mean, c.mean-c.room, c.mean+c.room, c.p)
		checkPageHas(t, strings.ReplaceAll(line, " -", " −"))
	}
}

func TestTheTableOfRunsOnAGPUIsOfTheRecords(t *testing.T) {
	for loss, title := range map[string]string{"softmax": "SoftMax", "dismax-fpr": "DisMax + FPR"} {
		records := committedRecords(t, "resnet34", loss, false)
		if len(records) != 1 {
			t.Fatalf("%d records of %s, and the page is on one", len(records), title)
		}
		line := fmt.Sprintf("| %s | %.3f | %.3f |", title, records[0].Test.Accuracy, records[0].Test.After.ECE)
		for _, score := range []string{"MPS", "MDS", "Energy", "MMLES", "ES"} {
			line += fmt.Sprintf(" %.3f |", numbers(t, records, "tinyimagenet", score)[0])
		}
		checkPageHas(t, line)
	}
}
