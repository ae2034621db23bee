//go:build unix

package direct

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/fence"
)

func TestKernelsStayInsideTheirMemory(t *testing.T) {
	forEachKernelSet(t, func(t *testing.T) {
		for _, panel := range kernels.panels {
			for _, channels := range []int{1, 3, 8} {
				name := fmt.Sprintf("panel %d, %d channels", panel, channels)
				checkInside(t, name+": rows", func() { callRows(t, panel, channels) })
				checkInside(t, name+": outer", func() { callOuter(t, panel, channels) })
			}
		}
		checkInside(t, "transpose", func() {
			to, from := fence.Floats(t, make([]float32, 64)), fence.Floats(t, make([]float32, 64))
			kernels.transpose8x8(&to[0], &from[0], 8*4, 8*4)
		})
	})
}

func checkInside(t *testing.T, what string, f func()) {
	t.Helper()
	if problem := fence.Check(f); problem != nil {
		t.Errorf("%s: got %v, want no access past an end", what, problem)
	}
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

func TestConvolutionsStayInsideTheirOperands(t *testing.T) {
	forEachKernelSet(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(9, 10))
		for i := range 200 {
			c := draw(random, i%2 == 1)
			x := fence.Floats(t, randomFloats(random, c.Batch*c.imageLen()))
			w := fence.Floats(t, randomFloats(random, c.kernelLen()))
			y := fence.Floats(t, randomFloats(random, c.Batch*c.resultLen()))
			checkInside(t, fmt.Sprintf("forward of %+v", c), func() { NewForward(c).Run(y, x, w, 3, inOrder) })
			if i%2 == 0 {
				checkInside(t, fmt.Sprintf("forward of %+v, with an epilogue", c), func() {
					NewForward(c).RunWith(epilogueOf(t, c, y), y, x, w, 3, inOrder)
				})
				checkInside(t, fmt.Sprintf("kernel gradient of %+v", c), func() {
					NewKernelGradient(c).Run(w, x, y, 3, inOrder)
				})
			}
		}
	})
}
