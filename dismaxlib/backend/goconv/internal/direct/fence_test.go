//go:build unix

package direct

import (
	"fmt"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/fence"
)

func TestKernelsStayInsideTheirMemory(t *testing.T) {
	ForEachKernelSet(t, func(t *testing.T) {
		for _, panel := range kernels.panels {
			for _, channels := range []int{1, 3, 8} {
				name := fmt.Sprintf("panel %d, %d channels", panel, channels)
				fence.Inside(t, name+": rows", func() { callRows(t, panel, channels) })
				fence.Inside(t, name+": outer", func() { callOuter(t, panel, channels) })
			}
		}
		fence.Inside(t, "transpose", func() {
			to, from := fence.Floats(t, make([]float32, 64)), fence.Floats(t, make([]float32, 64))
			kernels.transpose8x8(&to[0], &from[0], 8*4, 8*4)
		})
	})
}

// callRows multiplies blockRows positions of two taps, all of whose memory ends at unreadable pages.
func callRows(t *testing.T, panel, channels int) {
	x := fence.Floats(t, make([]float32, (blockRows+1)*channels))
	y := fence.Floats(t, make([]float32, blockRows*panel))
	w := fence.Floats(t, make([]float32, 2*channels*panel))
	var xOffsets, yOffsets [blockRows]int
	for row := range blockRows {
		xOffsets[row], yOffsets[row] = row*channels*4, row*panel*4
	}
	taps := [2]int{0, channels * 4}
	for add := range 2 {
		kernels.rows[panel](&x[0], &y[0], &w[0], &xOffsets[0], &yOffsets[0], &taps[0], len(taps), channels, add)
	}
}

// callOuter sums over some positions, all of whose memory ends at unreadable pages.
func callOuter(t *testing.T, panel, positions int) {
	x := fence.Floats(t, make([]float32, positions*blockRows))
	dy := fence.Floats(t, make([]float32, positions*panel))
	sum := fence.Floats(t, make([]float32, blockRows*panel))
	xOffsets, dyOffsets := make([]int, positions), make([]int, positions)
	for i := range positions {
		xOffsets[i], dyOffsets[i] = i*blockRows*4, i*panel*4
	}
	for add := range 2 {
		kernels.outer[panel](&x[0], &dy[0], &sum[0], &xOffsets[0], &dyOffsets[0], positions, panel*4, add)
	}
}
