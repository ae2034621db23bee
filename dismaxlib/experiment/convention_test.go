package experiment_test

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/dismaxlib/posthoc"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/tests/testkit"
)

// runOf trains for a moment and measures by the convention, with scores of logits and one of features.
func runOf(t *testing.T, convention metrics.Convention) (string, *record.Record) {
	t.Helper()
	posthoc.Register()
	folder, spec := t.TempDir(), smallSpec("softmax", record.HeldOut)
	spec.Convention = convention.String()
	var scores []*dismaxlib.Score
	for _, name := range []string{"MPS", "Energy", "ODIN", "KNN"} {
		score, err := dismaxlib.ScoreByName(name)
		if err != nil {
			t.Fatal(err)
		}
		scores = append(scores, score)
	}
	r, err := runIn(t, folder, spec, func(o *experiment.Options) { o.Scores = scores })
	if err != nil {
		t.Fatal(err)
	}
	return folder, r
}

// rates are what the convention decides.
func rates(d record.Detection) []float64 {
	return []float64{d.AUROC, d.AUPRIn, d.AUPROut, d.FPR95, d.TNR95, d.DetectionAccuracy}
}

// A run by each convention, shown by the other one, has the numbers that the same run has by that.
func TestAConvertedRecordIsWhatTheRunWouldHaveMeasured(t *testing.T) {
	runs := map[metrics.Convention]string{}
	for _, convention := range metrics.Conventions() {
		runs[convention], _ = runOf(t, convention)
	}
	paper, field := metrics.PaperConvention, metrics.FieldConvention
	for from, to := range map[metrics.Convention]metrics.Convention{paper: field, field: paper} {
		want, err := record.Read(runs[to])
		if err != nil {
			t.Fatal(err)
		}
		copied := filepath.Join(t.TempDir(), "copy")
		if err := experiment.Collect(runs[from], copied, experiment.CollectOptions{}); err != nil {
			t.Fatal(err)
		}
		for _, run := range []string{runs[from], filepath.Join(runs[from], record.FileName), copied} {
			got, err := experiment.WithConvention(testkit.Backend(t), run, to)
			if err != nil {
				t.Fatal(err)
			}
			checkConverted(t, got, want, from)
		}
	}
}

// checkConverted compares the scores of logits with those of the run that was measured so, and the others must be gone.
func checkConverted(t *testing.T, got, want *record.Record, from metrics.Convention) {
	t.Helper()
	if got.Spec.Convention != want.Spec.Convention || got.Converted == nil || got.Converted.From != from.String() ||
		!slices.Contains(got.Converted.LeftOut, "KNN") || !slices.Contains(got.Converted.LeftOut, "JPEG size") {
		t.Errorf("the spec says %s and the conversion %+v, want %s and one from %s without KNN and the floor",
			got.Spec.Convention, got.Converted, want.Spec.Convention, from)
	}
	for i, out := range got.OutOfDistribution {
		if out.Floor != nil || len(out.Scores) != len(want.OutOfDistribution[i].Scores)-1 {
			t.Errorf("%s: a floor %v and %d scores, want none and all but KNN", out.Set.Name, out.Floor, len(out.Scores))
		}
		for _, d := range out.Scores {
			at := slices.IndexFunc(want.OutOfDistribution[i].Scores, func(w record.Detection) bool { return w.Score == d.Score })
			for j, value := range rates(want.OutOfDistribution[i].Scores[at]) {
				if math.Abs(rates(d)[j]-value) > 1e-9 || d.Convention != want.Spec.Convention {
					t.Errorf("%s on %s, convention %s: got %v, number %d should be %v",
						d.Score, out.Set.Name, d.Convention, rates(d), j, value)
				}
			}
		}
	}
}

func TestARecordInTheConventionStaysAsItIs(t *testing.T) {
	folder, want := runOf(t, metrics.PaperConvention)
	bare := filepath.Join(t.TempDir(), "bare")
	if err := experiment.Collect(folder, bare, experiment.CollectOptions{WithoutLogits: true}); err != nil {
		t.Fatal(err)
	}
	backend := testkit.Backend(t)
	got, err := experiment.WithConvention(backend, folder, metrics.PaperConvention)
	if err != nil || !reflect.DeepEqual(got.OutOfDistribution, want.OutOfDistribution) || got.Converted != nil {
		t.Errorf("it changed (error: %v)", err)
	}
	if _, err := experiment.WithConvention(backend, bare, metrics.PaperConvention); err != nil {
		t.Errorf("a copy without logits that needs none: %v", err)
	}
	if err := os.RemoveAll(filepath.Join(folder, "logits")); err != nil {
		t.Fatal(err)
	}
	for _, run := range []string{bare, folder} {
		if _, err := experiment.WithConvention(backend, run, metrics.FieldConvention); !errors.Is(err, experiment.ErrNoLogits) {
			t.Errorf("without logits: error %v, want one that says so", err)
		}
	}
	if _, err := experiment.WithConvention(backend, folder, 0); err == nil {
		t.Error("no convention: no error")
	}
}

func TestIntervalsAreConvertedToo(t *testing.T) {
	out := linear(60, 0.4)
	out.Name, out.Labels = "shifted", nil
	given := experiment.Given{Test: linear(60, 0.1), OutOfDistribution: []experiment.Answers{out}}
	measured := map[metrics.Convention]string{}
	for _, convention := range metrics.Conventions() {
		given.Convention, measured[convention] = convention, t.TempDir()
		options := experiment.Options{Backend: testkit.Backend(t), Folder: measured[convention], Scores: dismaxlib.Scores(0)}
		if _, err := experiment.Evaluate(t.Context(), given, options); err != nil {
			t.Fatal(err)
		}
	}
	got, err := experiment.WithConvention(testkit.Backend(t), measured[metrics.FieldConvention], metrics.PaperConvention)
	if err != nil {
		t.Fatal(err)
	}
	want, err := record.Read(measured[metrics.PaperConvention])
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range got.OutOfDistribution[0].Scores {
		at := slices.IndexFunc(want.OutOfDistribution[0].Scores, func(w record.Detection) bool { return w.Score == d.Score })
		if !reflect.DeepEqual(d, want.OutOfDistribution[0].Scores[at]) {
			t.Errorf("%s: got %+v, want %+v", d.Score, d, want.OutOfDistribution[0].Scores[at])
		}
	}
}
