//go:build ((linux && (amd64 || arm64)) || (darwin && arm64)) && !noxla && cgo

package loader_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/go-xla/pjrt"

	"github.com/dismax-go/dismax/dismaxlib/backend/internal/fakeplugin"
	"github.com/dismax-go/dismax/dismaxlib/backend/internal/loader"
)

func TestThePlatformIsTheClientsAndNotThePaths(t *testing.T) {
	for _, c := range []struct{ folder, platform string }{
		{"cuda-work", "cpu"},
		{"cpu-work", "cuda"},
		{"nvidia", "cpu"},
	} {
		t.Run(c.platform+" in "+c.folder, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), c.folder)
			if err := os.Mkdir(folder, 0o755); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(folder, "plugin.so")
			fakeplugin.Build(t, path, `-DPLATFORM="`+c.platform+`"`, "-DMINOR=99")
			loaded, err := loader.Load(path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if loaded.Platform != c.platform || loaded.API != "0.99" {
				t.Errorf("got %+v, want platform %s and API 0.99", loaded, c.platform)
			}
			again, err := loader.Load(path, nil)
			if err != nil || again != loaded {
				t.Errorf("the second time: got %p (error: %v), want %p", again, err, loaded)
			}
			known, err := pjrt.GetPlugin(loaded.Name)
			if err != nil {
				t.Fatal(err)
			}
			if known.IsCPU() != (c.platform == "cpu") || known.IsCUDA() != (c.platform == "cuda") {
				t.Errorf("go-xla takes %s for CPU: %v, CUDA: %v", loaded.Name, known.IsCPU(), known.IsCUDA())
			}
		})
	}
}

func TestAnOptionThatThePluginDoesNotKnowIsLeftOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "plugin.so")
	fakeplugin.Build(t, path, "-DNO_OPTIONS")
	options := pjrt.NamedValuesMap{"preallocate": false}
	if _, err := loader.Load(path, options); err != nil {
		t.Error(err)
	}
	if len(options) != 1 {
		t.Errorf("the caller's options are %v now", options)
	}
}

func TestPluginsThatCannotBeUsedAreErrorsOfOneLine(t *testing.T) {
	for _, c := range []struct {
		name  string
		flags []string
		want  string
	}{
		{"too old", []string{"-DMINOR=54"}, "0.54, and 0.81 or a newer"},
		{"no table", []string{"-DNO_TABLE"}, "no PJRT interface"},
		{"no entry", []string{"-DNO_ENTRY"}, "GetPjrtApi"},
		{"no device", []string{"-DNO_DEVICE"}, "no driver here): for a GPU, check the driver"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "plugin.so")
			fakeplugin.Build(t, path, c.flags...)
			_, err := loader.Load(path, nil)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) ||
				strings.Contains(err.Error(), "\n") {
				t.Errorf("got error %v, want one line with %q and the path", err, c.want)
			}
		})
	}
}

func TestALibraryThatThePluginNeedsIsNamed(t *testing.T) {
	folder := t.TempDir()
	needed := filepath.Join(folder, "libneeded.so")
	fakeplugin.Build(t, needed)
	path := filepath.Join(folder, "plugin.so")
	fakeplugin.Build(t, path, "-Wl,--no-as-needed", "-L"+folder, "-lneeded")
	if err := os.Remove(needed); err != nil {
		t.Fatal(err)
	}
	_, err := loader.Load(path, nil)
	if want := path + " needs the library libneeded.so"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want one with %q", err, want)
	}
}
