package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
)

// buildDisMax builds the dismax program into the folder, with the revision in it for the record. It is built as this
// program is: with SIMD if GOEXPERIMENT=simd is set.
func buildDisMax(ctx context.Context, folder string) (path string, err error) {
	path = filepath.Join(folder, "dismax")
	build := exec.CommandContext(ctx, "go", "build", "-buildvcs=auto", "-o", path,
		"github.com/dismax-go/dismax/dismaxlib/cmd/dismax")
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building dismax: %w\n%s", err, output)
	}
	return path, nil
}
