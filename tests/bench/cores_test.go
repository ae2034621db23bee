package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dismax-go/dismax/internal/bench"
	"github.com/dismax-go/dismax/internal/cores"
)

// exampleCores is a record of one network, whose third round went wrong on one core.
func exampleCores() *coresRecord {
	n := coresNetwork{Case: bench.Case{Model: "resnet20", Batch: 32, Loss: "dismax"}}
	for round, oneCore := range []float64{0.1, 0.1, 0.9} {
		n.Measured = append(n.Measured,
			processes{Cores: 1, AtOnce: 1, Round: round + 1, TrainSeconds: []float64{oneCore}, InferenceSeconds: []float64{.02}},
			processes{Cores: 2, AtOnce: 1, Round: round + 1, TrainSeconds: []float64{.05}, InferenceSeconds: []float64{.016}},
			processes{Cores: 2, AtOnce: 2, Round: round + 1, TrainSeconds: []float64{.09, .11}, InferenceSeconds: []float64{1, 1}})
	}
	for _, step := range []string{trainingStep, inferenceStep} {
		n.Simulated = append(n.Simulated,
			simulation{Step: step, Cores: 1, RecordedSeconds: 0.1, Seconds: 0.1, SerialSeconds: 0.1},
			simulation{Step: step, Cores: 4, RecordedSeconds: 0.12, Seconds: 0.04, SerialSeconds: 0.01, DelegatedSeconds: 0.004, OutsideSeconds: 0.003,
				Worst: []kernelLoss{{"direct.(*Forward).Run[32 32 32 16]", 7, 5, 0.002, 0.0005}}})
	}
	return &coresRecord{
		Machine: machine{Processor: "mine, 2 cores"}, Session: session{LoadBefore: 0.1, LoadAfter: 0.8},
		Versions: "dismax v1", Networks: []coresNetwork{n},
	}
}

func TestTheTableOfCoresHasMediansOfRatios(t *testing.T) {
	var out strings.Builder
	if err := exampleCores().writeTable(&out); err != nil {
		t.Fatal(err)
	}
	const want = `
                step  1 core s  2 cores     4  serial  beside
  resnet20:32  train     0.100     2.00  2.50   10.0%    2.00
  resnet20:32  infer    0.0200     1.25  2.50   10.0%       -
`
	if got := "\n" + strings.Split(out.String(), "\n\n")[0] + "\n"; got != want {
		t.Errorf("got%swant%s", got, want)
	}
	const worst = `resnet20:32, training on 4 cores: 40.0 ms, of which serial 10.0: GoMLX's
  operations 4.0, outside of the backend 3.0, the rest between the tasks of
  kernels. Shared worst:
ms lost   of ms  kernels x tasks
   0.50    2.00    7 x   5  direct.(*Forward).Run[32 32 32 16]
`
	if !strings.Contains(out.String(), worst) {
		t.Errorf("got\n%s\nwant in it\n%s", out.String(), worst)
	}
	const row = "| ResNet-20, batch 32 | training | 0.100 | 2.00 | 2.50 | 10.0% | 2.00 |\n|  | inference |"
	if got := exampleCores().markdown(); !strings.Contains(got, row) {
		t.Errorf("got\n%s\nwant in it\n%s", got, row)
	}
}

func TestTwoTrainingsThatStarveEachOtherAreAnError(t *testing.T) {
	r := exampleCores()
	var out strings.Builder
	if err := r.verdict(&out); err != nil || !strings.HasPrefix(out.String(), keptMark) {
		t.Errorf("2 times: got error %v and %q, want the bar kept", err, out.String())
	}
	for i := range r.Networks[0].Measured {
		if p := &r.Networks[0].Measured[i]; p.AtOnce == 2 {
			p.TrainSeconds = []float64{.15, .15}
		}
	}
	out.Reset()
	if err := r.verdict(&out); err == nil || !strings.Contains(out.String(), "3.00 times one alone (at most 2.1)") {
		t.Errorf("3 times: got error %v and %q, want the bar missed", err, out.String())
	}
}

func TestProcessesRunOnOneCoreOnTwoAndAtOnce(t *testing.T) {
	seen := filepath.Join(t.TempDir(), "seen")
	count := fmt.Sprintf("echo $1 $GOMAXPROCS >>%s\n", seen)
	command := coresCommand{
		Rounds: 1, Repeats: 1, Only: []string{"resnet8:2"}, Simulate: []int{2}, TimeLimit: time.Minute,
		Out: filepath.Join(t.TempDir(), "new", "cores.json"),
		Program: script(t, count+`echo '{"format": 1, "results": [{"losses": [2, 1], "train": {"wall_seconds": 0.5},
			"inference": {"wall_seconds": 0.1}}]}'`),
		Recorder: script(t, count+`echo '[{"step": "training", "cores": 1, "recorded_seconds": 1, "seconds": 1},
			{"step": "training", "cores": 2, "recorded_seconds": 1, "seconds": 0.5}]'`),
	}
	var out strings.Builder
	if err := command.Run(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{command.Out, markdownFile(command.Out)} {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
	if got, want := lineCount(t, seen), 3+1; got < want { // and one more with more than two cores
		t.Errorf("%d processes were started, want at least %d", got, want)
	}
	content, _ := os.ReadFile(seen)
	if got := strings.Fields(string(content)); got[0] != "bench" || got[1] != "1" || !slices.Equal(got[len(got)-2:], []string{"tasks", "1"}) {
		t.Errorf("got processes\n%s\nwant the first on one core, and the last to record tasks on one", content)
	}
	command.Recorder = script(t, "echo out of luck >&2; exit 3")
	if err := command.Run(t.Context(), &out); err == nil || !strings.Contains(err.Error(), "out of luck") {
		t.Errorf("got error %v, want that of the recording", err)
	}
}

func TestStepsAreRecordedForEachNumberOfCoresInTurn(t *testing.T) {
	s := &stepRecorder{numbers: []int{1, 4}, warmup: 2, steps: 4}
	s.start(0)
	defer cores.Stop()
	for _, training := range []bool{true, false} {
		for number := range s.warmup + s.steps {
			recording := cores.Current()
			recording.Kernel(func() { recording.Run(func() string { return "kernel" }, 3, func(int) {}) })
			s.take(bench.Step{Training: training, Number: number, Wall: time.Second})
		}
	}
	var got []string
	for _, r := range s.recorded {
		got = append(got, fmt.Sprintf("%s %d %d", stepName(r.training), r.cores, len(r.work.Kernels)))
	}
	want := []string{"training 1 1", "training 4 1", "training 1 1", "training 4 1",
		"inference 1 1", "inference 4 1", "inference 1 1", "inference 4 1"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, made := range s.simulations() {
		if made.Sections != 1 || made.Tasks != 3 || made.Seconds <= 0 || made.Seconds > made.RecordedSeconds ||
			made.RecordedSeconds > 1 {
			t.Errorf("got %+v, want a section of three tasks in a step of a second", made)
		}
	}
}
