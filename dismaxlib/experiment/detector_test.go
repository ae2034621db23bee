package experiment_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/dismaxlib/detect"
	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/tests/testkit"
)

// smallRun trains for a moment and returns its folder.
func smallRun(t *testing.T, protocol record.Protocol) string {
	t.Helper()
	spec := experiment.Defaults("synthetic", "resnet8", "dismax", 1)
	spec.TrainLimit, spec.TestLimit, spec.BatchSize, spec.ValidationShare = 160, 20, 16, 0.5
	spec.Protocol = protocol
	folder := t.TempDir()
	_, err := experiment.Run(t.Context(), spec, experiment.Options{
		Backend: testkit.Backend(t), Choice: backend.Choice{Config: "test"}, Folder: folder,
	})
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestADetectorOfARunClassifiesAsTheRunDid(t *testing.T) {
	folder := smallRun(t, record.HeldOut)
	detector, err := experiment.Detector(folder, experiment.DetectorOptions{Backend: testkit.Backend(t)})
	if err != nil {
		t.Fatal(err)
	}
	threshold, err := detector.Threshold()
	if err != nil {
		t.Fatal(err)
	}
	if want := "conformal, at most 5% of in-distribution inputs refused, from 40 scores"; threshold.Rule != want {
		t.Errorf("threshold by %q, want %q", threshold.Rule, want)
	}
	if got := detector.ScoreName(); got != "MMLES" {
		t.Errorf("score %s, want the paper's for DisMax, MMLES", got)
	}
	logits, labels, err := experiment.LoadLogits(folder, "test")
	if err != nil {
		t.Fatal(err)
	}
	set, err := datasets.Open(t.Context(), "synthetic", datasets.Options{TestLimit: len(labels)})
	if err != nil {
		t.Fatal(err)
	}
	answers, err := detector.Detect(set.Test.Pixels)
	if err != nil {
		t.Fatal(err)
	}
	for i, answer := range answers {
		for class, logit := range logits.Row(i) {
			if logit > logits.Row(i)[answer.Class] {
				t.Errorf("image %d: class %d, but the run's logit of class %d is larger", i, answer.Class, class)
			}
		}
		if answer.ClassName != set.Classes[answer.Class] {
			t.Errorf("image %d: class %d is named %q, want %q", i, answer.Class, answer.ClassName, set.Classes[answer.Class])
		}
	}
}

func TestADetectorTakesTheScoreAndTheRuleThatItIsGiven(t *testing.T) {
	detector, err := experiment.Detector(smallRun(t, record.HeldOut), experiment.DetectorOptions{
		Backend: testkit.Backend(t), Score: "MPS", Rule: detect.Percentile(10),
	})
	if err != nil {
		t.Fatal(err)
	}
	threshold, err := detector.Threshold()
	if err != nil {
		t.Fatal(err)
	}
	if detector.ScoreName() != "MPS" || threshold.Rule != "percentile 10 of 40 scores" {
		t.Errorf("score %s and threshold by %q, want MPS and percentile 10", detector.ScoreName(), threshold.Rule)
	}
}

func TestNoDetectorIsMadeOfWhatDoesNotAllowOne(t *testing.T) {
	paper := smallRun(t, record.Paper)
	others := smallRun(t, record.HeldOut)
	changed, err := record.Read(others)
	if err != nil {
		t.Fatal(err)
	}
	changed.Spec.TrainLimit = 200
	if err := record.Write(others, changed); err != nil {
		t.Fatal(err)
	}
	untrained := smallRun(t, record.HeldOut)
	if err := os.RemoveAll(filepath.Join(untrained, "checkpoint")); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ folder, says string }{
		"no run":              {t.TempDir(), "record.json"},
		"nothing held out":    {paper, "holds out no images"},
		"images that changed": {others, "not those of the run"},
		"no checkpoint":       {untrained, "there is no checkpoint"},
	} {
		_, err := experiment.Detector(test.folder, experiment.DetectorOptions{Backend: testkit.Backend(t)})
		if err == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), test.folder) {
			t.Errorf("%s: error %v, want one that names the folder and says %q", name, err, test.says)
		}
	}
}
