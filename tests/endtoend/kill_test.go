//go:build unix

package endtoend

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/dismax-go/dismax/dismaxlib/experiment"
)

// TestAKilledRunEndsAsIfNothingHadHappened kills runs at random moments of their whole life, DISMAX_KILLS times, goes on
// with each until it is finished, and compares with a run that nothing happened to: losses, weights, logits, metrics.
func TestAKilledRunEndsAsIfNothingHadHappened(t *testing.T) {
	kills := 30
	if text := os.Getenv("DISMAX_KILLS"); text != "" {
		var err error
		if kills, err = strconv.Atoi(text); err != nil {
			t.Fatalf("DISMAX_KILLS: %v", err)
		}
	}
	args := func(out string) []string {
		return smallRun(out, "--epochs", "3", "--loss", "dismax-fpr", "--test-limit", "200", "--ood", "synthetic-far")
	}
	whole := filepath.Join(t.TempDir(), "run")
	start := time.Now()
	succeed(t, dismax(t, args(whole)...))
	life := time.Since(start)
	random := rand.New(rand.NewPCG(uint64(kills), 2))
	killed, finished := 0, 0
	for killed < kills {
		out := filepath.Join(t.TempDir(), "run")
		for killed < kills && killedWithin(t, dismax(t, args(out)...), time.Duration(random.Int64N(int64(life)))) {
			killed++
		}
		succeed(t, dismax(t, args(out)...))
		succeed(t, dismax(t, "verify", "--quiet", out))
		finished++
		comparison, err := experiment.Compare(read(t, whole), read(t, out))
		if err != nil {
			t.Fatal(err)
		}
		if len(comparison.Results) > 0 || len(comparison.Circumstances) > 0 {
			t.Errorf("after %d kills: %v and %v differ", killed, comparison.Results, comparison.Circumstances)
		}
	}
	t.Logf("figure: %d kills of dismax run; each of %d runs ended as the one that was not killed, bit for bit", killed, finished)
}

// killedWithin starts a run and kills it after some time. It reports whether the run died of that.
func killedWithin(t *testing.T, command *exec.Cmd, moment time.Duration) bool {
	t.Helper()
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(moment)
	_ = command.Process.Kill()
	err := command.Wait()
	if status := command.ProcessState.Sys().(syscall.WaitStatus); status.Signaled() && status.Signal() == syscall.SIGKILL {
		return true
	}
	if err != nil {
		t.Fatalf("the run failed by itself: %v", err)
	}
	return false
}
