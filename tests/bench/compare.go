package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/dismax-go/dismax/internal/bench"
)

const (
	compareWarmup = 2
	busyLoad      = 0.5
)

// compareCommand is "bench compare".
type compareCommand struct {
	Rounds  int    `default:"3" help:"Times that ours and PyTorch are measured in turn; the median ratio counts. Default: ${default}."`
	Loss    string `default:"dismax" enum:"dismax,softmax" help:"Head and loss of both: dismax or softmax. Default: ${default}."`
	Only    string `placeholder:"TEXT" help:"Only the cases whose name contains the text, as \"resnet34:4 on one core\"."`
	Backend string `default:"goconv" placeholder:"CONFIG" help:"Compute backend of ours. Default: ${default}."`
	Script  string `default:"tests/bench/torch_reference.py" hidden:""`
	Out     string `default:"reports/out/bench-cpu.json" placeholder:"FILE" help:"Where all measurements go. Default: ${default}."`
}

// comparison is the record of all rounds.
type comparison struct {
	Created    time.Time     `json:"created"`
	LoadBefore float64       `json:"load_before"`
	LoadAfter  float64       `json:"load_after"`
	Ours       *bench.Record `json:"ours"`  // what measured ours, without results
	Torch      string        `json:"torch"` // version of PyTorch
	Loss       string        `json:"loss"`
	Cases      []compared    `json:"cases"`
}

// compared holds the rounds of one bar's case.
type compared struct {
	bar    bar
	Name   string         `json:"name"`
	Ours   []bench.Result `json:"ours"`
	Torch  []bench.Result `json:"torch,omitempty"`
	Ratios []float64      `json:"ratios,omitempty"` // ours to PyTorch's, of the training step, of each round
}

// Run measures all cases and checks the bars.
func (c *compareCommand) Run(ctx context.Context) error {
	if err := c.prepare(ctx); err != nil {
		return err
	}
	program, remove, err := buildDisMax(ctx)
	if err != nil {
		return err
	}
	defer remove()
	all := &comparison{Created: time.Now().UTC().Truncate(time.Second), LoadBefore: bench.Load(), Loss: c.Loss}
	if all.LoadBefore > busyLoad {
		fmt.Fprintf(os.Stderr, "This machine is busy (load %.1f): wait until it is idle, or distrust the times.\n",
			all.LoadBefore)
	}
	for _, bar := range bars {
		if !strings.Contains(bar.name(), c.Only) {
			continue
		}
		one, err := c.compare(ctx, program, bar, all)
		if err != nil {
			return fmt.Errorf("%s: %w", bar.name(), err)
		}
		all.Cases = append(all.Cases, *one)
	}
	if len(all.Cases) == 0 {
		return fmt.Errorf("no case's name contains %q", c.Only)
	}
	all.LoadAfter = bench.Load()
	if err := all.write(c.Out); err != nil {
		return err
	}
	return all.print(os.Stdout)
}

// prepare looks for what the comparison needs.
func (c *compareCommand) prepare(ctx context.Context) error {
	if _, err := exec.LookPath("taskset"); err != nil {
		return errors.New("taskset is missing, which pins a process to a core (Linux; on Debian: apt-get install util-linux)")
	}
	if _, err := os.Stat(c.Script); err != nil {
		return fmt.Errorf("%s is not here: run this in the root of the repository", c.Script)
	}
	if c.Rounds < 1 {
		return fmt.Errorf("%d rounds: at least 1 is needed", c.Rounds)
	}
	return ensureTorch(ctx)
}

// compare runs the rounds of one bar, ours and PyTorch in turn.
func (c *compareCommand) compare(ctx context.Context, program string, b bar, all *comparison) (*compared, error) {
	made := &compared{bar: b, Name: b.name()}
	for round := range c.Rounds {
		fmt.Fprintf(os.Stderr, "%s, round %d of %d\n", b.name(), round+1, c.Rounds)
		ours, err := c.ours(ctx, program, b)
		if err != nil {
			return nil, err
		}
		all.setOurs(ours)
		made.Ours = append(made.Ours, ours.Results...)
		if b.ratio == 0 {
			continue
		}
		torch, version, err := c.torch(ctx, b)
		if err != nil {
			return nil, err
		}
		all.Torch = version
		if err := sameNetwork(&ours.Results[0], torch); err != nil {
			return nil, err
		}
		made.Torch = append(made.Torch, *torch)
		made.Ratios = append(made.Ratios, b.cores.seconds(ours.Results[0].Train)/b.cores.seconds(torch.Train))
	}
	return made, nil
}

