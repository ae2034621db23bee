package endtoend

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/record"
)

// committed is the folder of the runs that the repository comes with; other has some of them, computed elsewhere.
const (
	committed = "../../reports/measured/runs"
	other     = "../../reports/measured/runs-xla-cpu"
)

// Whoever imports the library must not download the runs, so their folder is a module of its own.
func TestCommittedRunsAreAModuleOfTheirOwnAndSmall(t *testing.T) {
	for _, folder := range []string{committed, other} {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err != nil {
			t.Error(err)
		}
	}
	var size int64
	err := filepath.WalkDir(committed, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		size += info.Size()
		switch name := entry.Name(); {
		case name == "go.mod", name == "README.md", name == record.FileName, strings.HasSuffix(name, ".npy.gz"):
		default:
			t.Errorf("%s is none of a record, logits and labels", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if size > 40e6 {
		t.Errorf("%.1f MB, want at most 40", float64(size)/1e6)
	}
}

func TestCommittedRunsAreWhatWasWritten(t *testing.T) {
	runs, err := record.Find(committed)
	if err != nil {
		t.Fatal(err)
	}
	others, err := record.Find(other)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(runs, others...) {
		findings, err := experiment.Verify(filepath.Dir(path))
		if err != nil {
			t.Fatal(err)
		}
		for _, finding := range findings {
			if finding.Err != nil {
				t.Errorf("%s: %v", finding.What, finding.Err)
			}
		}
	}
}
