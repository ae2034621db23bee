package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// warmup is the number of steps before those that are timed: the first one compiles.
const warmup = 2

// workloads checks the options that choose what is measured.
func (c *compareCommand) workloads() ([]workload, error) {
	if c.Rounds < 1 || c.Steps < 0 {
		return nil, fmt.Errorf("--rounds %d --steps %d: at least 1 round is needed, and no fewer than 0 steps",
			c.Rounds, c.Steps)
	}
	for _, name := range c.Engines {
		kind, _, _ := strings.Cut(name, ":")
		if isOurs(name) && !slices.Contains([]string{"goconv", "go", "xla"}, kind) {
			return nil, fmt.Errorf("there is no engine %q: it is one of goconv, xla:NAME, jax, %s", name,
				strings.Join(torchEngines, ", "))
		}
	}
	if c.Device == "cpu" && slices.Contains(c.Precision, "tf32") {
		return nil, errors.New("--precision tf32: CPUs have no TF32; name --device cuda")
	}
	return chooseWorkloads(c.Only, c.Loss, c.Steps)
}

// plan lists the jobs, round by round, so that what is compared is measured close together in time.
func (c *compareCommand) plan(chosen []workload) []job {
	var jobs []job
	for round := 1; round <= c.Rounds; round++ {
		for _, precision := range c.Precision {
			for _, n := range chosen {
				jobs = append(jobs, job{Case: n.Case, Precision: precision, Round: round, Warmup: warmup, Steps: n.steps})
			}
		}
	}
	return jobs
}

// usableEngines are those that can measure here; for the others it says in a line why not.
func (c *compareCommand) usableEngines(ctx context.Context, scratch string) (usable []engine, err error) {
	makeEngine := c.engineMaker(ctx, scratch)
	for _, name := range c.engineNames() {
		e, err := makeEngine(name)
		if err != nil {
			return nil, err
		}
		if err := e.missing(); err != nil {
			fmt.Fprintf(os.Stderr, "skipped: %s: %v\n", name, err)
			continue
		}
		usable = append(usable, e)
	}
	if len(usable) == 0 {
		return nil, errors.New("no engine can measure here")
	}
	return usable, nil
}

// engineNames are those asked for, or all of the device.
func (c *compareCommand) engineNames() []string {
	switch {
	case len(c.Engines) > 0:
		return c.Engines
	case c.Device == "cuda":
		return append([]string{"xla:cuda", jaxEngine}, torchEngines...)
	}
	return append([]string{"goconv", "xla:cpu", jaxlibPlugin, jaxEngine}, torchEngines...)
}

// engineMaker returns what makes engines by name. The dismax program is built when the first of ours needs it.
func (c *compareCommand) engineMaker(ctx context.Context, scratch string) func(name string) (engine, error) {
	python := c.Python
	if python == "" {
		python = defaultPython()
	}
	script := func(name string) *reference {
		return newReference(ctx, python, filepath.Join(c.References, name), c.Device, filepath.Join(scratch, name))
	}
	torch, jax := script("torch_reference.py"), script("jax_reference.py")
	return func(name string) (engine, error) {
		switch {
		case slices.Contains(torchEngines, name):
			return torch.engine(name, "--mode="+torchMode(name)), nil
		case name == jaxEngine:
			return jax.engine(name), nil
		}
		if c.Program == "" {
			var err error
			if c.Program, err = buildDisMax(ctx, scratch); err != nil {
				return engine{}, err
			}
		}
		return ourEngine(c.Program, name, c.Device), nil
	}
}
