package experiment_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/detect"
	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/models"
	"github.com/dismax-go/dismax/tests/testkit"
	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/model"
)

// meanFeature is a score of this test's own, which is registered nowhere but in a loss.
var meanFeature = testkit.MeanFeature()

// A small backbone: the tests of this package are about what becomes of a network, not about its layers. Its features are
// positive, as scores that scale features by their sums (ASH-S, SCALE) need them.
func init() {
	models.Register(&models.Model{
		Name: "small", Title: "A small network", ImageSize: 32, Features: 8,
		Backbone: func(scope *model.Scope, images *graph.Node) *graph.Node {
			pooled := graph.MeanPool(images).Window(8).Done()
			return graph.Sigmoid(layers.Dense(scope, graph.Reshape(pooled, images.Shape().Dim(0), -1), true, 8))
		},
	})
}

func init() {
	dismax, err := dismaxlib.LossByName("dismax")
	if err != nil {
		panic(err)
	}
	own := *dismax
	own.Name, own.Title, own.Scores = "own", "My own loss", []*dismaxlib.Score{meanFeature, dismaxlib.MMLES}
	dismaxlib.RegisterLoss(&own)
}

func smallSpec(loss string, protocol record.Protocol) record.Spec {
	spec := experiment.Defaults("synthetic", "small", loss, 1)
	spec.TrainLimit, spec.TestLimit, spec.BatchSize, spec.ValidationShare = 160, 140, 16, 0.5
	spec.Protocol = protocol
	return spec
}

func backendOf(t *testing.T) compute.Backend { return testkit.Backend(t) }

// runIn trains for a moment, or not at all where the folder holds a finished run.
func runIn(t *testing.T, folder string, spec record.Spec, change ...func(*experiment.Options)) (*record.Record, error) {
	t.Helper()
	options := experiment.Options{Backend: testkit.Backend(t), Folder: folder}
	for _, c := range change {
		c(&options)
	}
	return experiment.Run(t.Context(), spec, options)
}

func smallRun(t *testing.T, loss string, protocol record.Protocol) (string, *record.Record) {
	t.Helper()
	folder := t.TempDir()
	r, err := runIn(t, folder, smallSpec(loss, protocol))
	if err != nil {
		t.Fatal(err)
	}
	return folder, r
}

// What a run measured and what its detector answers are the same numbers, for all losses and scores: the scores, and
// the AUROC that they make.
func TestTheDetectorIsTheOneThatWasMeasured(t *testing.T) {
	pixels := map[string][]uint8{}
	for _, set := range []string{"synthetic", "synthetic-near", "synthetic-far"} {
		images, err := datasets.Open(t.Context(), set, datasets.Options{TestLimit: smallSpec("", "").TestLimit})
		if err != nil {
			t.Fatal(err)
		}
		pixels[set] = images.Test.Pixels
	}
	for _, lossName := range append(dismaxlib.LossNames(), "dismax-fpr:alpha=0.5") {
		t.Run(lossName, func(t *testing.T) {
			folder, r := smallRun(t, lossName, record.HeldOut)
			loss, err := dismaxlib.LossByName(lossName)
			if err != nil {
				t.Fatal(err)
			}
			for _, score := range append(dismaxlib.Scores(0), loss.Scores[0]) {
				detector, err := experiment.Detector(folder, experiment.DetectorOptions{Backend: testkit.Backend(t), Score: score})
				if err != nil {
					t.Fatal(err)
				}
				checkAnswers(t, detector, pixels, folder, r)
			}
		})
	}
}

// checkAnswers compares the detector's answers with the record.
func checkAnswers(t *testing.T, detector *detect.Detector, pixels map[string][]uint8, folder string, r *record.Record) {
	t.Helper()
	scores, refused := map[string][]float64{}, map[string]int{}
	for _, set := range append([]string{"synthetic"}, r.Spec.OutOfDistribution...) {
		answers, err := detector.Detect(t.Context(), pixels[set])
		if err != nil {
			t.Fatal(err)
		}
		for _, answer := range answers {
			scores[set] = append(scores[set], answer.Score)
			if !answer.In {
				refused[set]++
			}
			if answer.In != detector.Threshold().In(answer.Score) {
				t.Errorf("%s: answer %+v does not follow the threshold %+v", set, answer, detector.Threshold())
			}
		}
	}
	checkMeasured(t, detector, scores, refused)
	for _, out := range r.OutOfDistribution {
		detection, err := metrics.Detect(scores["synthetic"], scores[out.Set.Name], metrics.PaperConvention)
		if err != nil {
			t.Fatal(err)
		}
		for _, measured := range out.Scores {
			if measured.Score == detector.Score().Name && (measured.AUROC != detection.AUROC || measured.TNR95 != detection.TNR95) {
				t.Errorf("%s against %s: the record has AUROC %g and TNR95 %g, the detector's answers make %g and %g",
					measured.Score, out.Set.Name, measured.AUROC, measured.TNR95, detection.AUROC, detection.TNR95)
			}
		}
	}
	logits, labels, err := experiment.LoadLogits(folder, "test")
	if err != nil {
		t.Fatal(err)
	}
	if accuracy, err := metrics.Accuracy(logits, labels); err != nil || accuracy != r.Test.Accuracy {
		t.Errorf("accuracy of the logits in the folder: got %g (%v), want the record's %g", accuracy, err, r.Test.Accuracy)
	}
	if detector.Temperature() != r.Test.Temperature {
		t.Errorf("temperature: got %g, want the record's %g", detector.Temperature(), r.Test.Temperature)
	}
}

