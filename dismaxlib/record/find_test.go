package record

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestFindReturnsTheRecordsAtAndBelowAFolder(t *testing.T) {
	folder := t.TempDir()
	var want []string
	for _, run := range []string{".", "a", "b/c"} {
		if err := os.MkdirAll(filepath.Join(folder, run, "logits"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := Write(filepath.Join(folder, run), &Record{}); err != nil {
			t.Fatal(err)
		}
		want = append(want, filepath.Join(folder, run, FileName))
	}
	slices.Sort(want)
	if got, err := Find(folder); err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v (%v), want %v", got, err, want)
	}
	if got, err := Find(t.TempDir()); err != nil || len(got) > 0 {
		t.Errorf("an empty folder: got %v (%v), want nothing", got, err)
	}
	if _, err := Find(filepath.Join(folder, "gone")); err == nil {
		t.Error("a folder that is not there: no error")
	}
}
