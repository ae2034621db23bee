//go:build unix

package grid_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/experiment/grid"
)

// arrayTask prepares slurm/array.sh as Slurm starts it for task 1 of job 7, with the command dismax on PATH, and a
// scontrol that writes down what it is asked.
func arrayTask(t *testing.T, file, out string) (task *exec.Cmd, asked string) {
	t.Helper()
	folder := t.TempDir()
	asked = filepath.Join(folder, "asked")
	program, err := os.Executable()
	if err == nil {
		err = os.Symlink(program, filepath.Join(folder, "dismax"))
	}
	if err == nil {
		script := fmt.Sprintf("#!/bin/sh\necho \"$@\" >>'%s'\n", asked)
		err = os.WriteFile(filepath.Join(folder, "scontrol"), []byte(script), 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	task = exec.CommandContext(t.Context(), "bash", "slurm/array.sh", file, "smoke", out, "--offline")
	task.Env = append(dismax(t).Env, "PATH="+folder+":"+os.Getenv("PATH"), "SLURM_ARRAY_JOB_ID=7", "SLURM_ARRAY_TASK_ID=1")
	return task, asked
}

// Slurm sends SIGUSR1 to the script shortly before the time limit. When it takes the task off the node, it sends SIGTERM,
// where it tracks processes by cgroups to the script alone, elsewhere to all; and kills what is left once the script ends.
func TestAnArrayTaskThatIsEndedGoesOn(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("missing tool: bash")
	}
	for name, c := range map[string]struct {
		signal syscall.Signal
		all    bool
		asked  string
	}{
		"out of time":                 {signal: syscall.SIGUSR1, asked: "requeue 7_1\n"},
		"preempted":                   {signal: syscall.SIGTERM},
		"preempted, all told at once": {signal: syscall.SIGTERM, all: true},
	} {
		t.Run(name, func(t *testing.T) { endArrayTask(t, c.signal, c.all, c.asked) })
	}
}

// endArrayTask sends a signal to a task, or to all its processes, compares what it asks of scontrol, and starts it again.
func endArrayTask(t *testing.T, signal syscall.Signal, all bool, want string) {
	t.Helper()
	file, out := threeRuns(t, 60, ""), t.TempDir()
	task, asked := arrayTask(t, file, out)
	task.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	log, err := task.StderrPipe()
	if err == nil {
		err = task.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	var printed strings.Builder
	lines := bufio.NewScanner(io.TeeReader(log, &printed))
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "epoch ") {
	}
	told := task.Process.Pid
	if all {
		told = -told
	}
	if err := syscall.Kill(told, signal); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(&printed, log)
	_ = task.Wait()
	if got, want := task.ProcessState.ExitCode(), 128+int(syscall.SIGTERM); got != want {
		t.Errorf("exit status %d, want %d\n%s", got, want, printed.String())
	}
	if !strings.Contains(printed.String(), "goes on from the checkpoint") {
		t.Errorf("no checkpoint was saved:\n%s", printed.String())
	}
	if got, _ := os.ReadFile(asked); string(got) != want {
		t.Errorf("scontrol was asked %q, want %q", got, want)
	}
	checkStatus(t, "ended", file, out, grid.Unstarted, grid.Stopped, grid.Unstarted)

	again, asked := arrayTask(t, file, out)
	if output, err := again.CombinedOutput(); err != nil {
		t.Fatalf("requeued: %v\n%s", err, output)
	}
	if _, err := os.Stat(asked); err == nil {
		t.Error("a task that is done is requeued")
	}
	checkStatus(t, "requeued", file, out, grid.Unstarted, grid.Finished, grid.Unstarted)
	if all := records(t, file, out); len(all) != 1 || all[0].Resumed != 1 {
		t.Errorf("got %d records, want one of a run that went on once", len(all))
	}
}
