package experiment_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/tests/testkit"
)

const atWork = "another run is at work in"

func TestNoOtherRunEvaluatesInAFolderAtTheSameTime(t *testing.T) {
	folder, tries := t.TempDir(), 0
	_, err := runIn(t, folder, smallSpec("dismax", record.HeldOut), func(o *experiment.Options) {
		o.Log = func(line string) {
			if !strings.HasPrefix(line, "evaluated on test") {
				return
			}
			tries++
			other := smallSpec("dismax", record.HeldOut)
			other.TestLimit = 50
			if _, err := runIn(t, folder, other); err == nil || !strings.Contains(err.Error(), atWork) {
				t.Errorf("another run in the same folder: error %v, want a refusal", err)
			}
		}
	})
	if err != nil || tries != 1 {
		t.Fatalf("%d tries, error %v", tries, err)
	}
	if bad := wrong(t, folder); len(bad) != 0 {
		t.Errorf("wrong: %v", bad)
	}
}

func TestNoOtherOutputsAreEvaluatedInAFolderAtTheSameTime(t *testing.T) {
	given := experiment.Given{Test: linear(30, 0), Convention: metrics.FieldConvention}
	options, tries := experiment.Options{Backend: testkit.Backend(t), Folder: t.TempDir()}, 0
	first := options
	first.Log = func(string) {
		tries++
		if _, err := experiment.Evaluate(t.Context(), given, options); err == nil || !strings.Contains(err.Error(), atWork) {
			t.Errorf("another evaluation in the same folder: error %v, want a refusal", err)
		}
	}
	if _, err := experiment.Evaluate(t.Context(), given, first); err != nil || tries == 0 {
		t.Fatalf("%d tries, error %v", tries, err)
	}
}

func TestAFileThatIsChangedDuringTheEvaluationIsNotRecorded(t *testing.T) {
	folder := t.TempDir()
	options := experiment.Options{Backend: testkit.Backend(t), Folder: folder}
	options.Log = func(line string) {
		if !strings.HasPrefix(line, "not measured") {
			return
		}
		if err := os.WriteFile(filepath.Join(folder, "logits", "test.npy"), []byte("others"), 0o644); err != nil {
			t.Error(err)
		}
	}
	_, err := experiment.Evaluate(t.Context(), experiment.Given{Test: linear(30, 0), Convention: metrics.FieldConvention}, options)
	if err == nil || !strings.Contains(err.Error(), "test.npy") || !strings.Contains(err.Error(), "changed") {
		t.Errorf("error %v, want one that names the file", err)
	}
}
