package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/dismax-go/dismax/internal/bench"
)

// engine is a program that can train and run the networks, in one of its modes.
type engine struct {
	name string
	// command prepares the process that measures a job and prints the result.
	command func(ctx context.Context, j job) *exec.Cmd
	// decode reads what the process printed, and the versions of what measured.
	decode func(printed []byte) (*bench.Result, string, error)
	// missing says why the engine cannot measure here; nil if it can.
	missing func() error
}

// The engines of PyTorch, of which the fastest counts.
var torchEngines = []string{"torch", "torch-channels-last", "torch-compile"}

// torchMode is what torch_reference.py calls the mode of a PyTorch engine.
func torchMode(name string) string {
	if mode, found := strings.CutPrefix(name, "torch-"); found {
		return mode
	}
	return "eager"
}

const (
	jaxEngine = "jax"
	// jaxlibPlugin is XLA's plugin that is made of the same XLA as JAX's, from the environment of the comparison.
	jaxlibPlugin = "xla:jaxlib"
)

// isOurs reports whether the engine of that name is dismax, on one of its backends.
func isOurs(name string) bool { return name != jaxEngine && !slices.Contains(torchEngines, name) }

// measure runs a process for the job. Its error is one line.
func (e *engine) measure(ctx context.Context, j job, limit time.Duration) measurement {
	made := measurement{job: j, Engine: e.name, Started: time.Now().UTC().Truncate(time.Second)}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	printed, err := output(e.command(limited, j))
	if limited.Err() != nil && ctx.Err() == nil {
		err = fmt.Errorf("took longer than %s", limit)
	}
	if err == nil {
		made.Result, made.Versions, err = e.decode(printed)
	}
	if err == nil {
		err = check(made.Result)
	}
	if err != nil {
		made.Result, made.Failure = nil, err.Error()
		return made
	}
	made.Result.Losses = nil
	return made
}

// check refuses a result of a training that went wrong.
func check(r *bench.Result) error {
	bad := func(loss float64) bool { return math.IsNaN(loss) || math.IsInf(loss, 0) }
	if len(r.Losses) == 0 || slices.ContainsFunc(r.Losses, bad) {
		return fmt.Errorf("its losses are %v", r.Losses)
	}
	return nil
}

// output runs a command and returns what it printed. The error holds the last line of its complaints, or that it was
// killed, which the system does when memory runs out.
func output(command *exec.Cmd) ([]byte, error) {
	var problems bytes.Buffer
	command.Stderr = &problems
	command.WaitDelay = 5 * time.Second // for processes of its own
	printed, err := command.Output()
	if err == nil {
		return printed, nil
	}
	if last := lastLine(problems.String()); last != "" {
		return nil, fmt.Errorf("%s (%w)", last, err)
	}
	return nil, err
}

func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return strings.TrimSpace(text[strings.LastIndex(text, "\n")+1:])
}

// sameNetwork says whether all results of a case are of networks with the same number of parameters.
func sameNetwork(measurements []measurement) error {
	var problems []error
	first := map[bench.Case]measurement{}
	for _, m := range measurements {
		if m.Result == nil {
			continue
		}
		if other, found := first[m.Case]; !found {
			first[m.Case] = m
		} else if m.Result.Parameters != other.Result.Parameters {
			problems = append(problems, fmt.Errorf("%s of %s has %d parameters, that of %s %d: they are different networks",
				m.Case, m.Engine, m.Result.Parameters, other.Engine, other.Result.Parameters))
		}
	}
	return errors.Join(problems...)
}
