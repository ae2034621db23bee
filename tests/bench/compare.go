package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/dismax-go/dismax/internal/bench"
)

// busyLoad is the load from which on times are not to be trusted.
const busyLoad = 0.5

func warnIfBusy(load float64) {
	if load > busyLoad {
		fmt.Fprintf(os.Stderr, "This machine is busy (load %.1f): wait until it is idle, or distrust the times.\n", load)
	}
}

// compareCommand is "bench compare".
type compareCommand struct {
	Rounds     int           `default:"3" help:"Times that everything is measured in turn; medians count. Default: ${default}."`
	Only       []string      `placeholder:"MODEL[:BATCH]" help:"Networks to measure: ${networks}, or any other. Default: those of one batch size each."`
	Engines    []string      `placeholder:"NAME" help:"What measures: goconv, xla:cpu, xla:cuda, xla:/path/plugin.so, xla:jaxlib (the plugin of JAX's XLA), torch, torch-channels-last, torch-compile, jax. Default: all that compute on the device."`
	Device     string        `default:"cpu" enum:"cpu,cuda" help:"cpu or cuda. Default: ${default}."`
	Precision  []string      `default:"float32" enum:"float32,tf32,bfloat16" help:"Of the backbone's products: float32, tf32 (GPUs only), bfloat16. Default: ${default}."`
	Loss       string        `default:"dismax" enum:"dismax,softmax" help:"Head and loss: dismax or softmax. Default: ${default}."`
	Steps      int           `placeholder:"N" help:"Steps that are timed in each measurement. Default: what takes a quarter of a minute."`
	TimeLimit  time.Duration `default:"5m" help:"A measurement that takes longer is left out, and its further rounds too. Default: ${default}."`
	Again      bool          `help:"Measure anew what the record holds."`
	Out        string        `default:"reports/out/bench.json" placeholder:"FILE" help:"The record, which grows with each measurement; the picture goes beside it. Default: ${default}."`
	Program    string        `placeholder:"FILE" help:"The dismax program. Default: it is built."`
	Python     string        `placeholder:"FILE" help:"The Python that has PyTorch and JAX. Default: that of .cache/bench, else python3."`
	References string        `default:"tests/bench" hidden:""`
}

// Run measures what the record lacks, shows the record, and checks the bars.
func (c *compareCommand) Run(ctx context.Context) error {
	chosen, err := c.workloads()
	if err != nil {
		return err
	}
	all, err := resume(c.Out, thisMachine(c.Device == "cuda"))
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "dismax-bench")
	if err != nil {
		return fmt.Errorf("making a folder for programs: %w", err)
	}
	defer os.RemoveAll(scratch)
	engines, err := c.usableEngines(ctx, scratch)
	if err != nil {
		return err
	}
	plan := c.plan(chosen)
	if c.Again {
		all.forget(engines, plan)
	}
	if err := c.measure(ctx, all, engines, plan); err != nil {
		return err
	}
	return show(os.Stdout, all, c.Out)
}

// measure does every job of the plan with every engine, and writes the record after each.
func (c *compareCommand) measure(ctx context.Context, all *comparison, engines []engine, plan []job) error {
	now := session{Started: time.Now().UTC(), LoadBefore: bench.Load(), LoadAfter: -1}
	warnIfBusy(now.LoadBefore)
	failed := map[string]bool{} // what further rounds leave out
	for i, j := range plan {
		for k, e := range engines {
			key := fmt.Sprint(e.name, j.Case, j.Precision)
			if all.has(e.name, j) || failed[key] {
				continue
			}
			made := e.measure(ctx, j, c.TimeLimit)
			if ctx.Err() != nil {
				return fmt.Errorf("stopped: %w; the same command goes on with what %s lacks", ctx.Err(), c.Out)
			}
			all.add(made)
			failed[key] = made.Result == nil
			progress(os.Stderr, i*len(engines)+k+1, len(plan)*len(engines), made)
			all.note(now)
			if err := all.write(c.Out); err != nil {
				return err
			}
		}
	}
	return sameNetwork(all.Measurements)
}

// progress prints a line about a measurement.
func progress(out io.Writer, done, of int, m measurement) {
	result := m.Failure
	if m.Result != nil {
		result = bench.Seconds(m.Result.Train.WallSeconds) + " s a training step"
	}
	fmt.Fprintf(out, "%3.0f%%  %s, %s: %s\n", 100*float64(done)/float64(of), m.Engine, m.job, result)
}

// show prints the tables and the verdict, and draws the picture beside the record.
func show(out io.Writer, all *comparison, path string) error {
	picture := strings.TrimSuffix(path, filepath.Ext(path)) + ".svg"
	drawn, err := drawPicture(all, picture)
	if err != nil {
		return err
	}
	if err := writeTable(out, all); err != nil {
		return err
	}
	fmt.Fprintln(out, "record:", path)
	if drawn {
		fmt.Fprintln(out, "picture:", picture)
	}
	fmt.Fprintln(out)
	return verdict(out, all)
}
