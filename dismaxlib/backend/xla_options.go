//go:build ((linux && (amd64 || arm64)) || (darwin && arm64) || (windows && amd64)) && !noxla && cgo

package backend

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gomlx/go-xla/pjrt"
)

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

// tf32Variable keeps NVIDIA's libraries from TF32 if it is "0". XLA computes convolutions with them; matrix products it
// may compute without.
const tf32Variable = "NVIDIA_TF32_OVERRIDE"

// usesTF32 says what on a GPU may round its float32 operands to TF32, given whether go-xla asks for it in matrix
// products, and the value of tf32Variable. XLA's convolutions use it unless they are kept from it.
func usesTF32(inProducts bool, override string) string {
	inConvolutions := override != "0"
	switch {
	case inProducts && inConvolutions:
		return "products and convolutions"
	case inProducts:
		return "products"
	case inConvolutions:
		return "convolutions"
	}
	return "off"
}
