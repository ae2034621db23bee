package backend

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/gomlx/compute"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv"
)

// Choice says which backend was opened and why.
type Choice struct {
	Config string // what to give to Open, or GOMLX_BACKEND, for the same again: "goconv", "xla:cuda", …
	Reason string // one line: which and why
	Notice string // "", or one line about what the program's build lacks and how to get it
	Device string // the processor or the accelerator that computes
}

// Open opens the backend that config names. An empty config stands for the environment variable GOMLX_BACKEND, and if
// that is not set either, for the best that works here without waiting: CUDA where there are a GPU and a plugin, XLA
// on the processor where its plugin is installed or can be fetched, else the Go backend.
//
// The configuration "go" gives goconv with the same options, because GoMLX's own go backend has no batch
// normalization. A backend that was named and cannot be had is an error that names the alternatives; Open never puts
// another in its place.
func Open(config string) (compute.Backend, Choice, error) {
	source := "asked for"
	if config == "" {
		config = os.Getenv(compute.ConfigEnvVar)
		source = compute.ConfigEnvVar + "=" + config
	}
	if config == "" {
		return openBest()
	}
	return openNamed(config, source)
}

// openNamed opens the named backend or none.
func openNamed(config, source string) (compute.Backend, Choice, error) {
	name, options, hasOptions := strings.Cut(config, ":")
	reason := source
	if name == "go" {
		name = goconv.Name
		config = name
		if hasOptions {
			config += ":" + options
		}
		reason += "; goconv is the go backend with fast convolution and batch normalization"
	}
	if !slices.Contains(compute.List(), name) {
		return nil, Choice{}, fmt.Errorf("there is no backend %q (%s); there are: %s", name, source, alternatives())
	}
	if isXLA(name) {
		avoidNeedlessDownload(options)
	}
	backend, err := open(config)
	if err != nil {
		return nil, Choice{}, fmt.Errorf("backend %q (%s) cannot be opened; there are: %s: %w",
			config, source, alternatives(), err)
	}
	return backend, describe(backend, config, reason), nil
}

// openBest tries the findings in order; the last, goconv, needs nothing.
func openBest() (compute.Backend, Choice, error) {
	fetchPlugin()
	var refused []string
	for _, finding := range Found() {
		if !finding.Usable {
			refused = append(refused, fmt.Sprintf("%s: %s", finding.Config, finding.Detail))
			continue
		}
		backend, err := open(finding.Config)
		if err != nil {
			refused = append(refused, fmt.Sprintf("%s: %v", finding.Config, err))
			continue
		}
		reason := finding.Detail
		if len(refused) > 0 {
			reason += " (" + strings.Join(refused, "; ") + ")"
		}
		return backend, describe(backend, finding.Config, reason), nil
	}
	return nil, Choice{}, fmt.Errorf("no backend can be opened: %s", strings.Join(refused, "; "))
}

// open makes the errors of the backends' constructors, some of which panic, plain errors of one line.
func open(config string) (backend compute.Backend, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			backend, err = nil, fmt.Errorf("%v", problem)
		}
	}()
	return compute.NewWithConfig(config)
}

func describe(backend compute.Backend, config, reason string) Choice {
	choice := Choice{Config: config, Reason: fmt.Sprintf("backend %s: %s", config, reason)}
	if isXLA(strings.SplitN(config, ":", 2)[0]) && !isOnProcessor(config) {
		choice.Device = backend.DeviceDescription(0)
		return choice
	}
	choice.Device = Processor()
	if !isXLA(strings.SplitN(config, ":", 2)[0]) {
		choice.Notice = notice()
	}
	return choice
}

// notice is the line about missing SIMD.
func notice() string {
	if SIMD() || !simdExists {
		return ""
	}
	return "built without SIMD: the Go backend takes about twice the time; build with GOEXPERIMENT=simd"
}

// SIMD tells whether this program was built with GOEXPERIMENT=simd for a processor whose vector instructions GoMLX's
// Go backend uses.
func SIMD() bool { return simdBuild }
