package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// buildDisMax builds the dismax program into a new folder, which remove deletes. It is built as this program is: with
// SIMD if GOEXPERIMENT=simd is set.
func buildDisMax(ctx context.Context) (path string, remove func(), err error) {
	folder, err := os.MkdirTemp("", "dismax-bench")
	if err != nil {
		return "", nil, fmt.Errorf("making a folder for the dismax program: %w", err)
	}
	remove = func() { os.RemoveAll(folder) }
	path = filepath.Join(folder, "dismax")
	build := exec.CommandContext(ctx, "go", "build", "-o", path, "github.com/dismax-go/dismax/dismaxlib/cmd/dismax")
	if output, err := build.CombinedOutput(); err != nil {
		remove()
		return "", nil, fmt.Errorf("building dismax: %w\n%s", err, output)
	}
	return path, remove, nil
}
