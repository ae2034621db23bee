//go:build unix

package winograd

import (
	"math/rand/v2"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/fence"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/kerneltest"
)

func TestTransformsStayInsideTheirMemory(t *testing.T) {
	kerneltest.NeedKernels(t)
	for _, transform := range transforms() {
		for _, channels := range []int{1, 7, 8, 9, 16, 45} {
			to := fence.Floats(t, make([]float32, transform.written(channels)))
			from := fence.Floats(t, make([]float32, transform.read(channels)))
			fence.Inside(t, transform.name, func() { transform.vector(to, from, channels) })
		}
	}
}

func TestConvolutionsStayInsideTheirOperands(t *testing.T) {
	kerneltest.NeedKernels(t)
	random := rand.New(rand.NewPCG(9, 10))
	for i := range 200 {
		c := draw(random)
		x := fence.Floats(t, kerneltest.Images(random, c))
		w := fence.Floats(t, kerneltest.Kernel(random, c))
		y := fence.Floats(t, kerneltest.Results(random, c))
		order := c
		if i%2 == 1 {
			order = kerneltest.Reversed(c)
		}
		fence.Inside(t, "forward of "+kerneltest.Name(c), func() { NewForward(order).Run(y, x, w, 3, kerneltest.InOrder) })
		fence.Inside(t, "forward with an epilogue of "+kerneltest.Name(c), func() {
			NewForward(order).RunWith(epilogueOf(c, y), y, x, w, 3, kerneltest.InOrder)
		})
		fence.Inside(t, "kernel gradient of "+kerneltest.Name(c), func() {
			NewKernelGradient(c).Run(w, x, y, 3, kerneltest.InOrder)
		})
	}
}
