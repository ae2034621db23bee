//go:build unix

package training_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dismax-go/dismax/dismaxlib/training"
	"github.com/dismax-go/dismax/internal/atomicfile"
)

// What TestTrainingChild, in a process of its own, is told by its environment.
const (
	childFolder = "DISMAX_TRAINING_CHILD" // train into this folder
	childLimit  = "DISMAX_TRAINING_LIMIT" // from the second epoch on, no file may be larger than this
)

// eachStep returns a training that keeps its best checkpoint and writes one after every step.
func eachStep(t *testing.T, folder string) training.Config {
	c := validated(t, folder, 3, 1, 2, 2)
	c.CheckpointEvery = time.Nanosecond
	return c
}

// TestTrainingChild is what the other tests of this file run as a process. It writes a line for every step.
func TestTrainingChild(t *testing.T) {
	folder := os.Getenv(childFolder)
	if folder == "" {
		t.Skip("only as a process of its own")
	}
	c := eachStep(t, folder)
	c.Watchers = []training.Watcher{{Step: func(s training.Step) {
		os.Stdout.WriteString("step\n")
		if limit, err := strconv.ParseUint(os.Getenv(childLimit), 10, 64); err == nil && s.Epoch == 2 {
			if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
				t.Fatal(err)
			}
		}
	}}}
	mustRun(t, c)
}

// child returns the command that trains into the folder.
func child(folder string, environment ...string) *exec.Cmd {
	command := exec.Command(os.Args[0], "-test.run=^TestTrainingChild$")
	command.Env = append(append(os.Environ(), childFolder+"="+folder), environment...)
	return command
}

// TestAKilledTrainingFinishesAsIfNothingHadHappened kills trainings at random moments, DISMAX_KILLS times, and goes on
// with them until they finish.
func TestAKilledTrainingFinishesAsIfNothingHadHappened(t *testing.T) {
	kills := 30
	if text := os.Getenv("DISMAX_KILLS"); text != "" {
		var err error
		if kills, err = strconv.Atoi(text); err != nil {
			t.Fatalf("DISMAX_KILLS: %v", err)
		}
	}
	want := eachStep(t, t.TempDir())
	wantHistory := mustRun(t, want)
	random := rand.New(rand.NewPCG(uint64(kills), 1))
	killed, halves, finished := 0, 0, 0
	for killed < kills {
		folder := t.TempDir()
		for killed < kills && killedAtRandom(t, folder, random) {
			killed++
			if slices.ContainsFunc(names(t, folder), func(name string) bool { return atomicfile.Unfinished(name) != "" }) {
				halves++
			}
		}
		if output, err := child(folder).CombinedOutput(); err != nil {
			t.Fatalf("after %d kills: %v\n%s", killed, err, output)
		}
		finished++
		checkFinished(t, folder, want, wantHistory)
	}
	t.Logf("figure: %d kills in %d trainings, %d of them within a checkpoint: each training ended as the uninterrupted one, "+
		"bit for bit", killed, finished, halves)
}

// killedAtRandom trains into the folder and kills the process after a random number of steps and some milliseconds. It
// reports whether the process died of that.
func killedAtRandom(t *testing.T, folder string, random *rand.Rand) bool {
	t.Helper()
	command := child(folder)
	output, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(output)
	for range random.IntN(20) {
		lines.Scan()
	}
	time.Sleep(time.Duration(random.IntN(20_000)) * time.Microsecond)
	if err := command.Process.Signal(syscall.SIGKILL); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, output); err != nil {
		t.Fatal(err)
	}
	err = command.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
		return true
	}
	if err != nil {
		t.Fatalf("the training failed by itself: %v", err)
	}
	return false
}

// checkFinished makes sure that the finished run in the folder has the variables and losses of the uninterrupted one.
func checkFinished(t *testing.T, folder string, want training.Config, wantHistory *training.History) {
	t.Helper()
	checkEqual(t, "finished", variables(t, mustWeights(t, folder)), variables(t, mustWeights(t, want.Folder)))
	best, err := training.BestWeights(folder)
	if err != nil {
		t.Fatal(err)
	}
	wantBest, err := training.BestWeights(want.Folder)
	if err != nil {
		t.Fatal(err)
	}
	checkEqual(t, "best", variables(t, best), variables(t, wantBest))
	history := mustRun(t, eachStep(t, folder))
	for i, epoch := range history.Epochs {
		if epoch.Loss != wantHistory.Epochs[i].Loss || *epoch.Validation != *wantHistory.Epochs[i].Validation {
			t.Errorf("epoch %d has %v, want %v", i+1, epoch, wantHistory.Epochs[i])
		}
	}
	if len(history.Epochs) != len(wantHistory.Epochs) {
		t.Errorf("%d epochs, want %d", len(history.Epochs), len(wantHistory.Epochs))
	}
	if left := names(t, folder); len(left) > 4 {
		t.Errorf("the folder has %v; want the lock and three checkpoints at most", left)
	}
}

func TestAFullDiskLeavesTheLastCheckpoint(t *testing.T) {
	folder := t.TempDir()
	output, err := child(folder, childLimit+"=1000").CombinedOutput()
	if err == nil || !strings.Contains(string(output), "saving a checkpoint: writing "+folder) {
		t.Fatalf("error %v, output:\n%s\nwant an error about saving a checkpoint", err, output)
	}
	store, err := training.Weights(folder)
	if err != nil {
		t.Fatal(err)
	}
	if step := store.GetVariable("/global_step").MustValue().Value(); step != int64(10) {
		t.Errorf("the last checkpoint is of step %v; want 10, the end of the first epoch", step)
	}
	mustRun(t, eachStep(t, folder))
}

func TestAFolderThatCannotBeWrittenIsOneClearLine(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may write everywhere; TestWithoutPermissionARunEndsAndGoesOnWithIt runs as another user")
	}
	folder := t.TempDir()
	if err := os.Chmod(folder, 0o555); err != nil {
		t.Fatal(err)
	}
	_, err := training.Run(context.Background(), config(t, folder))
	if err == nil || !strings.Contains(err.Error(), folder) || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v; want one line that names the folder", err)
	}
}