// ours measures a case with dismax bench.
func (c *compareCommand) ours(ctx context.Context, program string, b bar) (*bench.Record, error) {
	command := onCores(ctx, b.cores, program, "bench", "--here", "--backend="+c.Backend, "--loss="+c.Loss,
		fmt.Sprintf("--models=%s:%d", b.model, b.batch),
		fmt.Sprintf("--steps=%d", b.steps), fmt.Sprintf("--warmup=%d", compareWarmup))
	command.Env = os.Environ()
	if b.cores == oneCore {
		command.Env = append(command.Env, "GOMAXPROCS=1")
	}
	printed, err := output(command)
	if err != nil {
		return nil, err
	}
	return bench.Decode(printed)
}

// torch measures a case with PyTorch.
func (c *compareCommand) torch(ctx context.Context, b bar) (result *bench.Result, version string, err error) {
	command := onCores(ctx, b.cores, python, c.Script, "--model="+b.model, "--loss="+c.Loss,
		fmt.Sprintf("--batch=%d", b.batch), fmt.Sprintf("--threads=%d", b.cores.threads()),
		fmt.Sprintf("--steps=%d", b.steps), fmt.Sprintf("--warmup=%d", compareWarmup))
	command.Env = torchEnvironment()
	printed, err := output(command)
	if err != nil {
		return nil, "", err
	}
	var measured struct {
		bench.Result
		Torch string `json:"torch"`
	}
	if err := json.Unmarshal(printed, &measured); err != nil {
		return nil, "", fmt.Errorf("reading what %s printed: %w", c.Script, err)
	}
	return &measured.Result, measured.Torch, nil
}

// onCores prepares a command, pinned to the last core of this process if it may use only one.
func onCores(ctx context.Context, c cores, program string, args ...string) *exec.Cmd {
	if c == oneCore {
		args = append([]string{"-c", lastCore(), program}, args...)
		program = "taskset"
	}
	return exec.CommandContext(ctx, program, args...)
}

// lastCore returns the number of the last core that this process may use: a container need not begin with core 0.
func lastCore() string {
	status, err := os.ReadFile("/proc/self/status")
	if err == nil {
		for line := range strings.Lines(string(status)) {
			if list, found := strings.CutPrefix(line, "Cpus_allowed_list:"); found { // like 0-3,6
				list = strings.TrimSpace(list)
				return list[strings.LastIndexAny(list, ",-")+1:]
			}
		}
	}
	return "0"
}

// output runs a command and returns what it printed; its errors are part of the error.
func output(command *exec.Cmd) ([]byte, error) {
	var problems bytes.Buffer
	command.Stderr = &problems
	printed, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", strings.Join(command.Args, " "), err, problems.Bytes())
	}
	return printed, nil
}

// setOurs notes what measured ours. The options are those of the last case: steps differ.
func (c *comparison) setOurs(measured *bench.Record) {
	ours := *measured
	ours.Results = nil
	c.Ours = &ours
}

// sameNetwork says whether two results can be compared.
func sameNetwork(ours, torch *bench.Result) error {
	if ours.Parameters != torch.Parameters {
		return fmt.Errorf("PyTorch's %s has %d parameters, ours %d: they are different networks",
			torch.Model, torch.Parameters, ours.Parameters)
	}
	return nil
}

// write stores the comparison as JSON.
func (c *comparison) write(path string) error {
	content, err := json.MarshalIndent(c, "", " ")
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o755)
	}
	if err == nil {
		err = os.WriteFile(path, append(content, '\n'), 0o644)
	}
	if err != nil {
		return fmt.Errorf("writing the comparison: %w", err)
	}
	return nil
}
