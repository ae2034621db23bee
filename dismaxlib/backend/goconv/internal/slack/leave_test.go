//go:build goexperiment.simd && amd64

package slack_test

import (
	"strings"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/slack"
)

func TestBuffersOfEverySizeAreAllocatedWithSlack(t *testing.T) {
	backend, err := gobackend.New("")
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Finalize()
	var memory []byte
	err = slack.Leave(backend, func(size int) []byte {
		memory = slack.Allocate(size)
		return memory
	})
	if err != nil {
		t.Fatal(err)
	}
	for size := 1; size < 1<<22; size += 1 + size/7 {
		memory = nil
		_, flat, err := backend.NewSharedBuffer(0, shapes.Make(dtypes.Uint8, size))
		if err != nil {
			t.Fatal(err)
		}
		data := flat.([]byte)
		if len(memory) < size || &data[0] != &memory[0] || cap(memory) < len(memory)+slack.Size {
			t.Errorf("%d bytes: got memory of %d bytes and %d of slack, want at least %d of slack",
				size, len(memory), cap(memory)-len(memory), slack.Size)
		}
	}
}

func TestUnknownBackendsAreRefused(t *testing.T) {
	err := slack.Leave(&struct{ compute.Backend }{}, slack.Allocate)
	if err == nil || !strings.Contains(err.Error(), "github.com/gomlx/compute") {
		t.Errorf("got error %v, want one that names module compute", err)
	}
}
