package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/internal/bench"
)

// ourEngine measures with the program dismax on the backend that the name stands for, on the device cpu or cuda.
func ourEngine(program, name, device string) engine {
	return engine{
		name: name,
		command: func(ctx context.Context, j job) *exec.Cmd {
			command := exec.CommandContext(ctx, program, "bench", "--here", "--backend="+ourBackend(name, device, j.Precision),
				"--models="+j.Case.String(), "--loss="+j.Loss, "--dtype="+ourDType(j.Precision),
				fmt.Sprintf("--steps=%d", j.Steps), fmt.Sprintf("--warmup=%d", j.Warmup))
			if j.Precision == "float32" {
				command.Env = append(os.Environ(), "NVIDIA_TF32_OVERRIDE=0") // of CUDA's libraries
			}
			return command
		},
		decode: decodeOurs,
		missing: func() error {
			switch {
			case name == jaxlibPlugin && jaxlibPluginFile() == "":
				return errors.New("there is none in " + environment)
			case strings.Contains(name, "/"):
				_, err := os.Stat(strings.TrimPrefix(name, "xla:"))
				return err
			}
			return missingBackend(name)
		},
	}
}

// missingBackend says why a backend is not usable. One that is not among those found is left to the measurement.
func missingBackend(name string) error {
	for _, finding := range backend.Found() {
		if finding.Config == name && !finding.Usable {
			return errors.New(finding.Detail)
		}
	}
	return nil
}

// ourBackend is the configuration of the engine's backend. On a GPU it says whether products are rounded to TF32.
func ourBackend(name, device, precision string) string {
	if name == jaxlibPlugin {
		name = "xla:" + jaxlibPluginFile()
	}
	if device == "cuda" {
		name += fmt.Sprintf(",tf32=%t", precision != "float32")
	}
	return name
}

func ourDType(precision string) string {
	if precision == "bfloat16" {
		return precision
	}
	return "float32"
}

// jaxlibPluginFile is the plugin in the environment of the comparison, "" if there is none.
func jaxlibPluginFile() string {
	found, _ := filepath.Glob(filepath.Join(environment, "lib", "python3*", "site-packages", "lammps_jax_pjrt_cpu", "*.so"))
	if len(found) == 0 {
		return ""
	}
	path, err := filepath.Abs(slices.Max(found))
	if err != nil {
		return ""
	}
	return path
}

func decodeOurs(printed []byte) (*bench.Result, string, error) {
	r, err := bench.Decode(printed)
	if err != nil {
		return nil, "", err
	}
	if len(r.Results) != 1 {
		return nil, "", fmt.Errorf("dismax bench gave %d results, want 1", len(r.Results))
	}
	v := r.Versions
	versions := fmt.Sprintf("dismax %s, %s, GoMLX %s, compute %s", v.DisMax, v.Go, v.GoMLX, v.Compute)
	if strings.HasPrefix(r.Backend.Name, "xla") {
		versions += fmt.Sprintf(", go-xla %s, %s", v.GoXLA, r.Backend.Description)
	}
	return &r.Results[0], versions, nil
}
