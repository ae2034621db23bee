//go:build linux && (amd64 || arm64) && !noxla && cgo

package backend_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/dismaxlib/backend/internal/plugin"
)

// cpuPlugin returns the path of an installed plugin that computes on the CPU, or skips the test.
func cpuPlugin(t *testing.T) string {
	t.Helper()
	for file := range plugin.Find("cpu") {
		if plugin.Inspect(file.Path) == nil {
			return file.Path
		}
	}
	t.Skip("skipped: no XLA plugin; make xla")
	return ""
}

// sumOfSquares returns that of 1, 2 and 3, computed on the backend.
func sumOfSquares(t *testing.T, opened compute.Backend) float32 {
	t.Helper()
	square := func(x *graph.Node) *graph.Node { return graph.ReduceAllSum(graph.Square(x)) }
	sum, err := graph.CallOnce(opened, square, []float32{1, 2, 3})
	if err != nil {
		t.Fatal(err)
	}
	return sum.Value().(float32)
}

func TestXLAOnTheCPUComputes(t *testing.T) {
	cpuPlugin(t)
	opened, choice, err := backend.Open("xla:cpu")
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Finalize()
	if got := sumOfSquares(t, opened); got != 14 {
		t.Errorf("got %v, want 14", got)
	}
	if choice.Config != "xla:cpu" || choice.Device != backend.Processor() || choice.Platform != "cpu" ||
		!strings.Contains(choice.Plugin, "PJRT API 0.") {
		t.Errorf("got %+v", choice)
	}
}

// go-xla takes a plugin for CUDA's if that or "nvidia" is anywhere in its path.
func TestACPUPluginInAFolderNamedAfterCUDAComputesOnTheCPU(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "cuda-work", "nvidia")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "plugin.so")
	if err := os.Symlink(cpuPlugin(t), path); err != nil {
		t.Fatal(err)
	}
	opened, choice, err := backend.Open("xla:" + path)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Finalize()
	if choice.Platform != "cpu" {
		t.Errorf("Platform = %q, want cpu", choice.Platform)
	}
	if data, ok := opened.(compute.DataInterface); !ok || !data.HasSharedBuffers() {
		t.Error("its buffers are not shared with Go, which only a CPU's are")
	}
	if got := sumOfSquares(t, opened); got != 14 {
		t.Errorf("got %v, want 14", got)
	}
}

func TestFlagsThatThePluginKnowsAreAccepted(t *testing.T) {
	path := cpuPlugin(t)
	const flags = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true --xla_dump_to='/a b' " +
		"--xla_force_host_platform_device_count=2 --xla_cpu_enable_fast_math=false"
	if err := plugin.CheckFlags(flags, path); err != nil {
		t.Error(err)
	}
	if err := plugin.CheckFlags("--xla_cpu_enable_fast_maths=false", path); err == nil {
		t.Error("a flag that it does not know is accepted")
	}
}
