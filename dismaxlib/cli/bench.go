package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/dismax-go/dismax/internal/bench"
	"github.com/dismax-go/dismax/models"
)

// benchCommand is "dismax bench".
type benchCommand struct {
	Models []string `default:"resnet20:32" placeholder:"MODEL:BATCH" help:"Backbones, each with a batch size after a colon (64 without one): ${models}. Default: ${default}."`
	Loss   []string `default:"dismax" placeholder:"NAME" help:"Heads and losses that every model is measured with: ${losses}. Default: ${default}."`

	Steps     int   `default:"20" help:"Steps that are timed. Default: ${default}."`
	Warmup    int   `default:"3" help:"Steps before those; the first compiles. Default: ${default}."`
	Inference bool  `default:"true" negatable:"" help:"Measure the forward pass too."`
	Seed      int64 `default:"1" help:"Seed of the images and the initial weights. Default: ${default}."`

	DType string `name:"dtype" placeholder:"NAME" help:"What the backbones' convolutions are computed in: ${dtypes}. Default: float32."`

	Backend string `placeholder:"CONFIG" help:"Compute backend, as in GOMLX_BACKEND (see dismax backends). Default: $$GOMLX_BACKEND, then the best that is here."`
	Out     string `short:"o" placeholder:"FILE" help:"Write the measurements there, as JSON."`
	Quiet   bool   `short:"q" help:"Print nothing but the table and errors."`

	Here bool `hidden:"" help:"Measure the only case in this process, and print its record instead of a table."`
}

// Run measures every case in a process of its own, so that each has its own peak of memory.
func (c *benchCommand) Run(ctx context.Context, t terminal) error {
	cases, err := bench.ParseCases(c.Models, c.Loss)
	if err != nil {
		return usageError{err}
	}
	if c.Steps < 1 || c.Warmup < 0 {
		return usageError{fmt.Errorf("--steps %d --warmup %d: at least 1 step is needed, and a warm-up of 0",
			c.Steps, c.Warmup)}
	}
	if _, err := models.DTypeByName(c.DType); err != nil {
		return usageError{err}
	}
	if c.Here {
		return c.measureHere(ctx, t, cases[0])
	}
	var records []*bench.Record
	for _, one := range cases {
		if !c.Quiet {
			fmt.Fprintf(t.err, "measuring %s with %s\n", one, one.Loss)
		}
		r, err := c.measure(ctx, one)
		if err != nil {
			return fmt.Errorf("measuring %s with %s: %w", one, one.Loss, err)
		}
		records = append(records, r)
	}
	all, err := bench.Merge(records...)
	if err != nil {
		return err
	}
	if c.Out != "" {
		if err := bench.Write(c.Out, all); err != nil {
			return err
		}
	}
	return bench.WriteTable(t.out, all)
}

// measureHere measures a case and prints its record.
func (c *benchCommand) measureHere(ctx context.Context, t terminal, one bench.Case) error {
	opened, choice, err := openBackend(c.Backend, nil)
	if err != nil {
		return usageError{err}
	}
	defer opened.Finalize()
	measured, err := bench.Measure(ctx, opened, choice, one, bench.Options{
		Warmup: c.Warmup, Steps: c.Steps, Inference: c.Inference, Seed: c.Seed, DType: c.DType,
	})
	if err != nil {
		return err
	}
	return json.NewEncoder(t.out).Encode(measured)
}

// measure starts this program again for one case.
func (c *benchCommand) measure(ctx context.Context, one bench.Case) (*bench.Record, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program: %w", err)
	}
	child := exec.CommandContext(ctx, program, "bench", "--here",
		"--models", one.String(), "--loss", one.Loss, "--backend", c.Backend,
		fmt.Sprintf("--steps=%d", c.Steps), fmt.Sprintf("--warmup=%d", c.Warmup), fmt.Sprintf("--seed=%d", c.Seed),
		fmt.Sprintf("--inference=%t", c.Inference), "--dtype="+c.DType)
	var problems bytes.Buffer
	child.Stderr = &problems
	printed, err := child.Output()
	if err == nil {
		return bench.Decode(printed)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	err = fmt.Errorf("%s (%w)", strings.TrimPrefix(strings.TrimSpace(problems.String()), "dismax: "), err)
	if child.ProcessState != nil && child.ProcessState.ExitCode() == exitUsage {
		return nil, usageError{err}
	}
	return nil, err
}
