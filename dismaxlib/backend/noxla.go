//go:build !(((linux && (amd64 || arm64)) || (darwin && arm64) || (windows && amd64)) && !noxla && cgo)

package backend

import (
	"errors"

	"github.com/gomlx/compute"
)

var errNoXLA = errors.New("not in this build: XLA needs cgo, no build tag noxla, and Linux, macOS (arm64) or " +
	"Windows (amd64)")

func openXLA(string) (compute.Backend, Choice, error) { return nil, Choice{}, errNoXLA }

func foundXLA(name, title string) Finding {
	return Finding{Config: "xla:" + name, Title: title, Detail: errNoXLA.Error()}
}
