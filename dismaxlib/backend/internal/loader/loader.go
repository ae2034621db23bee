//go:build ((linux && (amd64 || arm64)) || (darwin && arm64) || (windows && amd64)) && !noxla && cgo

package loader

import (
	"fmt"
	"maps"
	"strings"
	"unsafe"

	"github.com/gomlx/go-xla/pjrt"
)

// oldest is the version of the PJRT interface from which on everything that go-xla calls is known to be there: the
// oldest plugin that this library was run with.
var oldest = version{0, 81}

// Plugin is a plugin that is loaded, for the rest of the process.
type Plugin struct {
	Name            string // what go-xla knows it by
	API             string // version of its PJRT interface: "0.81"
	Platform        string // what its client says it computes on: "cpu", "cuda"
	PlatformVersion string // what its client says of its version
}

type version struct{ major, minor int32 }

func (v version) String() string { return fmt.Sprintf("%d.%d", v.major, v.minor) }

// api is the beginning of PJRT_Api in pjrt_c_api.h, which is the same in all versions.
type api struct {
	_       uintptr // its size
	_       uintptr // its extensions
	_       uintptr // the size of what follows
	_       uintptr // extensions of what follows
	version version
}

var loaded = map[string]*Plugin{} // by path

// Load loads the plugin at path, or returns what it returned for that path before. It makes a client with the options
// to ask it for its platform, and destroys it. Errors are of one line. It must not run beside anything that opens a
// backend of go-xla, because go-xla does not guard the table of plugins that this adds to.
func Load(path string, options pjrt.NamedValuesMap) (*Plugin, error) {
	if plugin, found := loaded[path]; found {
		return plugin, nil
	}
	table, err := open(path)
	if err != nil {
		return nil, err
	}
	if table == nil {
		return nil, fmt.Errorf("%s gives no PJRT interface: get another plugin", path)
	}
	if v := (*api)(table).version; v.major != oldest.major || v.minor < oldest.minor {
		return nil, fmt.Errorf("%s has the PJRT interface %v, and %v or a newer %d.x is needed: get another plugin",
			path, v, oldest, oldest.major)
	}
	plugin, err := register(path, table, options)
	if err != nil {
		return nil, err
	}
	loaded[path] = plugin
	return plugin, nil
}

// register makes the plugin known to go-xla twice, the second time by its platform.
func register(path string, table unsafe.Pointer, options pjrt.NamedValuesMap) (*Plugin, error) {
	name := fmt.Sprintf("%splugin%d", nameRoot, len(loaded))
	if err := pjrt.RegisterPreloadedPlugin(name, uintptr(table)); err != nil {
		return nil, fmt.Errorf("%s cannot be initialized: %s", path, firstLine(err))
	}
	unnamed, err := pjrt.GetPlugin(name)
	if err != nil {
		return nil, err
	}
	client, err := unnamed.NewClient(options)
	if refused := refusedOption(options, err); refused != "" {
		options = maps.Clone(options)
		delete(options, refused)
		client, err = unnamed.NewClient(options)
	}
	if err != nil {
		return nil, fmt.Errorf("%s finds no device to compute on (%s): for a GPU, check the driver with nvidia-smi",
			path, firstLine(err))
	}
	plugin := &Plugin{
		Name:            fmt.Sprintf("%s%s%d", nameRoot, client.Platform(), len(loaded)),
		API:             (*api)(table).version.String(),
		Platform:        client.Platform(),
		PlatformVersion: firstLine(client.PlatformVersion()),
	}
	if err := client.Destroy(); err != nil {
		return nil, fmt.Errorf("%s: the client that was asked for the platform cannot be destroyed: %s", path, firstLine(err))
	}
	if err := pjrt.RegisterPreloadedPlugin(plugin.Name, uintptr(table)); err != nil {
		return nil, fmt.Errorf("%s cannot be initialized: %s", path, firstLine(err))
	}
	return plugin, nil
}

// refusedOption is the option that the error names as unknown, "" if it names none. Plugins for CPUs know none, and the
// newer of them say so.
func refusedOption(options pjrt.NamedValuesMap, err error) string {
	if err == nil || !strings.Contains(firstLine(err), "Unexpected option name") {
		return ""
	}
	for name := range options {
		if strings.HasSuffix(firstLine(err), name) {
			return name
		}
	}
	return ""
}

func firstLine(text any) string {
	line, _, _ := strings.Cut(fmt.Sprint(text), "\n")
	return strings.TrimSpace(line)
}
