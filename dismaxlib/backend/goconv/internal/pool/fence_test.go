//go:build unix

package pool

import (
	"fmt"
	"math"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/fence"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/kerneltest"
)

func TestWindowsStayInsideTheirOperands(t *testing.T) {
	for _, axis := range []Axis{
		{Size: 7, Width: 3, Positions: 3, Stride: 2}, {Size: 5, Width: 2, Positions: 3, Stride: 2, Pad: 0},
		{Size: 5, Width: 3, Positions: 5, Stride: 1, Pad: 1},
	} {
		for _, channels := range []int{1, 3, 12} {
			w := Window{Batch: 2, Channels: channels, Axes: [2]Axis{axis, axis}}
			x := fence.Floats(t, make([]float32, w.Batch*axis.Size*axis.Size*channels))
			dx := fence.Floats(t, make([]float32, len(x)))
			y := fence.Floats(t, make([]float32, w.Batch*axis.Positions*axis.Positions*channels))
			fence.Inside(t, fmt.Sprintf("%+v", w), func() {
				w.Sum(y, x, kerneltest.InOrder)
				w.Max(y, x, float32(math.Inf(-1)), kerneltest.InOrder)
				w.MaxGradient(dx, x, y, kerneltest.InOrder)
			})
		}
	}
}
