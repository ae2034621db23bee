package plugin

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// inPackages are the plugins' files in Python packages, and their kinds.
var inPackages = []struct{ pattern, kind string }{
	{"xla_plugins/xla_cpu_pjrt/*.so", "cpu"},                  // xla-cpu-pjrt
	{"lammps_jax_pjrt_cpu/*.so", "cpu"},                       // lammps-jax-pjrt-cpu
	{"jax_plugins/xla_cuda[0-9]*/xla_cuda_plugin.so", "cuda"}, // jax-cuda12-pjrt, jax-cuda13-pjrt
}

// CUDAFolder is where the CUDA plugin and NVIDIA's libraries are installed, as Python packages are laid out:
// ~/.local/lib/dismax/cuda13.
func CUDAFolder() (string, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no folder for the CUDA plugin: %w", err)
	}
	return filepath.Join(home, ".local", "lib", "dismax", "cuda13"), nil
}

// inPackagesHere looks in the folders that are known without starting Python.
func inPackagesHere() []File {
	var files []File
	if folder, err := CUDAFolder(); err == nil {
		files = inSitePackages(folder)
	}
	if environment := os.Getenv("VIRTUAL_ENV"); environment != "" {
		sites, _ := filepath.Glob(filepath.Join(environment, "lib", "python3*", "site-packages"))
		for _, site := range sites {
			files = append(files, inSitePackages(site)...)
		}
	}
	return files
}

func inPackagesOfPython() []File {
	var files []File
	for _, folder := range pythonPath() {
		files = append(files, inSitePackages(folder)...)
	}
	return files
}

// inSitePackages finds the plugins in one folder of packages, the newest CUDA first.
func inSitePackages(folder string) []File {
	var files []File
	for _, p := range inPackages {
		paths, _ := filepath.Glob(filepath.Join(folder, filepath.FromSlash(p.pattern)))
		for _, path := range slices.Backward(paths) {
			files = append(files, File{path, p.kind})
		}
	}
	return files
}

const pythonTimeout = 10 * time.Second

// pythonPath is where the python3 on PATH looks for packages; nil if there is no python3 or it fails.
var pythonPath = sync.OnceValue(func() []string {
	ctx, cancel := context.WithTimeout(context.Background(), pythonTimeout)
	defer cancel()
	const program = `import sys; print(*filter(None, sys.path), sep="\n")`
	output, err := exec.CommandContext(ctx, "python3", "-c", program).Output()
	if err != nil {
		return nil
	}
	return strings.Split(strings.TrimSpace(string(output)), "\n")
})
