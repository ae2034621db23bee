package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/dismax-go/dismax/internal/bench"
)

// environment is the virtual environment that the Makefile fills with requirements.txt.
const environment = ".cache/bench"

// defaultPython is the interpreter of the environment, or the machine's where there is none.
func defaultPython() string {
	python := filepath.Join(environment, "bin", "python")
	if _, err := os.Stat(python); err == nil {
		return python
	}
	return "python3"
}

// reference is one of the scripts beside this file, which measure as dismax bench does.
type reference struct {
	python, script string
	device         string // cpu or cuda
	scratch        string // for what torch.compile keeps: its first step is cold in every comparison
	missing        func() error
}

// newReference prepares a script. Whether it can measure here is looked at when it is asked for, once.
func newReference(ctx context.Context, python, script, device, scratch string) *reference {
	r := &reference{python: python, script: script, device: device, scratch: scratch}
	r.missing = sync.OnceValue(func() error {
		_, err := output(r.command(ctx, "--check"))
		return err
	})
	return r
}

func (r *reference) command(ctx context.Context, args ...string) *exec.Cmd {
	made := exec.CommandContext(ctx, r.python, append([]string{r.script, "--device=" + r.device}, args...)...)
	made.Env = append(pythonEnvironment(), "TORCHINDUCTOR_CACHE_DIR="+r.scratch, "PYTHONDONTWRITEBYTECODE=1",
		"JAX_TRACEBACK_FILTERING=off") // so that an error's last line is the error
	return made
}

// engine measures with the script, in the mode that its arguments choose.
func (r *reference) engine(name string, mode ...string) engine {
	return engine{
		name: name,
		command: func(ctx context.Context, j job) *exec.Cmd {
			return r.command(ctx, append(mode, "--model="+j.Model, fmt.Sprintf("--batch=%d", j.Batch), "--loss="+j.Loss,
				"--precision="+j.Precision, fmt.Sprintf("--steps=%d", j.Steps), fmt.Sprintf("--warmup=%d", j.Warmup))...)
		},
		decode:  decodeReference,
		missing: r.missing,
	}
}

func decodeReference(printed []byte) (*bench.Result, string, error) {
	var measured struct {
		bench.Result
		Versions string `json:"versions"`
	}
	if err := json.Unmarshal(printed, &measured); err != nil {
		return nil, "", fmt.Errorf("reading what the reference printed: %w", err)
	}
	return &measured.Result, measured.Versions, nil
}

// pythonEnvironment is this process's without what would slow products or choose their threads.
func pythonEnvironment() []string {
	return slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains([]string{
			"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS",
			"ATEN_CPU_CAPABILITY", "DNNL_MAX_CPU_ISA", "ONEDNN_MAX_CPU_ISA", "MKL_ENABLE_INSTRUCTIONS", "MKL_DEBUG_CPU_TYPE",
		}, name)
	})
}

// gpuName asks NVIDIA's tool for the first GPU's name; "" if it is not there.
func gpuName() string {
	printed, err := exec.Command("nvidia-smi", "--query-gpu=name", "--format=csv,noheader", "--id=0").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(printed))
}
