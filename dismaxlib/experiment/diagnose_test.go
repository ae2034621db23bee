package experiment_test

import (
	"context"
	"errors"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/dismaxlib/training"
	"github.com/dismax-go/dismax/tests/testkit"
)

// What is measured after the last epoch, on all images, is what is measured at the end; those of earlier epochs come out
// of the checkpoint of a run that was interrupted; and training does not notice.
func TestDiagnosticsAreMeasuredAfterEveryEpoch(t *testing.T) {
	spec := smallSpec("own", record.HeldOut)
	spec.Epochs = 3
	plain, err := runIn(t, t.TempDir(), spec)
	if err != nil {
		t.Fatal(err)
	}
	spec.DiagnosticImages = spec.TestLimit
	folder := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	stop := training.Watcher{Epoch: func(training.Epoch) { cancel() }}
	_, err = experiment.Run(ctx, spec, experiment.Options{
		Backend: testkit.Backend(t), Folder: folder, Watchers: []training.Watcher{stop},
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got error %v, want an interruption", err)
	}
	r, err := runIn(t, folder, spec)
	if err != nil {
		t.Fatal(err)
	}
	if r.Model.WeightsSHA256 != plain.Model.WeightsSHA256 {
		t.Error("the weights are others than without diagnostics")
	}
	for i, epoch := range r.Epochs {
		if d := epoch.Diagnostic; d == nil || d.Images != spec.TestLimit || len(d.Detections) != len(r.OutOfDistribution) {
			t.Fatalf("epoch %d: got %+v, want one score of %d sets", i+1, d, len(r.OutOfDistribution))
		}
	}
	last := r.Epochs[spec.Epochs-1].Diagnostic
	if last.Accuracy != r.Test.Accuracy {
		t.Errorf("accuracy %v after the last epoch, %v at the end", last.Accuracy, r.Test.Accuracy)
	}
	for i, out := range r.OutOfDistribution {
		want := record.DiagnosticDetection{Set: out.Set.Name, Score: "MMLES", AUROC: auroc(t, out, "MMLES")}
		if last.Detections[i] != want {
			t.Errorf("got %+v after the last epoch, %+v at the end", last.Detections[i], want)
		}
	}
}

func auroc(t *testing.T, out record.OutOfDistribution, score string) float64 {
	t.Helper()
	for _, d := range out.Scores {
		if d.Score == score {
			return d.AUROC
		}
	}
	t.Fatalf("%s has no score %s", out.Set.Name, score)
	return 0
}

func TestTheNumberOfDiagnosticImagesIsChecked(t *testing.T) {
	spec := smallSpec("softmax", record.HeldOut)
	spec.DiagnosticImages = 50
	r, err := runIn(t, t.TempDir(), spec)
	if err != nil {
		t.Fatal(err)
	}
	if d := r.Epochs[0].Diagnostic; d == nil || d.Images != 50 || len(d.Detections) != 3*len(r.OutOfDistribution) {
		t.Errorf("got %+v, want 50 images and three scores of each set", d)
	}
	spec.DiagnosticImages = -1
	if err := experiment.Check(spec); err == nil {
		t.Error("a negative number of images is taken")
	}
}
