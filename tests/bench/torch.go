package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// python is Debian's, for which python3-torch is built; another one first on the PATH would not find it.
const python = "/usr/bin/python3"

// ensureTorch installs PyTorch if it is missing and this is a Debian machine's root, and says how otherwise.
func ensureTorch(ctx context.Context) error {
	if exec.CommandContext(ctx, python, "-c", "import torch").Run() == nil {
		return nil
	}
	const install = "apt-get install python3-torch"
	if _, err := exec.LookPath("apt-get"); err != nil {
		return fmt.Errorf("%s has no PyTorch: install torch for it (on Debian: %s)", python, install)
	}
	if os.Geteuid() != 0 {
		return fmt.Errorf("%s has no PyTorch: sudo %s", python, install)
	}
	fmt.Fprintln(os.Stderr, "Installing python3-torch.")
	for _, args := range [][]string{
		{"update", "-qq"},
		{"install", "-y", "-qq", "--no-install-recommends", "python3-torch"},
	} {
		command := exec.CommandContext(ctx, "apt-get", args...)
		command.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if output, err := command.CombinedOutput(); err != nil {
			return errors.Join(fmt.Errorf("apt-get %s: %w", strings.Join(args, " "), err), errors.New(string(output)))
		}
	}
	return nil
}

// torchEnvironment is this process's without what would slow PyTorch's products or choose its threads.
func torchEnvironment() []string {
	return slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains([]string{
			"OPENBLAS_CORETYPE", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "ATEN_CPU_CAPABILITY",
			"DNNL_MAX_CPU_ISA", "ONEDNN_MAX_CPU_ISA", "MKL_ENABLE_INSTRUCTIONS", "MKL_DEBUG_CPU_TYPE",
		}, name)
	})
}
