//go:build unix

package grid_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/cli"
	"github.com/dismax-go/dismax/dismaxlib/experiment/grid"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/models"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/model"
)

// A backbone that trains in a moment: these tests are about runs, not about layers.
func init() {
	models.Register(&models.Model{
		Name: "tiny", Title: "A tiny network", ImageSize: 32, Features: 8,
		Backbone: func(scope *model.Scope, images *graph.Node) *graph.Node {
			pooled := graph.MeanPool(images).Window(8).Done()
			return graph.Tanh(layers.Dense(scope, graph.Reshape(pooled, images.Shape().Dim(0), -1), true, 8))
		},
	})
}

// asProgram makes the test program the command dismax, with the tiny backbone.
const asProgram = "DISMAX_GRID_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(cli.Main(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// dismax prepares the command in a process of its own.
func dismax(t *testing.T, args ...string) *exec.Cmd {
	command := exec.CommandContext(t.Context(), os.Args[0], args...)
	command.Env = append(os.Environ(), asProgram+"=1", "DISMAX_DATA=", "DISMAX_OFFLINE=1")
	if os.Getenv("GOMLX_BACKEND") == "" {
		command.Env = append(command.Env, "GOMLX_BACKEND=goconv")
	}
	return command
}

// threeRuns is a grid of three runs of a second or so; epochs may be many, for runs that are killed.
func threeRuns(t *testing.T, epochs int, more string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "three.json")
	content := fmt.Sprintf(`{"runs": [{"dataset": "synthetic", "model": "tiny", "loss": ["softmax", "dismax", "dismax-fpr"],
		"seed": 1, "epochs": %d, "train_limit": 160, "test_limit": 60, "batch_size": 16}%s]}`, epochs, more)
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// command are the arguments of a verb of dismax grid.
func command(verb, file, out string, more ...string) []string {
	return append([]string{"grid", verb, file, "--scale", "smoke", "--out", out}, more...)
}

// do runs the verb and returns what it printed and its exit status.
func do(t *testing.T, verb, file, out string, more ...string) (printed string, status int) {
	t.Helper()
	process := dismax(t, command(verb, file, out, more...)...)
	text, err := process.CombinedOutput()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(text), process.ProcessState.ExitCode()
}

// succeed runs the verb and fails the test unless it succeeds.
func succeed(t *testing.T, verb, file, out string, more ...string) string {
	t.Helper()
	printed, status := do(t, verb, file, out, more...)
	if status != 0 {
		t.Fatalf("grid %s: exit status %d\n%s", verb, status, printed)
	}
	return printed
}

