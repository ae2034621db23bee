//go:build unix

package direct_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/direct"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/fence"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/kerneltest"
)

func TestConvolutionsStayInsideTheirOperands(t *testing.T) {
	direct.ForEachKernelSet(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(9, 10))
		for i := range 200 {
			c := draw(random, i%2 == 1)
			x := fence.Floats(t, kerneltest.Images(random, c))
			w := fence.Floats(t, kerneltest.Kernel(random, c))
			y := fence.Floats(t, kerneltest.Results(random, c))
			fence.Inside(t, fmt.Sprintf("forward of %+v", c), func() { direct.NewForward(c).Run(y, x, w, 3, kerneltest.InOrder) })
			if i%2 == 0 {
				fence.Inside(t, fmt.Sprintf("forward of %+v, with an epilogue", c), func() {
					direct.NewForward(c).RunWith(epilogueOf(t, c, y), y, x, w, 3, kerneltest.InOrder)
				})
				fence.Inside(t, fmt.Sprintf("kernel gradient of %+v", c), func() {
					direct.NewKernelGradient(c).Run(w, x, y, 3, kerneltest.InOrder)
				})
				fence.Inside(t, fmt.Sprintf("%+v with a prologue", c), func() {
					direct.NewForward(c).Reading(prologueOf(t, c)).Run(y, x, w, 3, kerneltest.InOrder)
					direct.NewKernelGradient(c).Reading(prologueOf(t, c)).Run(w, x, y, 3, kerneltest.InOrder)
				})
			}
		}
	})
}
