// Package testkit is what tests of several packages share. [Backend] gives them a compute backend, and [PanicOf] what a
// call panics with. Helpers that one package needs belong beside that package's tests.
package testkit

import (
	"os"
	"sync"
	"testing"

	"github.com/gomlx/compute"

	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv"
)

// Backend returns the backend that tests run on: GOMLX_BACKEND, or goconv if that is not set, so that tests need no
// plugin and no network. It is opened once for each test program.
func Backend(t testing.TB) compute.Backend {
	t.Helper()
	opened, err := open()
	if err != nil {
		t.Fatal(err)
	}
	return opened
}

var open = sync.OnceValues(func() (compute.Backend, error) {
	config := os.Getenv(compute.ConfigEnvVar)
	if config == "" {
		config = goconv.Name
	}
	opened, _, err := backend.Open(config)
	return opened, err
})
