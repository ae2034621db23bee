//go:build unix

package endtoend

import (
	"bytes"
	"fmt"
	"image/color"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// promptlyMeans is how long a command may go on after a signal: much less than its work would take.
const promptlyMeans = 5 * time.Second

// endsBy sends the signals to a command that runs, and returns its exit status, negative if a signal killed it, and what
// it wrote to standard error.
func endsBy(t *testing.T, command *exec.Cmd, problems *bytes.Buffer, signals ...syscall.Signal) int {
	t.Helper()
	for _, signal := range signals {
		if err := command.Process.Signal(signal); err != nil {
			t.Fatalf("it ended before the signal: %v\n%s", err, problems)
		}
		time.Sleep(100 * time.Millisecond)
	}
	sent := time.Now()
	_ = command.Wait()
	if took := time.Since(sent); took > promptlyMeans {
		t.Errorf("%v: it took %s to end", signals, took.Round(time.Millisecond))
	}
	if status := command.ProcessState.Sys().(syscall.WaitStatus); status.Signaled() {
		return -int(status.Signal())
	}
	return command.ProcessState.ExitCode()
}

// endingSignals are those that end a command, with its exit status: without SIGHUP where nohup runs these tests, since
// commands heed that.
func endingSignals(t *testing.T) map[syscall.Signal]int {
	t.Helper()
	all := map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143, syscall.SIGHUP: 129}
	if signal.Ignored(syscall.SIGHUP) {
		t.Log("SIGHUP is ignored here, and not tried")
		delete(all, syscall.SIGHUP)
	}
	return all
}

// startTraining starts a command and returns when it has trained for an epoch.
func startTraining(t *testing.T, command *exec.Cmd) {
	t.Helper()
	log, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, log, "epoch   1")
}

func TestASignalEndsATrainingThatGoesOnLater(t *testing.T) {
	for signal, want := range endingSignals(t) {
		folder := t.TempDir()
		args := smallRun(folder, "--epochs", "500")
		command := dismax(t, args...)
		startTraining(t, command)
		if got := endsBy(t, command, new(bytes.Buffer), signal); got != want {
			t.Errorf("%s: exit status %d, want %d", signal, got, want)
		}
		checkpoints, err := filepath.Glob(filepath.Join(folder, "checkpoint", "step-*"))
		if err != nil || len(checkpoints) == 0 {
			t.Errorf("%s: no checkpoint (%v)", signal, err)
		}
		if output := succeed(t, dismax(t, "verify", folder)); !strings.Contains(output, "ok ") {
			t.Errorf("%s: verify says\n%s", signal, output)
		}
	}
}

// TestASignalDuringOtherWorkEndsItAtOnce sends signals while images are read and asked about.
func TestASignalDuringOtherWorkEndsItAtOnce(t *testing.T) {
	root := t.TempDir()
	images, run, detector := filepath.Join(root, "images"), filepath.Join(root, "run"), filepath.Join(root, "x.dismax")
	large := pictureOf(color.White, 2000)
	for class := range 2 {
		folder := filepath.Join(images, fmt.Sprint(class))
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(folder, "first.png"), large)
		for i := range 1000 {
			if err := os.Link(filepath.Join(folder, "first.png"), filepath.Join(folder, fmt.Sprintf("%d.png", i))); err != nil {
				t.Fatal(err)
			}
		}
	}
	succeed(t, dismax(t, smallRun(run)...))
	succeed(t, dismax(t, "export", run, detector))
	for name, args := range map[string][]string{
		"reading of data": {"run", "--data", images, "--out", filepath.Join(root, "out")},
		"detect":          {"detect", detector, images},
	} {
		for signal, want := range endingSignals(t) {
			command := dismax(t, args...)
			var problems bytes.Buffer
			command.Stderr = &problems
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			if got := endsBy(t, command, &problems, signal); got != want {
				t.Errorf("%s, %s: exit status %d, want %d\n%s", name, signal, got, want, problems.String())
			}
		}
	}
}

func TestASecondSignalEndsTheProcessAtOnce(t *testing.T) {
	if signal.Ignored(syscall.SIGINT) { // as in the background of a script; a signal that is caught is none that commands ignore
		signal.Notify(make(chan os.Signal, 1), syscall.SIGINT)
		defer signal.Ignore(syscall.SIGINT)
	}
	command := dismax(t, smallRun(t.TempDir(), "--model", "wideresnet-28-10", "--batch-size", "128")...)
	var problems bytes.Buffer
	command.Stderr = &problems
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * time.Second) // within the first step, which takes long
	if got := endsBy(t, command, &problems, syscall.SIGINT, syscall.SIGINT); got != -int(syscall.SIGINT) {
		t.Errorf("exit status %d, want that SIGINT killed it\n%s", got, problems.String())
	}
}

// What ends a process may send SIGTERM several times: timeout(1) to the process and then to its group, Slurm at the
// beginning and the end of the time that it grants.
func TestSIGTERMAgainLetsACheckpointBeSaved(t *testing.T) {
	folder := t.TempDir()
	command := dismax(t, smallRun(folder, "--epochs", "500")...)
	startTraining(t, command)
	for range 20 {
		_ = command.Process.Signal(syscall.SIGTERM) // of the last ones it knows no more
		time.Sleep(time.Millisecond)
	}
	_ = command.Wait()
	if got, want := command.ProcessState.ExitCode(), 128+int(syscall.SIGTERM); got != want {
		t.Errorf("exit status %d, want %d", got, want)
	}
	if output := succeed(t, dismax(t, "verify", folder)); !strings.Contains(output, "ok ") {
		t.Errorf("verify says\n%s", output)
	}
}

func TestNohupKeepsATrainingFromSIGHUP(t *testing.T) {
	nohup, err := exec.LookPath("nohup")
	if err != nil {
		t.Skip("missing tool: nohup")
	}
	command := dismax(t, smallRun(t.TempDir(), "--epochs", "500")...)
	command.Path, command.Args = nohup, append([]string{"nohup"}, command.Args...)
	startTraining(t, command)
	if got := endsBy(t, command, new(bytes.Buffer), syscall.SIGHUP, syscall.SIGTERM); got != 143 {
		t.Errorf("exit status %d, want 143, of SIGTERM after a SIGHUP that does nothing", got)
	}
}
