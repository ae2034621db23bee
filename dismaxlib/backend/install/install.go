package install

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/gofrs/flock"

	"github.com/dismax-go/dismax/dismaxlib/backend/internal/plugin"
)

// Options are what an installation tells while it runs; each may be nil.
type Options struct {
	Say      func(line string)                     // what is going to happen, or why nothing does
	Progress func(stage string, done, total int64) // bytes, several times a second, of the stages "download" and "unpack"
}

// job is the installation of one kind.
type job struct {
	kind         string
	title        string // what is fetched
	requirements string // for pip: versions and checksums
	download     int64  // bytes
	unpacked     int64  // bytes
	target       string // file or folder that the plugin appears as
	plugin       string // the plugin's file in or at the target
	intact       func(ctx context.Context) bool
	// put makes the target from the wheels, with work as its folder on the target's disk.
	put func(ctx context.Context, wheels []string, work string, progress func(done int64)) error
}

// Plugin installs XLA's plugin of the kind "cpu" or "cuda" for this user, unless it is there and intact, and returns
// the path of its file. The CPU's becomes ~/.local/lib/go-xla/pjrt_c_api_cpu_v0.81.0_plugin.so, where every program of
// GoMLX looks; CUDA's goes with NVIDIA's libraries into ~/.local/lib/dismax/cuda13, where package backend looks.
//
// It needs Linux (for CUDA on x86-64, with NVIDIA's driver for CUDA 13) and Python 3 with pip. On an error, and when ctx ends, what was there before is
// as it was and nothing else is left.
func Plugin(ctx context.Context, kind string, options Options) (path string, err error) {
	if options.Say == nil {
		options.Say = func(string) {}
	}
	if options.Progress == nil {
		options.Progress = func(string, int64, int64) {}
	}
	j, err := newJob(kind)
	if err != nil {
		return "", fmt.Errorf("installing XLA's plugin: %w", err)
	}
	if kind == "cuda" && !plugin.HasGPU() {
		options.Say("there is no NVIDIA GPU here that works; the plugin needs one, with a driver for CUDA 13")
	}
	if err := j.run(ctx, options); err != nil {
		return "", fmt.Errorf("installing XLA's plugin for %s: %w", kind, err)
	}
	return j.plugin, nil
}

func newJob(kind string) (*job, error) {
	if runtime.GOOS != "linux" {
		return nil, fmt.Errorf("there are packages of it for Linux only, and this is %s; "+
			"GOMLX_BACKEND=xla:/path names a plugin", runtime.GOOS)
	}
	switch kind {
	case "cpu":
		return cpuJob()
	case "cuda":
		return cudaJob()
	}
	return nil, fmt.Errorf("there is no kind %q; there are: cpu, cuda", kind)
}

// run does nothing if the target is intact. It works in a folder beside the target, on the same disk, that one process
// at a time has.
func (j *job) run(ctx context.Context, options Options) error {
	folder := filepath.Dir(j.target)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	work := filepath.Join(folder, ".installing-"+j.kind)
	lock := flock.New(work + ".lock")
	if free, err := lock.TryLock(); err != nil {
		return err
	} else if !free {
		return errors.New("another process is installing it; wait for that one")
	}
	defer lock.Unlock()
	defer os.Remove(lock.Path())
	if j.intact(ctx) {
		options.Say(j.plugin + " is installed and intact: nothing to fetch")
		return nil
	}
	if err := os.RemoveAll(work); err != nil { // of a process that was killed
		return err
	}
	defer os.RemoveAll(work)
	options.Say(fmt.Sprintf("%s: %s to download with pip, %s on the disk in %s",
		j.title, megabytes(j.download), megabytes(j.unpacked), j.target))
	wheels, err := pipDownload(ctx, j.requirements, filepath.Join(work, "download"), func(done int64) {
		options.Progress("download", min(done, j.download), j.download)
	})
	if err != nil {
		return err
	}
	return j.put(ctx, wheels, work, func(done int64) { options.Progress("unpack", min(done, j.unpacked), j.unpacked) })
}

func megabytes(bytes int64) string { return fmt.Sprintf("%d MB", (bytes+500_000)/1_000_000) }
