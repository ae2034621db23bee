package experiment_test

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/dismaxlib/record"
)

// seedsOf runs the loss with each seed and returns the folders.
func seedsOf(t *testing.T, loss string, seeds ...int64) []string {
	t.Helper()
	var folders []string
	for _, seed := range seeds {
		folder := t.TempDir()
		spec := smallSpec(loss, record.HeldOut)
		spec.Seed = seed
		if _, err := runIn(t, folder, spec); err != nil {
			t.Fatal(err)
		}
		folders = append(folders, folder)
	}
	return folders
}

// meanProbabilities are those of the runs on a set, each read at the temperature that at returns.
func meanProbabilities(t *testing.T, folders []string, set string, at func(*record.Record) float64) ([][]float64, []int32) {
	t.Helper()
	var mean [][]float64
	var labels []int32
	for _, folder := range folders {
		r, err := record.Read(folder)
		if err != nil {
			t.Fatal(err)
		}
		logits, own, err := experiment.LoadLogits(folder, set)
		if err != nil {
			t.Fatal(err)
		}
		labels = own
		for i := range logits.Rows() {
			if len(mean) <= i {
				mean = append(mean, make([]float64, logits.Classes))
			}
			for class, p := range logits.At(at(r)).Probabilities(i) {
				mean[i][class] += p / float64(len(folders))
			}
		}
	}
	return mean, labels
}

func TestAnEnsembleHasTheMeanOfTheProbabilities(t *testing.T) {
	folders := seedsOf(t, "softmax", 1, 2, 3)
	r, err := experiment.Ensemble(folders...)
	if err != nil {
		t.Fatal(err)
	}
	own := func(r *record.Record) float64 { return r.Test.Temperature }
	one := func(*record.Record) float64 { return 1 }
	for name, test := range map[string]struct {
		at  func(*record.Record) float64
		got record.Calibration
	}{"before": {one, r.Test.Before}, "after": {own, r.Test.After}} {
		mean, labels := meanProbabilities(t, folders, "test", test.at)
		nll, right := 0.0, 0.0
		for i, p := range mean {
			nll -= math.Log(p[labels[i]]) / float64(len(mean))
			if slices.Index(p, slices.Max(p)) == int(labels[i]) {
				right += 1 / float64(len(mean))
			}
		}
		if math.Abs(test.got.NLL-nll) > 1e-9 || name == "before" && math.Abs(r.Test.Accuracy-right) > 1e-9 {
			t.Errorf("%s: got NLL %.12g and accuracy %.12g, want %.12g and %.12g", name, test.got.NLL, r.Test.Accuracy, nll, right)
		}
	}
	checkEnsembleDetection(t, folders, r, one)
	if !slices.Equal(r.Members, []int64{1, 2, 3}) || r.Loss.Title != "Deep Ensemble (3 SoftMax)" {
		t.Errorf("got members %v and title %q", r.Members, r.Loss.Title)
	}
}

// checkEnsembleDetection compares the AUROC of the ensemble's scores with that of the mean probabilities.
func checkEnsembleDetection(t *testing.T, folders []string, r *record.Record, at func(*record.Record) float64) {
	t.Helper()
	test, _ := meanProbabilities(t, folders, "test", at)
	for _, out := range r.OutOfDistribution {
		unknown, _ := meanProbabilities(t, folders, out.Set.Name, at)
		for i, of := range []func([]float64) float64{slices.Max[[]float64], func(p []float64) (sum float64) {
			for _, x := range p {
				sum += x * math.Log(x)
			}
			return sum
		}} {
			var in, far []float64
			for _, p := range test {
				in = append(in, of(p))
			}
			for _, p := range unknown {
				far = append(far, of(p))
			}
			want, err := metrics.Detect(in, far, metrics.PaperConvention)
			if err != nil {
				t.Fatal(err)
			}
			if got := out.Scores[i]; math.Abs(got.AUROC-want.AUROC) > 1e-6 {
				t.Errorf("%s on %s: AUROC %.9g, want %.9g", got.Score, out.Set.Name, got.AUROC, want.AUROC)
			}
		}
	}
}

func TestEnsemblesAreMadeOfRunsThatDifferInTheSeedAlone(t *testing.T) {
	folders := append(seedsOf(t, "softmax", 1, 2), seedsOf(t, "dismax", 1)...)
	all, err := experiment.Ensembles(folders)
	if err != nil || len(all) != 1 || all[0].Spec.Loss != "ensemble:softmax" {
		t.Fatalf("got %d ensembles (%v), want the one of SoftMax", len(all), err)
	}
	if _, err := experiment.Ensemble(folders...); err == nil || !strings.Contains(err.Error(), `differ in more than the seed, loss is "softmax" there and "dismax" here`) {
		t.Errorf("members of two losses: error %v", err)
	}
	if _, err := experiment.Ensemble(folders[0]); err == nil || !strings.Contains(err.Error(), "at least two") {
		t.Errorf("one member: error %v", err)
	}
	copied := filepath.Join(t.TempDir(), "copy")
	if err := experiment.Collect(folders[0], copied, experiment.CollectOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := experiment.Ensembles([]string{folders[0], folders[1], copied}); err == nil ||
		!strings.Contains(err.Error(), copied) || !strings.Contains(err.Error(), "same network") {
		t.Errorf("a run and its copy: error %v, want one that names them", err)
	}
	bare := filepath.Join(t.TempDir(), "bare")
	if err := experiment.Collect(folders[1], bare, experiment.CollectOptions{WithoutLogits: true}); err != nil {
		t.Fatal(err)
	}
	if all, err := experiment.Ensembles([]string{folders[0], bare}); err != nil || len(all) != 0 {
		t.Errorf("a run without logits: got %d ensembles (%v), want none", len(all), err)
	}
}
