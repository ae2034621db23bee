// Package gpu rehearses run.sh, which does on a GPU what only a GPU can show, on XLA's CPU plugin.
package gpu

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/dismax-go/dismax/dismaxlib/record"
)

// arguments are those for the smallest scale, with the folders below the given one.
func arguments(folder string) []string {
	return []string{"run.sh", "--smoke", "--out", filepath.Join(folder, "out"), "--work", filepath.Join(folder, "work")}
}

// rehearsal runs the script at its smallest scale, with its folders below the given one.
func rehearsal(t *testing.T, folder string, args ...string) string {
	t.Helper()
	args = append(arguments(folder), args...)
	printed, err := script(t, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, printed)
	}
	return string(printed)
}

// script is the command with the arguments on the CPU plugin. It finds no Python, so that it measures the same everywhere.
func script(t *testing.T, args ...string) *exec.Cmd {
	command := exec.CommandContext(t.Context(), "bash", args...)
	command.Env = append(os.Environ(), "DISMAX_GPU_BACKEND=xla:cpu", "DISMAX_DATA=", "DISMAX_GPU_PYTHON=none")
	command.WaitDelay = time.Second
	return command
}

func TestEveryStepLeavesItsRecordsAndIsNotDoneTwice(t *testing.T) {
	if os.Getenv("GOMLX_BACKEND") != "xla:cpu" {
		t.Skip("the rehearsal is on XLA's CPU plugin: GOMLX_BACKEND is not xla:cpu")
	}
	folder := t.TempDir()
	t.Log(rehearsal(t, folder))
	out := filepath.Join(folder, "out")
	for _, loss := range []string{"softmax", "dismax-fpr"} {
		folders, err := filepath.Glob(filepath.Join(out, "runs", "*-"+loss+"-seed1-*"))
		if err != nil || len(folders) != 1 {
			t.Fatalf("runs with %s: %q %v", loss, folders, err)
		}
		checkRun(t, folders[0], loss)
	}
	checkHolds(t, filepath.Join(out, "machine.txt"), "platform: cpu")
	checkHolds(t, filepath.Join(out, "tests", "tests-golden.log"), `--- PASS: TestGoldenLosses`, `\nPASS\n`)
	checkHolds(t, filepath.Join(out, "bench.json"), `"engine": "xla:cpu"`, `"precision": "bfloat16"`, `"wall_seconds"`)

	if steps := rehearsal(t, folder, "steps"); regexp.MustCompile(`(?m)^ `).MatchString(steps) {
		t.Errorf("steps are not done:\n%s", steps)
	}
	if again := rehearsal(t, folder); strings.Contains(again, "==") {
		t.Errorf("something was done again:\n%s", again)
	}
}

// checkRun looks at what a training brought back: its record and logits, and nothing of the size of weights.
func checkRun(t *testing.T, folder, loss string) {
	t.Helper()
	r, err := record.Read(folder)
	if err != nil {
		t.Fatal(err)
	}
	if r.Spec.Loss != loss || r.Backend.Name != "xla:cpu" || len(r.Epochs) != 2 {
		t.Errorf("got a record of %s on %s with %d epochs, want %s on xla:cpu with 2",
			r.Spec.Loss, r.Backend.Name, len(r.Epochs), loss)
	}
	for _, output := range r.Outputs {
		if _, err := os.Stat(filepath.Join(folder, output.Logits.Name)); err != nil {
			t.Errorf("the logits of %s are missing: %v", output.Set, err)
		}
	}
	err = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if info, err := entry.Info(); err != nil || info.Size() > 200_000 {
			t.Errorf("%s is here, of %d bytes: %v", path, info.Size(), err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// checkHolds says which of the regular expressions do not match the file.
func checkHolds(t *testing.T, path string, expressions ...string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
		return
	}
	for _, expression := range expressions {
		if !regexp.MustCompile(expression).Match(content) {
			t.Errorf("%s lacks %s:\n%s", path, expression, content)
		}
	}
}
