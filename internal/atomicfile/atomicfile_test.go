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

func TestAFileThatFailsItsCheckLeavesWhatWasThere(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "file")
	want := errors.New("it does not read back")
	for _, test := range []struct {
		text  string
		check error
		err   error
	}{{"first", nil, nil}, {"second", want, want}} {
		var read string
		err := atomicfile.WriteChecked(path, writing(test.text, nil), func(written *os.File) error {
			content, err := io.ReadAll(written)
			read = string(content)
			return errors.Join(err, test.check)
		})
		if !errors.Is(err, test.err) || read != test.text {
			t.Errorf("%s: error %v after reading %q; want %v after reading what was written", test.text, err, read, test.err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "first" {
		t.Errorf("the file holds %q (error: %v), want what was there", got, err)
	}
}

func TestWhatAKilledWriteLeavesIsKnownByItsName(t *testing.T) {
	folder := t.TempDir()
	seen := ""
	err := atomicfile.Write(filepath.Join(folder, "a-file.txt"), func(io.Writer) error {
		entries, err := os.ReadDir(folder)
		seen = entries[0].Name()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		seen: "a-file.txt", "a-file.txt": "", ".lock": "", ".hidden-file": "", "file-12": "", ".-12": "",
	} {
		if got := atomicfile.Unfinished(name); got != want {
			t.Errorf("Unfinished(%q) = %q; want %q", name, got, want)
		}
	}
}
