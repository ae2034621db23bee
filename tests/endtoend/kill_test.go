//go:build unix

package endtoend

import (
	"bytes"
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

// killsWanted is DISMAX_KILLS, 30 if it is not set.
func killsWanted(t *testing.T) int {
	t.Helper()
	text := os.Getenv("DISMAX_KILLS")
	if text == "" {
		return 30
	}
	kills, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("DISMAX_KILLS: %v", err)
	}
	return kills
}

// TestAKilledRunEndsAsIfNothingHadHappened kills runs at random moments of their whole life, DISMAX_KILLS times, goes on
// with each until it is finished, and compares with a run that nothing happened to: losses, weights, logits, metrics.
func TestAKilledRunEndsAsIfNothingHadHappened(t *testing.T) {
	kills := killsWanted(t)
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

// TestTwoKilledRunsInOneFolderSpoilNothing starts pairs of processes on one folder, kills both at a random moment, and
// goes on.
func TestTwoKilledRunsInOneFolderSpoilNothing(t *testing.T) {
	pairs := (killsWanted(t) + 1) / 2
	args := func(out string) []string { return smallRun(out, "--epochs", "3", "--ood", "synthetic-far") }
	whole := filepath.Join(t.TempDir(), "run")
	start := time.Now()
	succeed(t, dismax(t, args(whole)...))
	life := time.Since(start)
	random := rand.New(rand.NewPCG(uint64(pairs), 4))
	for range pairs {
		out := filepath.Join(t.TempDir(), "run")
		first := dismax(t, args(out)...)
		if err := first.Start(); err != nil {
			t.Fatal(err)
		}
		killed := make(chan bool)
		moment := time.Duration(random.Int64N(2 * int64(life)))
		go func() {
			time.Sleep(moment)
			killed <- first.Process.Kill() == nil
		}()
		second := dismax(t, args(out)...)
		text, err := runAndKill(t, second, moment)
		<-killed
		_ = first.Wait()
		if refused := err != nil && !second.ProcessState.Sys().(syscall.WaitStatus).Signaled(); refused {
			checkFailure(t, second, text, 1, "another run is at work in "+out)
		}
		succeed(t, dismax(t, args(out)...))
		succeed(t, dismax(t, "verify", "--quiet", out))
		if comparison, err := experiment.Compare(read(t, whole), read(t, out)); err != nil || len(comparison.Results) > 0 {
			t.Errorf("after two processes: %v differ (%v)", comparison.Results, err)
		}
	}
	t.Logf("figure: %d pairs of processes on one folder, killed; each folder was finished as if by one, bit for bit", pairs)
}

// runAndKill starts a command, kills it after some time, and returns what it wrote until then.
func runAndKill(t *testing.T, command *exec.Cmd, moment time.Duration) (output string, err error) {
	t.Helper()
	var text bytes.Buffer
	command.Stderr = &text
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(moment, func() { _ = command.Process.Kill() })
	defer timer.Stop()
	err = command.Wait()
	return text.String(), err
}
