//go:build ((linux && (amd64 || arm64)) || (darwin && arm64) || (windows && amd64)) && !noxla && cgo

package backend

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/compute/xla"
	"github.com/gomlx/go-xla/pjrt"

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
	backend, err := xla.New(strings.Join(append([]string{loaded.Name}, options...), ","))
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
	if loaded.Platform == "cpu" {
		choice.Device = Processor()
	}
	return backend, choice, nil
}

// xlaOptions are go-xla's options, and whether each is a switch that "no" before it turns off.
var xlaOptions = map[string]bool{
	"tf32": true, "shared_buffers": true, "preallocate": true, "use_tfrt_gpu_client": true,
	"memory_fraction": false, "allocator": false, "visible_devices": false,
}

// parseXLA separates a plugin's name or path from the options. A relative path becomes absolute, no name the best
// kind that is here.
func parseXLA(config string) (name string, options []string, err error) {
	name, rest, _ := strings.Cut(config, ",")
	options = strings.FieldsFunc(rest, func(r rune) bool { return r == ',' })
	for _, option := range options {
		key, _, _ := strings.Cut(option, "=")
		if _, known := xlaOptions[key]; !known && !xlaOptions[strings.TrimPrefix(key, "no")] {
			names := strings.Join(slices.Sorted(maps.Keys(xlaOptions)), ", ")
			return "", nil, fmt.Errorf("XLA has no option %q; there are: %s", key, names)
		}
	}
	switch {
	case strings.ContainsRune(name, filepath.Separator) || strings.HasSuffix(name, ".so"):
		name, err = filepath.Abs(name)
	case name == "":
		name = "cpu"
		if _, err := findPlugin("cuda"); err == nil {
			name = "cuda"
		}
	}
	return name, options, err
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

// clientOptions are those of the client that is asked for its platform: it takes no more memory than it must.
func clientOptions(options []string) pjrt.NamedValuesMap {
	values := pjrt.NamedValuesMap{"preallocate": false}
	for _, option := range options {
		if list, found := strings.CutPrefix(option, "visible_devices="); found {
			values["visible_devices"] = parseDevices(list)
		}
	}
	return values
}

// parseDevices reads the numbers that it can; go-xla reports the others.
func parseDevices(list string) []int64 {
	var devices []int64
	for _, text := range strings.FieldsFunc(list, func(r rune) bool { return strings.ContainsRune(";: ", r) }) {
		if device, err := strconv.ParseInt(text, 10, 64); err == nil {
			devices = append(devices, device)
		}
	}
	return devices
}
