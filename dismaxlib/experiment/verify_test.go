package experiment_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/record"
)

// wrong returns the findings that are errors.
func wrong(t *testing.T, folder string) (bad []experiment.Finding) {
	t.Helper()
	findings, err := experiment.Verify(folder)
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(findings, func(f experiment.Finding) bool { return f.Err == nil })
}

func TestARunThatWasLeftAloneIsVerified(t *testing.T) {
	folder, r := smallRun(t, "own", record.HeldOut)
	findings, err := experiment.Verify(folder)
	if err != nil {
		t.Fatal(err)
	}
	if bad := wrong(t, folder); len(bad) != 0 {
		t.Errorf("wrong: %v", bad)
	}
	if want := len(r.Files()) + 3; len(findings) != want { // and the record, the checkpoint and its weights
		t.Errorf("%d findings, want %d: %v", len(findings), want, findings)
	}
}

func TestAFlippedBitInAnyFileOfARunIsFound(t *testing.T) {
	folder, _ := smallRun(t, "own", record.HeldOut)
	random := rand.New(rand.NewPCG(1, 2))
	for path, whole := range contents(t, folder) {
		if filepath.Base(path) == ".lock" {
			continue
		}
		for range 20 {
			changed := []byte(whole)
			changed[random.IntN(len(changed))] ^= 1 << random.IntN(8)
			if err := os.WriteFile(path, changed, 0o644); err != nil {
				t.Fatal(err)
			}
			if bad := wrong(t, folder); len(bad) != 1 || bad[0].Path != path {
				t.Errorf("%s changed: found %v", path, bad)
			}
		}
		if err := os.WriteFile(path, []byte(whole), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestVerifySaysWhatIsWrongWithAFolder(t *testing.T) {
	other, _ := smallRun(t, "softmax", record.HeldOut)
	for name, test := range map[string]struct {
		change func(folder string) error
		what   string
		says   string
	}{
		"logits removed": {func(folder string) error { return os.Remove(filepath.Join(folder, "logits", "test.npy")) },
			"logits of test", "dismax run --again"},
		"another run's checkpoint": {func(folder string) error {
			return os.CopyFS(filepath.Join(folder, "checkpoint", "x"), os.DirFS(filepath.Join(other, "checkpoint")))
		}, "", ""},
		"another run's weights": {func(folder string) error {
			if err := os.RemoveAll(filepath.Join(folder, "checkpoint")); err != nil {
				return err
			}
			return os.CopyFS(filepath.Join(folder, "checkpoint"), os.DirFS(filepath.Join(other, "checkpoint")))
		}, "weights", "were measured"},
		"no checkpoint": {func(folder string) error { return os.RemoveAll(filepath.Join(folder, "checkpoint")) },
			"weights", "no checkpoint"},
		"no record": {func(folder string) error { return os.Remove(filepath.Join(folder, record.FileName)) }, "", ""},
		"half a record": {func(folder string) error { return os.Truncate(filepath.Join(folder, record.FileName), 100) },
			"record", "damaged"},
	} {
		folder, _ := smallRun(t, "dismax", record.HeldOut)
		if err := test.change(folder); err != nil {
			t.Fatal(err)
		}
		bad := wrong(t, folder)
		if test.what == "" && len(bad) == 0 {
			continue
		}
		if len(bad) != 1 || bad[0].What != test.what || !strings.Contains(bad[0].Err.Error(), test.says) {
			t.Errorf("%s: found %v, want one error of %s that says %q", name, bad, test.what, test.says)
		}
	}
	if _, err := experiment.Verify(t.TempDir()); err == nil || !strings.Contains(err.Error(), "neither a record nor a checkpoint") {
		t.Errorf("an empty folder: error %v", err)
	}
}
