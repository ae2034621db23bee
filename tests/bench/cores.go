package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dismax-go/dismax/internal/bench"
)

// coresCommand is "bench cores".
type coresCommand struct {
	Rounds    int           `default:"3" help:"Times that everything is measured in turn; medians count. Default: ${default}."`
	Only      []string      `placeholder:"MODEL[:BATCH]" help:"Networks: ${networks}, or any other. Default: those of one batch size each."`
	Simulate  []int         `default:"2,4,8,16" placeholder:"N" help:"Numbers of cores that are simulated. Default: ${default}."`
	Steps     int           `placeholder:"N" help:"Steps that are timed in each process. Default: what takes a quarter of a minute."`
	Repeats   int           `default:"5" help:"Steps that are recorded for each simulated number of cores. Default: ${default}."`
	TimeLimit time.Duration `default:"5m" help:"What a process may take. Default: ${default}."`
	Program   string        `placeholder:"FILE" help:"The dismax program. Default: it is built."`
	Recorder  string        `hidden:""` // what has the command "tasks"; this program by default
	Out       string        `default:"reports/out/cores.json" placeholder:"FILE" help:"The record; its table goes beside it, as Markdown. Default: ${default}."`
}

// Run measures and simulates one network after the other, and writes the record after each.
func (c *coresCommand) Run(ctx context.Context, out io.Writer) error {
	if c.Rounds < 1 || c.Repeats < 1 || c.Steps < 0 || len(c.Simulate) == 0 || slices.Min(c.Simulate) < 2 {
		return fmt.Errorf("--rounds %d --repeats %d --steps %d --simulate %v: at least 1 round, 1 repeat, no fewer than "+
			"0 steps and a number of cores from 2 are needed", c.Rounds, c.Repeats, c.Steps, c.Simulate)
	}
	chosen, err := chooseWorkloads(c.Only, "dismax", c.Steps)
	if err != nil {
		return err
	}
	if c.Program == "" {
		folder, err := os.MkdirTemp("", "dismax-bench")
		if err != nil {
			return fmt.Errorf("making a folder for the dismax program: %w", err)
		}
		defer os.RemoveAll(folder)
		if c.Program, err = buildDisMax(ctx, folder); err != nil {
			return err
		}
	}
	warnIfBusy(bench.Load())
	r := newCoresRecord()
	for _, w := range chosen {
		fmt.Fprintf(os.Stderr, "measuring %s\n", w.Case)
		n, err := c.network(ctx, w, r)
		if err != nil {
			return fmt.Errorf("%s: %w", w.Case, err)
		}
		r.Networks = append(r.Networks, *n)
		if err := r.write(c.Out); err != nil {
			return err
		}
	}
	if err := r.writeTable(out); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nrecord: %s\ntable: %s\n\n", c.Out, markdownFile(c.Out))
	return r.verdict(out)
}

// network measures one network round by round, so that what is compared is close together in time, and simulates it.
func (c *coresCommand) network(ctx context.Context, w workload, r *coresRecord) (*coresNetwork, error) {
	n := &coresNetwork{Case: w.Case}
	all := runtime.GOMAXPROCS(0)
	for round := 1; round <= c.Rounds; round++ {
		for _, cores := range slices.Compact(slices.Sorted(slices.Values([]int{1, min(2, all), all}))) {
			if err := c.measure(ctx, w, r, n, processes{Cores: cores, AtOnce: 1, Round: round}); err != nil {
				return nil, err
			}
		}
		if err := c.measure(ctx, w, r, n, processes{Cores: all, AtOnce: 2, Round: round}); err != nil {
			return nil, err
		}
	}
	var err error
	n.Simulated, err = c.simulated(ctx, w)
	return n, err
}

// measure runs equal processes at once and adds what each of them measured.
func (c *coresCommand) measure(ctx context.Context, w workload, r *coresRecord, n *coresNetwork, p processes) error {
	e := ourEngine(c.Program, "goconv", "cpu")
	anyCores := e.command
	e.command = func(ctx context.Context, j job) *exec.Cmd {
		command := anyCores(ctx, j)
		command.Env = append(command.Env, fmt.Sprintf("GOMAXPROCS=%d", p.Cores))
		return command
	}
	made := make([]measurement, p.AtOnce)
	var group sync.WaitGroup
	for i := range made {
		group.Go(func() {
			made[i] = e.measure(ctx, job{Case: w.Case, Precision: "float32", Warmup: warmup, Steps: w.steps}, c.TimeLimit)
		})
	}
	group.Wait()
	if ctx.Err() != nil {
		return fmt.Errorf("stopped: %w", ctx.Err())
	}
	for _, m := range made {
		if m.Result == nil {
			return errors.New(m.Failure)
		}
		p.TrainSeconds = append(p.TrainSeconds, trainSeconds(m.Result))
		p.InferenceSeconds = append(p.InferenceSeconds, inferenceSeconds(m.Result))
		r.Versions = m.Versions
	}
	n.Measured = append(n.Measured, p)
	return nil
}

// simulated starts this program once more, on one core, to record the tasks of the network's steps.
func (c *coresCommand) simulated(ctx context.Context, w workload) ([]simulation, error) {
	recorder := c.Recorder
	if recorder == "" {
		var err error
		if recorder, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("finding this program: %w", err)
		}
	}
	limited, cancel := context.WithTimeout(ctx, c.TimeLimit)
	defer cancel()
	child := exec.CommandContext(limited, recorder, "tasks", w.Case.String(), fmt.Sprintf("--repeats=%d", c.Repeats),
		"--simulate="+strings.Trim(strings.ReplaceAll(fmt.Sprint(c.Simulate), " ", ","), "[]"))
	child.Env = append(os.Environ(), "GOMAXPROCS=1")
	printed, err := output(child)
	if err != nil {
		return nil, fmt.Errorf("recording tasks: %w", err)
	}
	return decodeSimulations(printed)
}

// ratio is the median over the rounds of what two sets of processes took for a training or inference step.
func (n *coresNetwork) ratio(of, to func(*processes) bool, value func(*processes) []float64) float64 {
	var ratios []float64
	for i := range n.Measured {
		for j := range n.Measured {
			a, b := &n.Measured[i], &n.Measured[j]
			if of(a) && to(b) && a.Round == b.Round {
				ratios = append(ratios, bench.Median(value(a))/bench.Median(value(b)))
			}
		}
	}
	return bench.Median(ratios)
}
