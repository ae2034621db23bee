//go:build unix

package winograd

import (
	"math/rand/v2"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/fence"
)

func checkInside(t *testing.T, what string, f func()) {
	t.Helper()
	if problem := fence.Check(f); problem != nil {
		t.Errorf("%s: got %v, want no access past an end", what, problem)
	}
}

func TestTransformsStayInsideTheirMemory(t *testing.T) {
	needKernels(t)
	for _, transform := range transforms() {
		for _, channels := range []int{1, 7, 8, 9, 16, 45} {
			to := fence.Floats(t, make([]float32, transform.written(channels)))
			from := fence.Floats(t, make([]float32, transform.read(channels)))
			checkInside(t, transform.name, func() { transform.vector(to, from, channels) })
		}
	}
}

func TestConvolutionsStayInsideTheirOperands(t *testing.T) {
	needKernels(t)
	random := rand.New(rand.NewPCG(9, 10))
	for i := range 200 {
		c := draw(random)
		x := fence.Floats(t, randomFloats(random, imagesLen(c)))
		w := fence.Floats(t, randomFloats(random, kernelLen(c)))
		y := fence.Floats(t, randomFloats(random, resultsLen(c)))
		order := c
		if i%2 == 1 {
			order = reversed(c)
		}
		checkInside(t, "forward of "+name(c), func() { NewForward(order).Run(y, x, w, 3, inOrder) })
		checkInside(t, "forward with an epilogue of "+name(c), func() {
			NewForward(order).RunWith(epilogueOf(c, y), y, x, w, 3, inOrder)
		})
		checkInside(t, "kernel gradient of "+name(c), func() { NewKernelGradient(c).Run(w, x, y, 3, inOrder) })
	}
}
