package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"time"

	"github.com/dismax-go/dismax/internal/bench"
)

// stressCommand is "bench stress".
type stressCommand struct {
	Processes int           `default:"200" help:"Processes to start, one after the other. Default: ${default}."`
	Steps     int           `default:"20" help:"Training steps of each. Default: ${default}."`
	Models    []string      `default:"resnet8:16,densenet-bc-40:4,wideresnet-10-1:8,resnet20:8" placeholder:"MODEL:BATCH" help:"What they train in turn. Default: ${default}."`
	Loss      []string      `default:"dismax,dismax-fpr,softmax" placeholder:"NAME" help:"Heads and losses, in turn. Default: ${default}."`
	Seeds     int64         `default:"2" help:"Seeds, in turn: 1 to this. Default: ${default}."`
	Cores     []int         `default:"0,3,6" placeholder:"N" help:"GOMAXPROCS of the processes, in turn; 0 leaves it as it is. Default: ${default}."`
	Limit     time.Duration `default:"2m" help:"A process that takes longer hangs; its goroutines are shown. Default: ${default}."`
	Backend   string        `default:"goconv" placeholder:"CONFIG" help:"Compute backend. Default: ${default}."`
}

// stressed is what a process of the stress does; equal ones must have equal losses, on however many cores.
type stressed struct {
	bench.Case
	seed int64
}

// Run starts the processes.
func (c *stressCommand) Run(ctx context.Context) error {
	folder, err := os.MkdirTemp("", "dismax-bench")
	if err != nil {
		return fmt.Errorf("making a folder for the dismax program: %w", err)
	}
	defer os.RemoveAll(folder)
	program, err := buildDisMax(ctx, folder)
	if err != nil {
		return err
	}
	start := time.Now()
	summary, err := c.stress(ctx, program, func(line string) { fmt.Fprintln(os.Stderr, line) })
	if summary != nil {
		fmt.Printf("%s, %.0f s, load %.1f\n", summary, time.Since(start).Seconds(), bench.Load())
	}
	return err
}

// stressSummary counts what happened.
type stressSummary struct {
	processes, hung, crashed, different int
	kinds                               int // of training
}

func (s *stressSummary) String() string {
	return fmt.Sprintf("%d processes of %d kinds: %d hung, %d crashed, %d with other losses than their equals",
		s.processes, s.kinds, s.hung, s.crashed, s.different)
}

// errHung is wrapped by the error of a process that took longer than the limit.
var errHung = errors.New("hung")

// stress runs the processes and reports trouble to the log. Its error says that there was some.
func (c *stressCommand) stress(ctx context.Context, program string, log func(line string)) (*stressSummary, error) {
	kinds, err := c.kinds()
	if err != nil {
		return nil, err
	}
	turns := (c.Processes + len(c.Cores) - 1) / len(c.Cores) // of all numbers of cores
	summary := &stressSummary{kinds: min(len(kinds), turns)}
	losses := map[stressed][]float64{}
	for i := range c.Processes {
		kind, cores := kinds[i/len(c.Cores)%len(kinds)], c.Cores[i%len(c.Cores)]
		got, err := c.train(ctx, program, kind, cores)
		if ctx.Err() != nil {
			return summary, fmt.Errorf("stopped after %d processes: %w", i, ctx.Err())
		}
		summary.processes++
		want, before := losses[kind]
		switch {
		case errors.Is(err, errHung):
			summary.hung++
		case err != nil:
			summary.crashed++
		case before && !slices.Equal(got, want):
			summary.different++
			err = fmt.Errorf("losses %v, before they were %v", got, want)
		case !before:
			losses[kind] = got
		}
		if err != nil {
			log(fmt.Sprintf("process %d, %s with %s, seed %d, GOMAXPROCS %d: %v",
				i+1, kind.Case, kind.Loss, kind.seed, cores, err))
		}
		if (i+1)%20 == 0 {
			log(fmt.Sprintf("%d of %d processes", i+1, c.Processes))
		}
	}
	if summary.hung+summary.crashed+summary.different > 0 {
		return summary, errors.New("the stress found trouble")
	}
	return summary, nil
}

// kinds lists the trainings.
func (c *stressCommand) kinds() ([]stressed, error) {
	cases, err := bench.ParseCases(c.Models, c.Loss)
	if err != nil {
		return nil, err
	}
	if len(c.Cores) == 0 || slices.Min(c.Cores) < 0 {
		return nil, fmt.Errorf("cores %v: at least one number is needed, and none below 0", c.Cores)
	}
	var kinds []stressed
	for seed := int64(1); seed <= c.Seeds; seed++ {
		for _, one := range cases {
			kinds = append(kinds, stressed{one, seed})
		}
	}
	if len(kinds) == 0 {
		return nil, fmt.Errorf("%d seeds: at least 1 is needed", c.Seeds)
	}
	return kinds, nil
}

// train trains in a process on a number of cores, 0 for what it finds, and returns its losses.
func (c *stressCommand) train(ctx context.Context, program string, kind stressed, cores int) ([]float64, error) {
	limited, cancel := context.WithTimeout(ctx, c.Limit)
	defer cancel()
	process := exec.CommandContext(limited, program, "bench", "--here", "--no-inference", "--warmup=0",
		"--backend="+c.Backend, "--models="+kind.String(), "--loss="+kind.Loss,
		fmt.Sprintf("--steps=%d", c.Steps), fmt.Sprintf("--seed=%d", kind.seed))
	if cores > 0 {
		process.Env = append(os.Environ(), fmt.Sprintf("GOMAXPROCS=%d", cores))
	}
	// A Go program that gets this signal prints the stacks of its goroutines and ends.
	process.Cancel = func() error { return process.Process.Signal(syscall.SIGQUIT) }
	process.WaitDelay = 5 * time.Second
	var problems bytes.Buffer
	process.Stderr = &problems
	printed, err := process.Output()
	if err != nil {
		if limited.Err() != nil {
			return nil, fmt.Errorf("%w for %s\n%s", errHung, c.Limit, problems.Bytes())
		}
		return nil, fmt.Errorf("%w\n%s", err, problems.Bytes())
	}
	r, err := bench.Decode(printed)
	if err != nil {
		return nil, err
	}
	return r.Results[0].Losses, nil
}
