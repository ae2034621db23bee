package endtoend

import (
	"path/filepath"
	"strings"
	"testing"
)

// explodingRun are the flags of a run whose weights grow beyond all bounds in its second epoch.
func explodingRun(out string, more ...string) []string {
	return smallRun(out, append([]string{"--epochs", "4", "--loss", "softmax", "--learning-rate", "50",
		"--weight-decay", "0.01"}, more...)...)
}

func TestARunThatExplodedGoesOnAtAnotherLearningRate(t *testing.T) {
	const flag = "--continue-with-learning-rate"
	root := t.TempDir()
	out := filepath.Join(root, "run")
	for range 2 { // the same command fails in the same way
		output := fails(t, 1, explodingRun(out)...)
		for _, says := range []string{"step ", "learning rate 50", "/backbone/", "infinite or NaN",
			"the checkpoint of step 8 is good", flag} {
			if !strings.Contains(output, says) {
				t.Errorf("a run that explodes does not say %q:\n%s", says, output)
			}
		}
		succeed(t, dismax(t, "verify", "--quiet", out))
	}
	fails(t, 1, explodingRun(filepath.Join(root, "new"), flag, "0.001")...)
	fails(t, 2, explodingRun(out, flag, "-1")...)
	output := succeed(t, dismax(t, explodingRun(out, flag, "0.001")...))
	if !strings.Contains(output, "going on at learning rate 0.001, from step 9 on") {
		t.Errorf("the run does not say that it goes on at another rate:\n%s", output)
	}
	changes := read(t, out).Spec.LearningRateChanges
	if len(changes) != 1 || changes[0].Step != 8 || changes[0].Rate != 0.001 {
		t.Errorf("the record has the changes %v, want 0.001 from step 8", changes)
	}
	for _, args := range [][]string{explodingRun(out, flag, "0.001"), explodingRun(out)} {
		if output := succeed(t, dismax(t, args...)); !strings.Contains(output, "finished already") {
			t.Errorf("the finished run is not left alone:\n%s", output)
		}
	}
	fails(t, 1, explodingRun(out, flag, "0.002")...)

	// What is in the record is enough to repeat the run, without an explosion.
	if output := succeed(t, dismax(t, "rerun", out, "--out", filepath.Join(root, "again"))); !strings.Contains(output, "the same, bit for bit") {
		t.Errorf("rerun says\n%s", output)
	}
}
