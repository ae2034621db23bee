//go:build unix

package elementwise

import (
	"fmt"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/fence"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/kerneltest"
)

func TestProgramsStayInsideTheirOperands(t *testing.T) {
	for _, size := range []int{1, 7, 8, 12, block - 1, block + 9, chunk + 3} {
		program := everyOp
		program.Size = size
		floats := func(n int) []float32 { return fence.Floats(t, make([]float32, n)) }
		outputs, inputs := [][]float32{floats(size), floats(size)}, [][]float32{floats(size), floats(1), floats(size)}
		fence.Inside(t, fmt.Sprint(size, " elements"), func() { program.Run(outputs, inputs, kerneltest.InOrder) })
	}
}
