package atomicfile_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/internal/atomicfile"
)

// writing returns a function that writes the text and then fails with the error.
func writing(text string, failure error) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return errors.Join(err, failure)
	}
}

func TestAFileIsReplacedWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	for _, text := range []string{"first", "second"} {
		if err := atomicfile.Write(path, writing(text, nil)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("the file holds %q (error: %v), want %q", got, err, text)
		}
	}
}

func TestAFailureLeavesWhatWasThereAndNothingElse(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "file")
	if err := atomicfile.Write(path, writing("first", nil)); err != nil {
		t.Fatal(err)
	}
	full := errors.New("the disk is full")
	err := atomicfile.Write(path, writing("sec", full))
	if !errors.Is(err, full) || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want one that wraps %q and names the file", err, full)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "first" {
		t.Errorf("the file holds %q (error: %v), want what was there", got, err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 {
		t.Errorf("%d files are left (error: %v), want 1", len(entries), err)
	}
}

func TestAFolderThatIsMissingIsNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none", "file")
	if err := atomicfile.Write(path, writing("", nil)); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want one that names %s", err, path)
	}
}
