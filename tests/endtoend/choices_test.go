package endtoend

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestChoicesOfATrainingAreFlagsAndComeFromARecord(t *testing.T) {
	folder := t.TempDir()
	first, second, log := filepath.Join(folder, "first"), filepath.Join(folder, "second"), filepath.Join(folder, "log.csv")
	succeed(t, dismax(t, smallRun(first, "--schedule", "cosine", "--warmup", "1", "--momentum", "0.8", "--label-smoothing", "0.1",
		"--best", "--diagnostic-images", "20", "--border", "mean", "--log", log)...))
	was := read(t, first)
	if s := was.Spec; s.Schedule != "cosine" || s.WarmUp != 1 || s.Momentum != 0.8 || s.LabelSmoothing != 0.1 || !s.KeepBest {
		t.Errorf("the spec is %+v", s)
	}
	if d := was.Epochs[1].Diagnostic; d == nil || d.Images != 20 {
		t.Errorf("the last epoch has the diagnostic %+v, want one of 20 images", d)
	}
	if !slices.Contains(was.HeldOut.Choices, "best epoch") {
		t.Errorf("the held-out images served %v, want the best epoch, too", was.HeldOut.Choices)
	}
	if content, err := os.ReadFile(log); err != nil || strings.Count(string(content), "\n") != 3 {
		t.Errorf("the log has the lines (error: %v)\n%s", err, content)
	}
	succeed(t, dismax(t, "verify", first))
	failsWith(t, "best epoch was chosen", "export", first, filepath.Join(folder, "x.dismax"))

	succeed(t, dismax(t, "run", "--spec", first, "--seed", "5", "--out", second))
	is := read(t, second)
	want := was.Spec
	want.Seed = 5
	if is.Spec.Seed != 5 || is.Spec.Schedule != want.Schedule || is.Spec.TrainLimit != want.TrainLimit ||
		is.Spec.Epochs != want.Epochs || is.Spec.DiagnosticImages != 20 || is.Spec.Border != "mean" {
		t.Errorf("the spec of a record with another seed becomes %+v, want %+v", is.Spec, want)
	}
	for says, flags := range map[string][]string{
		"no drops":                      {"--schedule", "cosine", "--drops", "1"},
		"--schedule must be one of":     {"--schedule", "linear"},
		"want fewer than the 2":         {"--schedule", "cosine", "--warmup", "2"},
		"the schedule cosine":           {"--warmup", "1"},
		"want a share from 0":           {"--label-smoothing", "1"},
		"choose one of the two":         {"--label-smoothing", "0.1", "--loss", "dismax-fpr"},
		"protocol paper holds none out": {"--best", "--protocol", "paper"},
		"--freeze-backbone needs":       {"--freeze-backbone"},
		"there is no such file":         {"--weights", filepath.Join(folder, "none.safetensors")},
		"has the run finished":          {"--spec", folder},
		"no such file or directory":     {"--log", filepath.Join(folder, "none", "log.csv")},
		"momentum 1: want 0 up to":      {"--momentum", "1"},
		"the weights lack":              {"--weights", first, "--model", "resnet20"},
	} {
		failsWith(t, says, smallRun(filepath.Join(folder, "other"), flags...)...)
	}
}

func TestARunFineTunesAFormerOne(t *testing.T) {
	folder := t.TempDir()
	first, second := filepath.Join(folder, "first"), filepath.Join(folder, "second")
	succeed(t, dismax(t, smallRun(first, "--loss", "softmax")...))
	tune := smallRun(second, "--weights", first, "--freeze-backbone", "--hold-out-classes", "0,1")
	output := succeed(t, dismax(t, tune...))
	r := read(t, second)
	if !strings.HasPrefix(r.Spec.InitialWeights, "first (SHA-256") || !r.Spec.FreezeBackbone || r.Model.Classes != 8 {
		t.Errorf("the spec is %+v, and there are %d classes:\n%s", r.Spec, r.Model.Classes, output)
	}
	failsWith(t, "--weights", "rerun", second, "--out", filepath.Join(folder, "third"))
	succeed(t, dismax(t, "rerun", second, "--weights", first, "--out", filepath.Join(folder, "third")))
	succeed(t, dismax(t, "export", second, filepath.Join(folder, "tuned.dismax")))
}
