package backend

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/gomlx/compute"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv"
)

// Choice is which backend was opened and why.
type Choice struct {
	Config       string // what to give to Open, or GOMLX_BACKEND, for the same again: "goconv", "xla:cuda", …
	Reason       string // one line: which and why
	Notice       string // "", or one line about what the program's build lacks and how to get it
	Device       string // the processor or the accelerator that computes
	Instructions string // of the Go backend: see [Instructions]; "" for XLA
	Plugin       string // of XLA: the plugin's file name and the version of its interface; "" for the Go backend
	Platform     string // of XLA: the platform and its version in the plugin's words, as "cpu"; "" for the Go backend
	TF32         string // of a GPU: what may round float32 to TF32's 10 bits, "products and convolutions", or "off"; "" for others
}

// Open opens the backend that config names. An empty config stands for the environment variable GOMLX_BACKEND, and if
// that is not set either, for CUDA where there are a GPU and a plugin that work, else goconv; XLA on the CPU is opened
// by name only.
//
// The configuration "go" gives goconv with the same options, because GoMLX's own go backend has no batch
// normalization. A backend that was named and cannot be had is an error of one line that says what to do and names
// the alternatives; Open never puts another in its place. It never uses the network: a plugin is installed by
// [github.com/dismax-go/dismax/dismaxlib/backend/install] or by hand.
func Open(config string) (compute.Backend, Choice, error) {
	if config != "" {
		return openNamed(config, "asked for")
	}
	if config = os.Getenv(compute.ConfigEnvVar); config != "" {
		return openNamed(config, "named by "+compute.ConfigEnvVar)
	}
	return openBest()
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
	if !isXLA(name) && !slices.Contains(compute.List(), name) {
		return nil, Choice{}, fmt.Errorf("there is no backend %q (%s); usable here: %s", name, source, alternatives())
	}
	backend, choice, err := open(config)
	if err != nil {
		return nil, Choice{}, fmt.Errorf("backend %q (%s) cannot be opened: %w; usable here: %s",
			config, source, err, alternatives())
	}
	choice.Reason = fmt.Sprintf("backend %s: %s", choice.Config, reason)
	return backend, choice, nil
}

// openBest tries the findings in order; goconv needs nothing, so that what is behind it in the order is never opened.
func openBest() (compute.Backend, Choice, error) {
	var refused []string
	for _, finding := range Found() {
		var err error
		if !finding.Usable {
			err = errors.New(finding.Detail)
		}
		var backend compute.Backend
		var choice Choice
		if err == nil {
			backend, choice, err = open(finding.Config)
		}
		if err != nil {
			refused = append(refused, fmt.Sprintf("%s: %v", finding.Config, err))
			continue
		}
		choice.Reason = fmt.Sprintf("backend %s: %s", choice.Config, finding.Detail)
		if len(refused) > 0 {
			choice.Reason += " (" + strings.Join(refused, "; ") + ")"
		}
		return backend, choice, nil
	}
	return nil, Choice{}, fmt.Errorf("no backend can be opened: %s", strings.Join(refused, "; "))
}

func isXLA(name string) bool {
	return slices.Contains([]string{"xla", "stablehlo", "hlo", "shlo"}, name)
}

// open gives everything of the choice but its reason. It makes the errors of the backends' constructors, some of which
// panic, plain errors of one line.
func open(config string) (backend compute.Backend, choice Choice, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			backend, err = nil, fmt.Errorf("%v", problem)
		}
	}()
	name, options, _ := strings.Cut(config, ":")
	if isXLA(name) {
		return openXLA(options)
	}
	backend, err = compute.NewWithConfig(config)
	return backend, Choice{Config: config, Notice: notice(), Device: Processor(), Instructions: Instructions()}, err
}

// notice is the line about missing SIMD.
func notice() string {
	if SIMD() || !simdExists {
		return ""
	}
	return "built without SIMD: the Go backend takes about twice the time; build with GOEXPERIMENT=simd"
}

// SIMD reports whether this program was built with GOEXPERIMENT=simd for a processor whose vector instructions GoMLX's
// Go backend uses.
func SIMD() bool { return simdBuild }
