//go:build unix

package rows

import (
	"fmt"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/fence"
)

func TestCopiesStayInsideTheirOperands(t *testing.T) {
	for _, axes := range slicesToTest {
		size, part := 1, 1
		for _, axis := range axes {
			size, part = size*axis.Size, part*axis.Count
		}
		to, from := fence.Floats(t, make([]float32, part)), fence.Floats(t, make([]float32, size))
		fence.Inside(t, fmt.Sprint("slice ", axes), func() { NewSlice(axes).Run(to, from, inReverse) })
	}
	for _, rows := range []int{1, 7, 3000} {
		c := Concatenation{Rows: rows, Widths: []int{3, 12, 1}}
		var from [][]float32
		for _, width := range c.Widths {
			from = append(from, fence.Floats(t, make([]float32, rows*width)))
		}
		to := fence.Floats(t, make([]float32, rows*16))
		fence.Inside(t, fmt.Sprintf("%d rows of %v", rows, c.Widths), func() { c.Run(to, from, inReverse) })
	}
}
