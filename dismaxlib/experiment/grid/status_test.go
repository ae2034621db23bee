package grid

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dismax-go/dismax/dismaxlib/record"
)

func TestALockThatCannotBeOpenedIsTheStateOfOneRun(t *testing.T) {
	root := leave(t, progressFile, `{"step":3,"steps":10}`)
	lock := filepath.Join(root, "first", lockFile)
	if err := os.Mkdir(lock, 0o755); err != nil {
		t.Fatal(err)
	}
	states, err := Status(root, twoRuns, nil)
	if err != nil {
		t.Fatalf("one lock keeps the status of all from being seen: %v", err)
	}
	if states[0].Phase != Failed || !strings.Contains(states[0].Error, lock) || states[1].Phase != Unstarted {
		t.Errorf("got phases %q and %q and error %q, want %q with the lock's name, and %q",
			states[0].Phase, states[1].Phase, states[0].Error, Failed, Unstarted)
	}
}

func TestTheLockIsAsReadableAsOtherFiles(t *testing.T) {
	root := leave(t, "note", "")
	folder := filepath.Join(root, "first")
	lock, err := take(t.Context(), folder, false)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	is, err := os.Stat(filepath.Join(folder, lockFile))
	if err != nil {
		t.Fatal(err)
	}
	other, err := os.Stat(filepath.Join(folder, "note"))
	if err != nil {
		t.Fatal(err)
	}
	if is.Mode()&0o444 != other.Mode()&0o444 {
		t.Errorf("the lock has mode %v, another file %v", is.Mode(), other.Mode())
	}
}

func TestARecordThatCannotBeReadSaysWhatToDo(t *testing.T) {
	states, err := Status(leave(t, record.FileName, "{"), twoRuns, nil)
	if err != nil {
		t.Fatal(err)
	}
	if states[0].Phase != Failed || !strings.Contains(states[0].Error, "mend or remove it") {
		t.Errorf("got phase %q and error %q, want %q and what to do", states[0].Phase, states[0].Error, Failed)
	}
}

// twentySteps are a spec of as many steps of training.
var twentySteps = record.Spec{Dataset: "cifar10", OutOfDistribution: []string{"svhn", "lsun"}, Model: "resnet8",
	Loss: "dismax", Epochs: 2, BatchSize: 16, TrainLimit: 160}

func TestTheTimeOfARunIsThatOfItsKind(t *testing.T) {
	root := leave(t, "note", "")
	done := &record.Record{TotalSeconds: 60, Epochs: make([]record.Epoch, 2)}
	if err := record.Write(filepath.Join(root, "first"), done); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		change func(*record.Spec)
		known  bool
	}{
		"loss":        {func(s *record.Spec) { s.Loss = "softmax" }, true},
		"image size":  {func(s *record.Spec) { s.ImageSize = 64 }, false},
		"frozen":      {func(s *record.Spec) { s.FreezeBackbone = true }, false},
		"diagnostics": {func(s *record.Spec) { s.DiagnosticImages = 100 }, false},
	} {
		other := twentySteps
		test.change(&other)
		states, err := Status(root, []Run{{Name: "first", Spec: twentySteps}, {Name: "second", Spec: other}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := states[1]; got.Known != test.known || got.Known && got.Left != time.Minute {
			t.Errorf("another %s: known %t, left %s, want known %t, and then a minute", name, got.Known, got.Left, test.known)
		}
	}
}

// The images of three sets, 48 of each, pass forward in the time of three steps of 16, after each of two epochs.
func TestTheTimeLeftCountsDiagnostics(t *testing.T) {
	spec := twentySteps
	spec.DiagnosticImages = 48
	second := func(record.Spec) (float64, error) { return 1, nil }
	states, err := Status(t.TempDir(), []Run{{Name: "with", Spec: spec}, {Name: "without", Spec: twentySteps}}, second)
	if err != nil {
		t.Fatal(err)
	}
	if with, without := states[0].Left, states[1].Left; with != 26*time.Second || without != 20*time.Second {
		t.Errorf("got %s left with diagnostics and %s without, want 26s and 20s", with, without)
	}
}
