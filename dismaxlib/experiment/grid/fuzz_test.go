package grid

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/record"
)

// FuzzProgress reads progress files that nobody wrote: the run's status is an error of that run, or one that a table can
// show, and what was read is read as the same when it is written again.
func FuzzProgress(f *testing.F) {
	for _, text := range []string{
		`{"step":3,"steps":10,"step_seconds":0.25,"updated":"2026-01-02T03:04:05Z","host":"a"}`,
		`{"step":0,"steps":0,"step_seconds":0,"updated":"0001-01-01T00:00:00Z","host":"","error":"no such file"}`,
		``, `{`, `null`, `[]`, `{"step":-1}`, `{"step":11,"steps":10}`, `{"step":1.5}`, `{"step_seconds":-1,"steps":2}`,
		`{"step_seconds":1e308,"steps":9223372036854775807}`, `{"updated":"yesterday"}`, `{"step":1,"Step":2,"steps":3} `,
	} {
		f.Add([]byte(text))
	}
	run := Run{Name: "run", Spec: record.Spec{Dataset: "synthetic", Epochs: 1, BatchSize: 16, TrainLimit: 160}}
	f.Fuzz(func(t *testing.T, content []byte) {
		root := t.TempDir()
		folder := filepath.Join(root, run.Name)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, progressFile), content, 0o644); err != nil {
			t.Fatal(err)
		}
		states, err := Status(root, []Run{run}, nil)
		if err != nil {
			t.Fatalf("one run's progress keeps the status of all from being seen: %v", err)
		}
		checkState(t, states[0])
		was, err := readProgress(folder)
		if err != nil {
			if states[0].Phase != Failed || states[0].Error == "" {
				t.Errorf("progress that cannot be read (%v): got phase %s and error %q", err, states[0].Phase, states[0].Error)
			}
			return
		}
		if err := (&tracker{progress: *was, folder: folder}).write(); err != nil {
			t.Fatalf("progress that was read cannot be written: %v", err)
		}
		is, err := readProgress(folder)
		if err != nil {
			t.Fatalf("progress that was read and written cannot be read: %v", err)
		}
		is.Updated = was.Updated
		if *is != *was {
			t.Errorf("progress changes when it is written again: got %+v, want %+v", is, was)
		}
	})
}

// checkState wants what a table of the status can show.
func checkState(t *testing.T, s State) {
	t.Helper()
	if s.Step < 0 || s.Steps > 0 && s.Step > s.Steps || s.Left < 0 {
		t.Errorf("step %d of %d, %s left", s.Step, s.Steps, s.Left)
	}
	if s.Phase != Stopped && s.Phase != Failed {
		t.Errorf("phase %q of a run that was begun and that no process has", s.Phase)
	}
}
