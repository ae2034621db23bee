package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"

	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/dismaxlib/record"
)

// committedRecords are the records of the model with the loss, on CIFAR-10, that are of the kind, by seed.
func committedRecords(t *testing.T, model, loss string, isKind func(record.Spec) bool) []*record.Record {
	t.Helper()
	return recordsNamed(t, "cifar10-"+model+"-"+loss, isKind)
}

// recordsNamed are the records of the runs of this name, whatever their seed, that are of the kind, by seed.
func recordsNamed(t *testing.T, name string, isKind func(record.Spec) bool) (records []*record.Record) {
	t.Helper()
	for _, folder := range foldersNamed(t, name, isKind) {
		records = append(records, readRecord(t, folder))
	}
	slices.SortFunc(records, func(a, b *record.Record) int { return int(a.Spec.Seed - b.Spec.Seed) })
	return records
}

// foldersNamed are the folders of these runs.
func foldersNamed(t *testing.T, name string, isKind func(record.Spec) bool) []string {
	t.Helper()
	folders, err := filepath.Glob(filepath.Join(committed, name+"-seed*"))
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(folders, func(folder string) bool { return !isKind(readRecord(t, folder).Spec) })
}

func readRecord(t *testing.T, folder string) *record.Record {
	t.Helper()
	r, err := record.Read(folder)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// isOfTheTable says whether a run is of the grid table2-cifar10 or fpr-alpha.
func isOfTheTable(s record.Spec) bool {
	return s.Epochs == 15 && s.DiagnosticImages == 0 && s.Border == "" && len(s.HoldOutClasses) == 0
}

func holdsClassesOut(s record.Spec) bool { return len(s.HoldOutClasses) > 0 }

// numbers are the accuracy, an ECE, or the AUROC of a score against the set, of each record.
func numbers(t *testing.T, records []*record.Record, set, score string) (values []float64) {
	t.Helper()
	for _, r := range records {
		if number, known := map[string]float64{
			"accuracy": r.Test.Accuracy, "ECE before": r.Test.Before.ECE, "ECE after": r.Test.After.ECE,
		}[score]; known {
			values = append(values, number)
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
	for loss, title := range titles {
		line, records := "| "+title+" |", committedRecords(t, "resnet20", loss, holdsClassesOut)
		for _, score := range []string{"accuracy", "MPS", "ES", "MDS", "Energy", "MMLES", "KNN"} {
			line += " " + threeDecimals.mean(numbers(t, records, record.HeldOutClassesSet, score)) + " |"
		}
		checkPageHas(t, line)
	}
}

// lossDifference is a number of one loss minus one of SoftMax.
type lossDifference struct {
	title, loss, ours, softmax string
	metrics.PairedDifference
}

// checkComparisons compares DisMax and DisMax + FPR with SoftMax, with the scores of the paper and SoftMax's best of those
// named beforehand, and looks for the lines on the page. Runs for which the pair is the same count as one.
func checkComparisons(t *testing.T, set string, runs func(loss string) []*record.Record, pair func(record.Spec) string) {
	t.Helper()
	var all []*lossDifference
	for _, loss := range []string{"dismax", "dismax-fpr"} {
		all = append(all, &lossDifference{title: "accuracy", loss: loss, ours: "accuracy", softmax: "accuracy"},
			&lossDifference{title: "AUROC, MPS against MPS", loss: loss, ours: "MPS", softmax: "MPS"},
			&lossDifference{title: "AUROC, MMLES against MPS", loss: loss, ours: "MMLES", softmax: "MPS"},
			&lossDifference{title: "AUROC, MPS against Energy", loss: loss, ours: "MPS", softmax: "Energy"},
			&lossDifference{title: "AUROC, MMLES against Energy", loss: loss, ours: "MMLES", softmax: "Energy"})
	}
	var p []float64
	for _, c := range all {
		difference, err := metrics.Paired(means(t, runs(c.loss), set, c.ours, pair), means(t, runs("softmax"), set, c.softmax, pair))
		if err != nil {
			t.Fatal(err)
		}
		c.PairedDifference, p = difference, append(p, difference.P)
	}
	corrected, err := metrics.Holm(p)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range all {
		mean := fmt.Sprintf("%+.3f", c.Mean)
		if corrected[i] < 0.05 {
			mean = "**" + mean + "**"
		}
		line := fmt.Sprintf("| %s | %s | %s | %.3f to %.3f | %.3f |", titles[c.loss], c.title, mean, c.Lower, c.Upper, corrected[i])
		checkPageHas(t, strings.NewReplacer(" -", " −", "**-", "**−").Replace(line))
	}
}

var titles = map[string]string{"softmax": "SoftMax", "dismax": "DisMax", "dismax-fpr": "DisMax + FPR"}

// means are the numbers of the runs, of those with the same pair their mean, in the order in which the pairs appear.
func means(t *testing.T, runs []*record.Record, set, score string, pair func(record.Spec) string) (values []float64) {
	t.Helper()
	var order []string
	of := map[string][]float64{}
	for i, value := range numbers(t, runs, set, score) {
		name := pair(runs[i].Spec)
		if of[name] == nil {
			order = append(order, name)
		}
		of[name] = append(of[name], value)
	}
	for _, name := range order {
		values = append(values, stat.Mean(of[name], nil))
	}
	return values
}

func TestTheComparisonsAreOfTheRecords(t *testing.T) {
	checkComparisons(t, "tinyimagenet", func(loss string) []*record.Record {
		return committedRecords(t, "resnet20", loss, isOfTheTable)
	}, func(s record.Spec) string { return fmt.Sprint(s.Seed) })
}

func TestTheComparisonsOfHeldOutClassesAreOfTheRecords(t *testing.T) {
	checkComparisons(t, record.HeldOutClassesSet, func(loss string) []*record.Record {
		return committedRecords(t, "resnet20", loss, holdsClassesOut)
	}, func(s record.Spec) string { return fmt.Sprint(s.HoldOutClasses) })
}

func TestTheTableOfRunsOnAGPUIsOfTheRecords(t *testing.T) {
	for loss, title := range map[string]string{"softmax": "SoftMax", "dismax-fpr": "DisMax + FPR"} {
		records := committedRecords(t, "resnet34", loss, func(record.Spec) bool { return true })
		if len(records) != 1 {
			t.Fatalf("%d records of %s, and the page is on one", len(records), title)
		}
		line := fmt.Sprintf("| %s | %.3f | %.3f |", title, records[0].Test.Accuracy, records[0].Test.After.ECE)
		for _, score := range []string{"MPS", "ES", "MDS", "Energy", "MMLES"} {
			line += fmt.Sprintf(" %.3f |", numbers(t, records, "tinyimagenet", score)[0])
		}
		checkPageHas(t, line)
	}
}

// threeDecimals writes means and deviations as the other table of the page does.
var threeDecimals = metric{decimals: 3}

func TestTheTableOfLongerTrainingsIsOfTheRecords(t *testing.T) {
	for training, is := range map[string]func(record.Spec) bool{
		"10,000 × 15": isOfTheTable,
		"10,000 × 60": func(s record.Spec) bool { return s.TrainLimit == 10_000 && s.Epochs == 60 },
		"49,000 × 12": func(s record.Spec) bool { return s.TrainLimit == 0 && s.Epochs == 12 },
		"49,000 × 30": func(s record.Spec) bool { return s.TrainLimit == 0 && s.Epochs == 30 },
	} {
		for loss, title := range titles {
			records := committedRecords(t, "resnet20", loss, is)
			line := fmt.Sprintf("| %s | %s | %d |", training, title, len(records))
			for _, score := range []string{"accuracy", "ECE after", "MPS", "ES", "MDS", "Energy", "MMLES"} {
				line += " " + threeDecimals.mean(numbers(t, records, "tinyimagenet", score)) + " |"
			}
			checkPageHas(t, line)
		}
	}
}

func TestTheTableOfControlsIsOfTheRecords(t *testing.T) {
	for loss, title := range map[string]string{
		"dismax": "DisMax", "dismax-fpr": "DisMax + FPR (alpha 1)", "dismax-fpr-alpha-0": "mixing alone (alpha 0)",
		"dismax-fpr-alpha-0.25": "alpha 0.25", "dismax-fpr-alpha-0.5": "alpha 0.5", "dismax-fpr-alpha-2": "alpha 2",
		"dismax-half-weight-0.5": "half of each batch, weight 0.5", "dismax-half-weight-1": "half of each batch, weight 1",
	} {
		records := slices.DeleteFunc(committedRecords(t, "resnet20", loss, isOfTheTable), func(r *record.Record) bool {
			return r.Spec.Seed > 3
		})
		line := fmt.Sprintf("| %s | %d |", title, len(records))
		for _, score := range []string{"accuracy", "MPS", "ES", "MMLES"} {
			line += " " + threeDecimals.mean(numbers(t, records, "tinyimagenet", score)) + " |"
		}
		checkPageHas(t, line)
	}
}

func TestTheTableOfBackendsIsOfTheRecords(t *testing.T) {
	for loss, title := range map[string]string{
		"softmax": "SoftMax", "isomax": "IsoMax", "isomaxplus": "IsoMax+", "dismax": "DisMax", "dismax-fpr": "DisMax + FPR",
	} {
		here := committedRecords(t, "resnet20", loss, isOfTheTable)[0]
		paths, err := filepath.Glob(committed + "-xla-cpu/cifar10-resnet20-" + loss + "-seed1-*")
		if err != nil || len(paths) != 1 {
			t.Fatal(paths, err)
		}
		for _, r := range []*record.Record{here, readRecord(t, paths[0])} {
			line := fmt.Sprintf("| %s | %s | %.3f | %.3f |", title, r.Backend.Name, r.Epochs[0].Loss, r.Epochs[14].Loss)
			for _, score := range []string{"accuracy", "MPS", "ES", "MMLES"} {
				line += fmt.Sprintf(" %.3f |", numbers(t, []*record.Record{r}, "tinyimagenet", score)[0])
			}
			checkPageHas(t, line)
		}
	}
}

func TestTheTableOfQuotedRowsIsOfTheRecords(t *testing.T) {
	set := "tinyimagenet"
	for loss, title := range map[string]string{"scaled-cosine": "Scaled Cosine", "godin": "GODIN"} {
		records := committedRecords(t, "resnet20", loss, isOfTheTable)
		line := fmt.Sprintf("| %s | %d |", title, len(records))
		for _, score := range []string{"accuracy", "ECE before", "ECE after", "MPS", "ES", "MaxSimilarity"} {
			line += " " + threeDecimals.mean(numbers(t, records, set, score)) + " |"
		}
		checkPageHas(t, line)
	}
	var folders []string
	for _, loss := range []string{"softmax", "isomax", "isomaxplus", "dismax", "dismax-fpr"} {
		folders = append(folders, foldersNamed(t, "cifar10-resnet20-"+loss, isOfTheTable)...)
	}
	ensembles, err := experiment.Ensembles(folders)
	if err != nil || len(ensembles) != 5 {
		t.Fatalf("%d ensembles, want one of each of five losses; error %v", len(ensembles), err)
	}
	for _, ensemble := range ensembles {
		line := fmt.Sprintf("| %s | as one |", ensemble.Loss.Title)
		for _, score := range []string{"accuracy", "ECE before", "ECE after", "MPS", "ES"} {
			line += fmt.Sprintf(" %.3f |", numbers(t, []*record.Record{ensemble}, set, score)[0])
		}
		checkPageHas(t, line+" |")
	}
}

func TestTheTableOfClassesIsOfTheRecords(t *testing.T) {
	for loss, title := range map[string]string{"softmax": "SoftMax", "dismax": "DisMax"} {
		for _, classes := range []int{5, 10, 20, 50, 100} {
			records := recordsNamed(t, fmt.Sprintf("synthetic-%d-resnet20-%s", classes, loss), isOfTheTable)
			line := fmt.Sprintf("| %d | %s | %d | %s |", classes, title, len(records),
				threeDecimals.mean(numbers(t, records, "", "accuracy")))
			for _, set := range []string{"synthetic-near", "synthetic-far"} {
				for _, score := range []string{"MPS", "MDS", "Energy", "MMLES"} {
					line += " " + threeDecimals.mean(numbers(t, records, set, score)) + " |"
				}
			}
			checkPageHas(t, line)
		}
	}
}
