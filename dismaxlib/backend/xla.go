//go:build ((linux && (amd64 || arm64)) || (darwin && arm64) || (windows && amd64)) && !noxla && cgo

package backend

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gomlx/go-xla/compute/xla"
	_ "github.com/gomlx/go-xla/compute/xla/autoinstall" // lets "xla:cpu" and "xla:cuda" fetch their plugins
	"github.com/gomlx/go-xla/installer"
	"github.com/gomlx/go-xla/pjrt"
)

const (
	// noInstallVariable is GoMLX's variable against downloads: any value forbids them.
	noInstallVariable = "GOMLX_NO_AUTO_INSTALL"

	// pluginHost is asked whether there is a network before anything is fetched from it.
	pluginHost        = "https://github.com/gomlx/pjrt-cpu-binaries"
	pluginHostTimeout = time.Second
)

func isXLA(name string) bool {
	return slices.Contains([]string{xla.BackendName, "stablehlo", "hlo", "shlo"}, name)
}

// isOnProcessor tells whether an XLA configuration computes on the processor.
func isOnProcessor(config string) bool { return !hasPluginName(config, "cuda", "gpu", "rocm", "tpu") }

func hasPluginName(config string, names ...string) bool {
	_, plugin, _ := strings.Cut(config, ":")
	plugin, _, _ = strings.Cut(filepath.Base(plugin), ",")
	return slices.ContainsFunc(names, func(name string) bool { return strings.Contains(strings.ToLower(plugin), name) })
}

// foundXLA looks for the plugins that go-xla would load.
func foundXLA() []Finding {
	plugins := pjrt.AvailablePlugins()
	cuda := Finding{Config: "xla:cuda", Title: "XLA on an NVIDIA GPU", Detail: "no NVIDIA GPU found"}
	if installer.HasNvidiaGPU() {
		path, found := pluginPath(plugins, "cuda")
		cuda.Usable, cuda.Detail = found, "GPU found, plugin "+path
		if !found {
			cuda.Detail = "GPU found, but no CUDA plugin; GOMLX_BACKEND=xla:cuda fetches one, xla:/path/plugin.so names one"
		}
	}
	cpu := Finding{Config: "xla:cpu", Title: "XLA on the processor"}
	path, found := pluginPath(plugins, "cpu")
	cpu.Usable, cpu.Detail = found, "plugin "+path
	if !found {
		cpu.Detail = "no CPU plugin installed; GOMLX_BACKEND=xla:cpu fetches it"
	}
	return []Finding{cuda, cpu}
}

// pluginPath finds a plugin by its name or by its name with a version.
func pluginPath(plugins map[string]string, name string) (string, bool) {
	for plugin, path := range plugins {
		if plugin == name || strings.HasPrefix(plugin, name+"_v") {
			return path, true
		}
	}
	return "", false
}

// avoidNeedlessDownload keeps go-xla from looking for plugins on the network when the one that is asked for is there.
func avoidNeedlessDownload(options string) {
	plugin, _, _ := strings.Cut(options, ",")
	_, installed := pluginPath(pjrt.AvailablePlugins(), plugin)
	xla.EnableAutoInstall(!installed && !filepath.IsAbs(plugin) && os.Getenv(noInstallVariable) == "")
}

// fetchPlugin installs XLA's plugin for the processor where there is none and the network answers at once. Whatever
// goes wrong leaves things as they were: the Go backend is always there. Afterwards nothing more is fetched.
func fetchPlugin() {
	defer xla.EnableAutoInstall(false)
	if os.Getenv(noInstallVariable) != "" {
		return
	}
	for _, finding := range foundXLA() {
		if finding.Usable {
			return
		}
	}
	if networkAnswers() {
		_ = installer.AutoInstallPlugin("cpu", "", true, installer.Quiet)
	}
}

func networkAnswers() bool {
	ctx, cancel := context.WithTimeout(context.Background(), pluginHostTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, pluginHost, nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	response.Body.Close()
	return response.StatusCode == http.StatusOK
}
