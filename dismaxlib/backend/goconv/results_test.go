package goconv_test

import (
	"slices"
	"sync"
	"testing"

	"github.com/gomlx/compute"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/slack"
)

// TestMemoryOfResultsServesOtherShapes computes one part of a part after the other, each a little smaller.
func TestMemoryOfResultsServesOtherShapes(t *testing.T) {
	const first, parts, step = 40_000, 100, 20
	var mutex sync.Mutex
	var large int // buffers of about 128 KB
	backend := must(goconv.NewWithMemory("", func(size int) []byte {
		mutex.Lock()
		defer mutex.Unlock()
		if size >= 4*first/2 && size <= 4*first*2 {
			large++
		}
		return slack.Allocate(size)
	}))
	defer backend.Finalize()
	builder := backend.Builder("parts")
	main := builder.Main()
	value := must(main.Parameter("x", graphShape(first), nil))
	for i := 1; i <= parts; i++ {
		value = must(main.Slice(value, []int{step}, []int{first - (i-1)*step}, nil))
	}
	if err := main.Return([]compute.Value{value}, nil); err != nil {
		t.Fatal(err)
	}
	executable := must(builder.Compile())
	x := make([]float32, first)
	for i := range x {
		x[i] = float32(i)
	}
	outputs := must(executable.Execute([]compute.Buffer{must(backend.BufferFromFlatData(0, x, graphShape(first)))}, nil, 0))
	if got := must(outputs[0].Data()).([]float32); !slices.Equal(got, x[parts*step:]) {
		t.Errorf("got %d numbers from %g on, want %d from %g on", len(got), got[0], first-parts*step, x[parts*step])
	}
	// Two for a part and the part of it, one for the operand and one for the result; some more if the garbage collector
	// comes between; and where the race detector watches, a quarter of the parts, for sync.Pool then drops one of four.
	if large > parts/2 {
		t.Errorf("%d parts took %d buffers, want at most %d", parts, large, parts/2)
	}
}
