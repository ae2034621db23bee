package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/internal/bench"
	"github.com/dismax-go/dismax/internal/cores"
)

// tasksCommand is "bench tasks", which "bench cores" starts on one core.
type tasksCommand struct {
	Network  string `arg:"" help:"MODEL:BATCH."`
	Simulate []int  `default:"2,4,8,16" help:"Numbers of cores. Default: ${default}."`
	Repeats  int    `default:"5" help:"Steps for each number. Default: ${default}."`
}

// Run records steps split for one core, for the first simulated number of cores and so on in turn, and prints what the
// simulation makes of them as JSON.
func (c *tasksCommand) Run(ctx context.Context, out io.Writer) error {
	cases, err := bench.ParseCases([]string{c.Network}, []string{"dismax"})
	if err != nil {
		return err
	}
	opened, choice, err := backend.Open("goconv")
	if err != nil {
		return err
	}
	defer opened.Finalize()
	numbers := append([]int{1}, c.Simulate...)
	s := &stepRecorder{numbers: numbers, warmup: len(numbers), steps: c.Repeats * len(numbers)}
	s.start(0)
	defer cores.Stop()
	_, err = bench.Measure(ctx, opened, choice, cases[0],
		bench.Options{Warmup: s.warmup, Steps: s.steps, Inference: true, Seed: 1}, s.take)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(s.simulations())
}

// stepRecorder records steps, each split for the next of the numbers of cores.
type stepRecorder struct {
	numbers       []int
	warmup, steps int
	recorded      []recordedStep
}

type recordedStep struct {
	training bool
	cores    int
	elapsed  time.Duration
	work     cores.Work
}

func (s *stepRecorder) start(step int) { cores.Start(s.numbers[step%len(s.numbers)]) }

// take keeps a step that was measured, and begins the recording of the next one.
func (s *stepRecorder) take(step bench.Step) {
	recording := cores.Current()
	if work := recording.Take(); step.Number >= s.warmup {
		s.recorded = append(s.recorded, recordedStep{step.Training, recording.Cores(), cmp.Or(step.CPU, step.Wall), work})
	}
	s.start((step.Number + 1) % (s.warmup + s.steps))
}

// simulations sums up the steps of each kind and number of cores.
func (s *stepRecorder) simulations() (all []simulation) {
	for _, training := range []bool{true, false} {
		for _, number := range s.numbers {
			made := simulation{Step: stepName(training), Cores: number}
			var recorded, simulated, serial, delegated, outside []float64
			var last *recordedStep
			for i := range s.recorded {
				r := &s.recorded[i]
				if r.training != training || r.cores != number {
					continue
				}
				recorded = append(recorded, (r.elapsed - r.work.Overhead).Seconds())
				simulated = append(simulated, cores.Simulate(&r.work, r.elapsed, number).Seconds())
				serial = append(serial, cores.Serial(&r.work, r.elapsed).Seconds())
				delegated = append(delegated, r.work.Delegated.Seconds())
				outside = append(outside, cores.Outside(&r.work, r.elapsed).Seconds())
				last = r
			}
			made.RecordedSeconds, made.Seconds = bench.Median(recorded), bench.Median(simulated)
			made.SerialSeconds, made.DelegatedSeconds = bench.Median(serial), bench.Median(delegated)
			made.OutsideSeconds = bench.Median(outside)
			made.describe(last)
			all = append(all, made)
		}
	}
	return all
}

func stepName(training bool) string {
	if training {
		return trainingStep
	}
	return inferenceStep
}

// mostWorst is how many kinds of kernels are named.
const mostWorst = 8

// describe counts the sections of a step, and names the kernels that lose the most time.
func (m *simulation) describe(r *recordedStep) {
	for i := range r.work.Kernels {
		for _, section := range r.work.Kernels[i].Sections {
			m.Sections++
			m.Tasks += len(section)
		}
	}
	for _, l := range cores.Losses(&r.work, m.Cores) {
		if len(m.Worst) == mostWorst || l.Lost <= 0 {
			break
		}
		m.Worst = append(m.Worst, kernelLoss{l.Name, l.Kernels, l.Fewest, l.On.Seconds(), l.Lost.Seconds()})
	}
}

func decodeSimulations(printed []byte) (all []simulation, err error) {
	if err := json.Unmarshal(printed, &all); err != nil {
		return nil, fmt.Errorf("reading recorded tasks: %w", err)
	}
	return all, nil
}
