package grid

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/record"
)

var twoRuns = []Run{{Index: 0, Name: "first", Spec: twentySteps}, {Index: 1, Name: "second", Spec: twentySteps}}

// leave puts a file into the folder of the first of two runs, and returns the folder of both.
func leave(t *testing.T, file, content string) (root string) {
	t.Helper()
	root = t.TempDir()
	folder := filepath.Join(root, twoRuns[0].Name)
	err := os.Mkdir(folder, 0o755)
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, file), []byte(content), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func TestARunWithARecordIsReachedThoughTheContextEnded(t *testing.T) {
	root := leave(t, "note", "")
	if err := record.Write(filepath.Join(root, "first"), &record.Record{}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	ended := 0
	outcomes, err := Execute(ctx, twoRuns, Options{Folder: root, Ended: func(Run, Outcome) { ended++ }})
	if len(outcomes) != 1 || outcomes[0].Kind != Before || ended != 1 {
		t.Errorf("got outcomes %v and %d calls of Ended, want one of each, %q", outcomes, ended, Before)
	}
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "run 1, second") {
		t.Errorf("got error %v, want that of the context, with the second run", err)
	}
}

func TestAnInterruptionKeepsTheFailuresBefore(t *testing.T) {
	root := leave(t, record.FileName, "{")
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Execute(ctx, twoRuns, Options{Folder: root, Ended: func(Run, Outcome) { cancel() }})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got error %v, want that of the context", err)
	}
	for _, says := range []string{"run 0, first", record.FileName, "run 1, second"} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("error %q does not say %q", err, says)
		}
	}
}

// Without a backend a run fails as soon as it is tried.
func TestProgressThatCannotBeWrittenKeepsNoRunFromBeingTried(t *testing.T) {
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "first", progressFile), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := Execute(t.Context(), twoRuns[:1], Options{Folder: root})
	if err == nil || !strings.Contains(err.Error(), "Backend") || strings.Contains(err.Error(), progressFile) {
		t.Errorf("got error %v, want that of the run alone", err)
	}
}
