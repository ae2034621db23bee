package install

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/backend/internal/plugin"
)

//go:embed cuda.txt
var cudaRequirements string

const (
	cudaPlugin   = "jax_plugins/xla_cuda13/xla_cuda_plugin.so"
	cudaDownload = 2_484_340_000 // bytes
	cudaUnpacked = 4_046_640_000 // bytes
)

func cudaJob() (*job, error) {
	if runtime.GOARCH != "amd64" {
		return nil, fmt.Errorf("its packages are pinned for x86-64 only, and this is %s", runtime.GOARCH)
	}
	target, err := plugin.CUDAFolder()
	if err != nil {
		return nil, err
	}
	return newCUDAJob(target, cudaRequirements), nil
}

func newCUDAJob(target, requirements string) *job {
	return &job{
		kind: "cuda", title: "jax-cuda13-pjrt 0.11.2 and NVIDIA's libraries", requirements: requirements,
		download: cudaDownload, unpacked: cudaUnpacked,
		target: target, plugin: filepath.Join(target, filepath.FromSlash(cudaPlugin)),
		intact: func(ctx context.Context) bool { return checkPackages(ctx, target, requirements) == nil },
		put: func(ctx context.Context, wheels []string, work string, progress func(int64)) error {
			packages := filepath.Join(work, "packages")
			var done int64
			for _, wheel := range wheels {
				if err := unpackWheel(ctx, wheel, packages, func(n int64) { done += n; progress(done) }); err != nil {
					return err
				}
			}
			if err := checkPackages(ctx, packages, requirements); err != nil {
				return err
			}
			return replaceFolder(target, packages, filepath.Join(work, "former"))
		},
	}
}

// replaceFolder puts the folder in the target's place, by way of the name former for the target that was.
func replaceFolder(target, folder, former string) error {
	err := os.Rename(target, former)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if renameErr := os.Rename(folder, target); renameErr != nil {
		if err == nil {
			err = os.Rename(former, target)
		}
		return errors.Join(renameErr, err)
	}
	return nil
}

// checkPackages compares every file of the unpacked wheels with the list of sizes and checksums that each wheel brings,
// its RECORD; and that the packages are those of the requirements.
func checkPackages(ctx context.Context, folder, requirements string) error {
	for line := range strings.Lines(requirements) {
		requirement, _, _ := strings.Cut(line, " ")
		project, version, found := strings.Cut(requirement, "==")
		if !found {
			continue
		}
		name := strings.ReplaceAll(project, "-", "_") + "-" + version + ".dist-info"
		if err := checkRecord(ctx, folder, filepath.Join(folder, name, "RECORD")); err != nil {
			return err
		}
	}
	return nil
}
