package endtoend

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLogitsOfAnotherFrameworkAreEvaluatedAndReported(t *testing.T) {
	run, out := t.TempDir(), filepath.Join(t.TempDir(), "evaluated")
	succeed(t, dismax(t, smallRun(run, "--loss", "softmax", "--quiet")...))
	array := func(name string) string { return filepath.Join(run, "logits", name+".npy") }
	evaluate := []string{"evaluate", "--logits", array("test"), "--labels", array("test-labels"),
		"--validation-logits", array("validation"), "--validation-labels", array("validation-labels"),
		"--out-logits", array("synthetic-near"), "--out-logits", array("synthetic-far"),
		"--model", "a network of PyTorch", "--convention", "field", "--out", out}
	output := succeed(t, dismax(t, evaluate...))
	for _, says := range []string{"No training of a network of PyTorch was seen", "against synthetic-far", "AUROC %, Energy against",
		"not measured, for want of the features", "dismax report"} {
		if !strings.Contains(output, says) {
			t.Errorf("evaluate does not print %q:\n%s", says, output)
		}
	}
	r := read(t, out)
	if was := read(t, run); !r.OutputsOnly || r.Test.Temperature != was.Test.Temperature || r.Test.Intervals == nil {
		t.Errorf("the record says outputs only: %t, temperature %g, want %g, and intervals %v",
			r.OutputsOnly, r.Test.Temperature, was.Test.Temperature, r.Test.Intervals)
	}
	succeed(t, dismax(t, "report", out))
	page, err := os.ReadFile(filepath.Join(out, "report", "report.html"))
	if err != nil || !strings.Contains(string(page), "No training of a network of PyTorch was seen") {
		t.Errorf("the page does not say that no training was seen (error: %v)", err)
	}
	succeed(t, dismax(t, "verify", out))

	for says, args := range map[string][]string{
		"no training to repeat":     {"rerun", out, "--out", out + "2"},
		"and not the model":         {"export", out, out + ".dismax"},
		"--again":                   evaluate,
		"--labels is missing":       {"evaluate", "--logits", array("test"), "--labels=", "--out", out + "3"},
		"want 2 axes":               {"evaluate", "--logits", array("test-labels"), "--labels", array("test-labels"), "--out", out + "3"},
		"want one class number":     {"evaluate", "--logits", array("test"), "--labels", array("test"), "--out", out + "3"},
		"labels has 50 entries":     {"evaluate", "--logits", array("validation"), "--labels", array("test-labels"), "--out", out + "3"},
		"numpy.save":                {"evaluate", "--logits", filepath.Join(run, "record.json"), "--labels", array("test-labels"), "--out", out + "3"},
		"--out-features was":        {"evaluate", "--logits", array("test"), "--labels", array("test-labels"), "--out-features", array("test"), "--out", out + "3"},
		"unknown convention":        {"evaluate", "--logits", array("test"), "--labels", array("test-labels"), "--convention", "x", "--out", out + "3"},
		"there is no such file":     {"evaluate", "--logits", array("none"), "--labels", array("test-labels"), "--out", out + "3"},
		"--head-bias belong":        {"evaluate", "--logits", array("test"), "--labels", array("test-labels"), "--head-bias", array("test-labels"), "--out", out + "3"},
		"--train-labels is missing": {"evaluate", "--logits", array("test"), "--labels", array("test-labels"), "--train-logits", array("test"), "--out", out + "3"},
	} {
		failsWith(t, says, args...)
	}
}

// failsWith runs a command that must fail, with one line of error that says so.
func failsWith(t *testing.T, says string, args ...string) {
	t.Helper()
	output, err := dismax(t, args...).CombinedOutput()
	lines := strings.Split(strings.TrimSpace(string(output)), "\n")
	last := lines[len(lines)-1]
	if err == nil || !strings.HasPrefix(last, "dismax: ") || !strings.Contains(last, says) {
		t.Errorf("dismax %s: error %v, want a last line that says %q, got\n%s", strings.Join(args, " "), err, says, output)
	}
}