// checkStatus compares the phases of the runs, and the summary.
func checkStatus(t *testing.T, when, file, out string, want ...grid.Phase) {
	t.Helper()
	printed := succeed(t, "status", file, out, "--no-measure")
	var got []grid.Phase
	for line := range strings.Lines(printed) {
		if fields := strings.Fields(line); len(fields) > 2 && strings.HasPrefix(fields[len(fields)-1], "synthetic-") {
			got = append(got, grid.Phase(fields[1]))
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("status %s: got %v, want %v\n%s", when, got, want, printed)
	}
}

// records reads the records of the grid's runs.
func records(t *testing.T, file, out string) []*record.Record {
	t.Helper()
	named, err := grid.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	runs, err := named.Runs(scaleNamed(t, "smoke"))
	if err != nil {
		t.Fatal(err)
	}
	all, err := grid.Records(out, runs)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// session is a process that runs a grid.
type session struct {
	*exec.Cmd
	pipe    io.Reader
	printed bytes.Buffer // so far
}

// start runs the grid until it has printed that many epochs of the run of that number, counted from 1 in the process,
// and then halts it.
func start(t *testing.T, file, out string, run, epochs int, more ...string) *session {
	t.Helper()
	s := &session{Cmd: dismax(t, command("run", file, out, more...)...)}
	pipe, err := s.StderrPipe()
	if err == nil {
		err = s.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	s.pipe = pipe
	lines := bufio.NewScanner(io.TeeReader(pipe, &s.printed))
	for seen := 0; seen < epochs; {
		if !lines.Scan() {
			t.Fatalf("it ended early:\n%s", s.printed.String())
		}
		switch line := lines.Text(); {
		case strings.HasPrefix(line, "run "):
			run--
		case strings.HasPrefix(line, "epoch ") && run == 0:
			seen++
		}
	}
	s.signal(t, syscall.SIGSTOP)
	return s
}

func (s *session) signal(t *testing.T, signal os.Signal) {
	t.Helper()
	if err := s.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

// kill ends the process at once.
func (s *session) kill(t *testing.T) {
	t.Helper()
	s.signal(t, syscall.SIGKILL)
	if err := s.Wait(); err == nil {
		t.Fatal("the process ended before it was killed")
	}
}

// finish lets the process go on to its end, and returns all that it printed.
func (s *session) finish(t *testing.T) string {
	t.Helper()
	s.signal(t, syscall.SIGCONT)
	if _, err := io.Copy(&s.printed, s.pipe); err != nil {
		t.Fatal(err)
	}
	if err := s.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, s.printed.String())
	}
	return s.printed.String()
}

// checkSame compares the networks and losses of two lists of records.
func checkSame(t *testing.T, got, want []*record.Record) {
	t.Helper()
	if len(got) != 3 || len(want) != 3 {
		t.Fatalf("got %d and %d records, want three of each", len(got), len(want))
	}
	for i := range want {
		g, w := got[i], want[i]
		if g.Model.WeightsSHA256 != w.Model.WeightsSHA256 || g.Test.After.NLL != w.Test.After.NLL {
			t.Errorf("run %d: weights %s and NLL %g, want %s and %g", i, g.Model.WeightsSHA256, g.Test.After.NLL,
				w.Model.WeightsSHA256, w.Test.After.NLL)
		}
		for epoch := range w.Epochs {
			if g.Epochs[epoch].Loss != w.Epochs[epoch].Loss {
				t.Errorf("run %d, epoch %d: loss %g, want %g", i, epoch+1, g.Epochs[epoch].Loss, w.Epochs[epoch].Loss)
			}
		}
	}
}

// Each of three kills hits another run, while it trains.
func TestAKilledGridEndsAsIfNothingHadHappened(t *testing.T) {
	file, out, untouched := threeRuns(t, 30, ""), t.TempDir(), t.TempDir()
	const unstarted, running, stopped, finished = grid.Unstarted, grid.Running, grid.Stopped, grid.Finished
	checkStatus(t, "before", file, out, unstarted, unstarted, unstarted)
	first := start(t, file, out, 1, 3)
	checkStatus(t, "in the first run", file, out, running, unstarted, unstarted)
	first.kill(t)
	checkStatus(t, "after a kill", file, out, stopped, unstarted, unstarted)
	start(t, file, out, 2, 3).kill(t)
	checkStatus(t, "after two kills", file, out, finished, stopped, unstarted)
	start(t, file, out, 2, 3).kill(t)
	checkStatus(t, "after three kills", file, out, finished, finished, stopped)
	succeed(t, "run", file, out)
	checkStatus(t, "after", file, out, finished, finished, finished)
	if printed := succeed(t, "run", file, out); !strings.Contains(printed, "all runs are finished") {
		t.Errorf("a finished grid says %q", printed)
	}
	succeed(t, "run", file, untouched)
	all := records(t, file, out)
	checkSame(t, all, records(t, file, untouched))
	for i, r := range all {
		if r.Resumed != 1 {
			t.Errorf("run %d was continued %d times, want once", i, r.Resumed)
		}
	}
	printed := succeed(t, "report", file, out)
	if _, err := os.Stat(filepath.Join(out, "report", "report.html")); err != nil || !strings.Contains(printed, "DisMax + FPR") {
		t.Errorf("the report (%v) says\n%s", err, printed)
	}
	below, err := dismax(t, "report", out, "--out", t.TempDir()).Output()
	if err != nil || !strings.Contains(string(below), "DisMax + FPR") {
		t.Errorf("a report of the runs below the folder: %v\n%s", err, below)
	}
}

// The first process halts in its first run, which the second leaves to it.
func TestTwoProcessesShareAGrid(t *testing.T) {
	file, out := threeRuns(t, 20, ""), t.TempDir()
	first := start(t, file, out, 1, 3)
	second := succeed(t, "run", file, out)
	checkStatus(t, "after the second process", file, out, grid.Running, grid.Finished, grid.Finished)
	for line, count := range map[string]int{"index 0: another process's": 1, ": done": 2} {
		if got := strings.Count(second, line); got != count {
			t.Errorf("the second process says %q %d times, want %d:\n%s", line, got, count, second)
		}
	}
	printed := first.finish(t)
	for line, count := range map[string]int{": done": 1, ": finished before": 2} {
		if got := strings.Count(printed, line); got != count {
			t.Errorf("the first process says %q %d times, want %d:\n%s", line, got, count, printed)
		}
	}
	checkStatus(t, "after both", file, out, grid.Finished, grid.Finished, grid.Finished)
}

func TestProcessesThatStartAtOnceDoEachRunOnce(t *testing.T) {
	file, out := threeRuns(t, 5, ""), t.TempDir()
	var all sync.WaitGroup
	printed := make([]string, 3)
	for i := range printed {
		all.Go(func() {
			text, err := dismax(t, command("run", file, out)...).CombinedOutput()
			if printed[i] = string(text); err != nil {
				t.Errorf("%v\n%s", err, text)
			}
		})
	}
	all.Wait()
	if got := strings.Count(strings.Join(printed, ""), ": done"); got != 3 {
		t.Errorf("three runs were done %d times:\n%s", got, strings.Join(printed, "\n"))
	}
	checkStatus(t, "after all", file, out, grid.Finished, grid.Finished, grid.Finished)
}

// The run in front has fewer images than its batch.
func TestAFailedRunIsReportedAndTheOthersGoOn(t *testing.T) {
	const failing = `, {"dataset": "synthetic", "model": "tiny", "seed": 0, "train_limit": 160, "batch_size": 512}`
	file, out := threeRuns(t, 2, failing), t.TempDir()
	printed, status := do(t, "run", file, out)
	if status != 1 || !strings.Contains(printed, "1 of 4 runs failed") || strings.Count(printed, ": done") != 3 {
		t.Errorf("exit status %d, want 1 and three runs done:\n%s", status, printed)
	}
	checkStatus(t, "after", file, out, grid.Failed, grid.Finished, grid.Finished, grid.Finished)
	if text := succeed(t, "status", file, out, "--no-measure"); !strings.Contains(text, "cannot fill a batch") {
		t.Errorf("the status does not say why:\n%s", text)
	}
	printed, status = do(t, "run", file, out)
	if status != 1 || strings.Contains(printed, ": done") || !strings.Contains(printed, "cannot fill a batch") {
		t.Errorf("again: exit status %d, want 1 and the failed run tried alone:\n%s", status, printed)
	}
}

// The task of an array job.
func TestAnIndexDoesOneRunOnce(t *testing.T) {
	file, out := threeRuns(t, 20, ""), t.TempDir()
	first := start(t, file, out, 1, 3, "--index", "1")
	checkStatus(t, "in run 1", file, out, grid.Unstarted, grid.Running, grid.Unstarted)
	waiting := dismax(t, command("run", file, out, "--index", "1")...)
	pipe, err := waiting.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := waiting.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(pipe)
	for lines.Scan() && lines.Text() != "index 1: waiting for another process that has this run" {
	}
	if text := first.finish(t); !strings.Contains(text, "index 1: done") {
		t.Errorf("the first process says\n%s", text)
	}
	var after []string
	for lines.Scan() {
		after = append(after, lines.Text())
	}
	if err := waiting.Wait(); err != nil || !slices.Equal(after, []string{"index 1: finished before"}) {
		t.Errorf("the process that waits: %v, and it says %q", err, after)
	}
	checkStatus(t, "after", file, out, grid.Unstarted, grid.Finished, grid.Unstarted)
	before := records(t, file, out)[0].Created
	if text := succeed(t, "run", file, out, "--index", "1"); !strings.Contains(text, "all runs are finished") {
		t.Errorf("a finished index says %q", text)
	}
	if after := records(t, file, out)[0].Created; !after.Equal(before) {
		t.Error("a finished index was run again")
	}
	if text, status := do(t, "run", file, out, "--index", "3"); status != 2 || !strings.Contains(text, "runs 0 to 2") {
		t.Errorf("index 3 of three runs: status %d, %s", status, text)
	}
}

func TestRunsAreEvaluatedAgainWhenAsked(t *testing.T) {
	file, out := threeRuns(t, 1, ""), t.TempDir()
	succeed(t, "run", file, out, "--index", "0")
	printed := succeed(t, "run", file, out, "--index", "0", "--again")
	if !strings.Contains(printed, "index 0: done") || strings.Contains(printed, "epoch   1  loss") {
		t.Errorf("want an evaluation and no training, got\n%s", printed)
	}
	if printed := succeed(t, "run", file, out, "--index", "0"); !strings.Contains(printed, "all runs are finished") {
		t.Errorf("without --again: want that all is finished, got\n%s", printed)
	}
}
