//go:build ((linux && (amd64 || arm64)) || (darwin && arm64) || (windows && amd64)) && !noxla && cgo

package backend

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/compute/xla"

	"github.com/dismax-go/dismax/dismaxlib/backend/internal/loader"
	"github.com/dismax-go/dismax/dismaxlib/backend/internal/plugin"
)

// xlaMutex is held while a plugin is loaded and opened; see [loader.Load].
var xlaMutex sync.Mutex

// openXLA opens what follows "xla:" in a configuration: a plugin's name or path, "" for the best, and go-xla's options
// after commas. It neither searches with go-xla's functions, which load every candidate, nor installs with them.
func openXLA(config string) (compute.Backend, Choice, error) {
	xlaMutex.Lock()
	defer xlaMutex.Unlock()
	name, options, err := parseXLA(config)
	if err != nil {
		return nil, Choice{}, err
	}
	file, err := findPlugin(name)
	if err != nil {
		return nil, Choice{}, err
	}
	loaded, err := load(file, options)
	if err != nil {
		return nil, Choice{}, err
	}
	backend, err := xla.NewWithOptions(strings.Join(append([]string{loaded.Name}, options...), ","), nil)
	if err != nil {
		return nil, Choice{}, err
	}
	choice := Choice{
		Config:   strings.Join(append([]string{"xla:" + name}, options...), ","),
		Device:   backend.DeviceDescription(0),
		Plugin:   fmt.Sprintf("%s, PJRT API %s", filepath.Base(file.Path), loaded.API),
		Platform: loaded.Platform,
	}
	if loaded.PlatformVersion != loaded.Platform {
		choice.Platform += ", " + loaded.PlatformVersion
	}
	switch loaded.Platform {
	case "cpu":
		choice.Device = Processor()
	case "cuda":
		choice.TF32 = usesTF32(backend.DotGeneralUseTF32, os.Getenv(tf32Variable))
	}
	return backend, choice, nil
}

// findPlugin returns the first plugin of that name that looks whole, or the one at that absolute path.
func findPlugin(name string) (plugin.File, error) {
	if filepath.IsAbs(name) {
		return plugin.File{Path: name}, plugin.Inspect(name)
	}
	if name == "cuda" && !plugin.HasGPU() {
		return plugin.File{}, errors.New("no NVIDIA GPU found; nvidia-smi lists those that work")
	}
	var first error
	for file := range plugin.Find(name) {
		err := plugin.Inspect(file.Path)
		if err == nil {
			return file, nil
		}
		if first == nil {
			first = err
		}
	}
	if first == nil {
		first = fmt.Errorf("no plugin %q is installed; %s", name, howToInstall(name))
	}
	return plugin.File{}, first
}

// load checks XLA's flags, loads the plugin and compares what it says that it is with what its file is called.
func load(file plugin.File, options []string) (*loader.Plugin, error) {
	flags := os.Getenv(plugin.FlagsVariable)
	if err := plugin.CheckFlags(flags, file.Path); err != nil {
		return nil, err
	}
	if complete := plugin.FlagsForCUDA(flags, file.Path); complete != flags {
		if err := os.Setenv(plugin.FlagsVariable, complete); err != nil {
			return nil, fmt.Errorf("XLA cannot be told where NVIDIA's libraries are: %w", err)
		}
	}
	loaded, err := loader.Load(file.Path, clientOptions(options))
	if err != nil {
		return nil, err
	}
	if kind := file.Kind(); slices.Contains([]string{"cpu", "cuda"}, kind) && kind != loaded.Platform {
		return nil, fmt.Errorf("%s is named %s, but computes on %q: rename it, or name its path",
			file.Path, kind, loaded.Platform)
	}
	return loaded, nil
}

// foundXLA looks for the plugins and loads none.
func foundXLA(name, title string) Finding {
	finding := Finding{Config: "xla:" + name, Title: title}
	file, err := findPlugin(name)
	if err != nil {
		finding.Detail = err.Error()
		return finding
	}
	finding.Usable, finding.Detail = true, "plugin "+file.Path
	return finding
}
