package install

import (
	"context"
	_ "embed"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/dismax-go/dismax/dismaxlib/backend/internal/plugin"
)

//go:embed cpu.txt
var cpuRequirements string

const (
	cpuFile   = "pjrt_c_api_cpu_v0.81.0_plugin.so" // in go-xla's way, with the version of the PJRT interface
	cpuMember = "xla_plugins/xla_cpu_pjrt/xla_cpu_pjrt.so"
)

// cpuBuild is the plugin's file in a wheel.
type cpuBuild struct {
	wheel, size int64 // bytes
	sha256      string
}

// cpuBuilds are those in the wheels of cpu.txt, by GOARCH.
var cpuBuilds = map[string]cpuBuild{
	"amd64": {63_461_052, 259_284_552, "88c3f28c5900f48ad4a82cab9e79bba9537809743395e341485f8794268820dc"},
	"arm64": {49_514_947, 200_328_224, "fcf411f3e8ff635c2b2cf87215aa7016f460e66d236c3db08309e7486583532d"},
}

func cpuJob() (*job, error) {
	build, found := cpuBuilds[runtime.GOARCH]
	if !found {
		return nil, fmt.Errorf("there is no package of it for %s", runtime.GOARCH)
	}
	folder, err := plugin.UserFolder()
	if err != nil {
		return nil, err
	}
	return newCPUJob(filepath.Join(folder, cpuFile), build), nil
}

func newCPUJob(target string, build cpuBuild) *job {
	return &job{
		kind: "cpu", title: "xla-cpu-pjrt 0.0.1", requirements: cpuRequirements,
		download: build.wheel, unpacked: build.size, target: target, plugin: target,
		intact: func(ctx context.Context) bool {
			sum, err := sumOf(ctx, target)
			return err == nil && hex.EncodeToString(sum) == build.sha256
		},
		put: func(ctx context.Context, wheels []string, work string, progress func(int64)) error {
			if len(wheels) != 1 {
				return fmt.Errorf("pip fetched %d files, want 1", len(wheels))
			}
			taken := filepath.Join(work, cpuFile)
			if err := takeMember(ctx, wheels[0], cpuMember, taken, build.sha256, progress); err != nil {
				return err
			}
			return os.Rename(taken, target)
		},
	}
}