// checkMeasured compares what the detector says that it is worth with what it answered.
func checkMeasured(t *testing.T, detector *detect.Detector, scores map[string][]float64, refused map[string]int) {
	t.Helper()
	measured := detector.Measured()
	want := len(scores)
	if detector.Score().Needs != 0 {
		want = 0 // the folder has no features of test sets
	}
	if len(measured) != want {
		t.Errorf("%s: %d sets measured, want %d", detector.Score().Name, len(measured), want)
	}
	for _, m := range measured {
		if m.Known != (m.Set == "synthetic") || m.Inputs != len(scores[m.Set]) || m.Refused != refused[m.Set] {
			t.Errorf("%s: measured %+v, want %d inputs and %d refused", detector.Score().Name, m, len(scores[m.Set]), refused[m.Set])
		}
	}
}

func TestADetectorTakesTheScoreAndTheRuleThatItIsGiven(t *testing.T) {
	folder, _ := smallRun(t, "dismax", record.HeldOut)
	detector, err := experiment.Detector(folder, experiment.DetectorOptions{
		Backend: testkit.Backend(t), Score: dismaxlib.MPS, Rule: detect.Percentile(10),
	})
	if err != nil {
		t.Fatal(err)
	}
	if detector.Score() != dismaxlib.MPS || detector.Threshold().Rule != "percentile 10 of 80 scores" {
		t.Errorf("score %s and threshold by %q, want MPS and percentile 10 of all 80 that were held out",
			detector.Score().Name, detector.Threshold().Rule)
	}
	if detector, err = experiment.Detector(folder, experiment.DetectorOptions{Backend: testkit.Backend(t)}); err != nil {
		t.Fatal(err)
	}
	want := "conformal, at most 5% of in-distribution inputs refused, from 80 scores"
	if detector.Score() != dismaxlib.MMLES || detector.Threshold().Rule != want {
		t.Errorf("score %s and threshold by %q, want MMLES and %q", detector.Score().Name, detector.Threshold().Rule, want)
	}
}

func TestNoDetectorIsMadeOfWhatDoesNotAllowOne(t *testing.T) {
	good, r := smallRun(t, "dismax", record.HeldOut)
	changed := func(change func(folder string, r *record.Record)) string {
		folder := t.TempDir()
		if err := os.CopyFS(folder, os.DirFS(good)); err != nil {
			t.Fatal(err)
		}
		copied := *r
		change(folder, &copied)
		if err := record.Write(folder, &copied); err != nil {
			t.Fatal(err)
		}
		return folder
	}
	paper, _ := smallRun(t, "dismax", record.Paper)
	for name, test := range map[string]struct{ folder, says string }{
		"no run":           {t.TempDir(), "record.json"},
		"nothing held out": {paper, "holds out no images"},
		"chosen on them": {changed(func(_ string, r *record.Record) {
			r.HeldOut.Choices = []string{"temperature", "best epoch"}
		}), "best epoch"},
		"other weights": {changed(func(_ string, r *record.Record) { r.Model.WeightsSHA256 = "0" }), "weights that were measured"},
		"no checkpoint": {changed(func(folder string, _ *record.Record) {
			os.RemoveAll(filepath.Join(folder, "checkpoint"))
		}), "there is no checkpoint"},
		"logits that changed": {changed(func(folder string, _ *record.Record) {
			os.WriteFile(filepath.Join(folder, "logits", "validation.npy"), []byte("x"), 0o644)
		}), "validation.npy"},
		"logits that are gone": {changed(func(folder string, _ *record.Record) {
			os.Remove(filepath.Join(folder, "logits", "validation.npy"))
		}), "validation.npy"},
		"files elsewhere": {changed(func(_ string, r *record.Record) {
			r.Outputs = append([]record.Outputs(nil), r.Outputs...)
			for i := range r.Outputs {
				r.Outputs[i].Logits.Name = "../" + r.Outputs[i].Logits.Name
			}
		}), "outside of its folder"},
	} {
		_, err := experiment.Detector(test.folder, experiment.DetectorOptions{Backend: testkit.Backend(t)})
		if err == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), test.folder) {
			t.Errorf("%s: error %v, want one that names the folder and says %q", name, err, test.says)
		}
	}
}
