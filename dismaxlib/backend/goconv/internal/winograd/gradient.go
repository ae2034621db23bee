package winograd

import (
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/direct"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/scratch"
)

const (
	// maxChunks is into how many chunks the tiles are divided at most, each with a sum of its own; chunkTiles is how
	// many tiles are worth a chunk, and chunkFloats how many floats all sums may have. None depends on the number of
	// processors, so that the order of summation does not.
	maxChunks   = 16
	chunkTiles  = 256
	chunkFloats = 1 << 20

	// largeGroup is how many tiles a group has at least whose sum is larger than chunkFloats, so that adding to the sum
	// takes little of the time.
	largeGroup = 64
)

// KernelGradient is the gradient of the kernel,
//
//	dw[tap, in, out] = Σ over batch, position of x'[batch, position + tap - Pad, in] · dy[batch, position, out],
//
// with everything prepared that does not depend on the data. It may be used by many goroutines.
type KernelGradient struct {
	tiling
	product          *direct.OuterProduct
	chunks           int
	group            int // tiles of a chunk that are transformed and multiplied at a time
	vStride, dStride int // from tile to tile, of x and dy transformed
	vPlane, dPlane   int // from plane to plane
	sumPlane, sumLen int // a plane of a sum, [in, dStride], and a sum
}

// NewKernelGradient prepares the gradient of the kernel of a convolution that is [Supported]. The gradient has the
// memory order of the kernel, in which output channels must be neighbours.
func NewKernelGradient(c direct.Convolution) *KernelGradient {
	g := &KernelGradient{tiling: newTiling(c), vStride: spacedOut(c.In), dStride: spacedOut(c.Out)}
	g.sumPlane = roundUp(c.In, direct.BlockRows)*g.dStride + line
	g.sumLen = planes * g.sumPlane
	g.chunks = max(1, min(maxChunks, g.count()/chunkTiles, chunkFloats/g.sumLen))
	least := minGroup
	if g.sumLen > chunkFloats {
		least = largeGroup
	}
	g.group = groupTiles((g.count()+g.chunks-1)/g.chunks, g.vStride+g.dStride, least)
	g.vPlane, g.dPlane = g.group*g.vStride+line, g.group*g.dStride+line
	g.product = direct.NewOuterProduct(g.group, c.In, c.Out, g.vStride, g.dStride, g.dStride)
	return g
}

// Run computes dw from x and dy.
func (g *KernelGradient) Run(dw, x, dy []float32, workers int, run direct.Runner) {
	sums, release := scratch.Floats(g.chunks * g.sumLen)
	defer release()
	largest := (g.count() + g.chunks - 1) / g.chunks
	s := schedule{
		groups: g.chunks, steps: (largest + g.group - 1) / g.group, floats: planes * (g.vPlane + g.dPlane),
	}
	s.stages = []stage{
		{g.group / partTiles, func(memory []float32, chunk, step, part int) {
			first, end := g.tiles(chunk, step)
			from := min(first+part*partTiles, end)
			end = min(from+partTiles, end)
			v, d := memory[part*partTiles*g.vStride:], memory[planes*g.vPlane+part*partTiles*g.dStride:]
			g.transformPixels(v, g.vStride, g.vPlane, x, from, end)
			g.transformGradients(d, g.dStride, g.dPlane, dy, from, end)
		}},
		{planes, func(memory []float32, chunk, step, plane int) {
			first, end := g.tiles(chunk, step)
			if first == end {
				return
			}
			v, d := memory[plane*g.vPlane:], memory[planes*g.vPlane+plane*g.dPlane:]
			g.product.Multiply(sums[chunk*g.sumLen+plane*g.sumPlane:], v, d, end-first, step)
		}},
	}
	s.run(workers, run)
	run((g.c.In+partTiles-1)/partTiles, func(task int) {
		for in := task * partTiles; in < min((task+1)*partTiles, g.c.In); in++ {
			g.finish(dw, sums, in)
		}
	})
}

// tiles is the range of tiles in a step of a chunk, which may be empty.
func (g *KernelGradient) tiles(chunk, step int) (first, end int) {
	first, end = chunk*g.count()/g.chunks, (chunk+1)*g.count()/g.chunks
	first = min(first+step*g.group, end)
	return first, min(first+g.group, end)
}

// finish adds the sums of an input channel and puts its gradients where they belong.
func (g *KernelGradient) finish(dw, sums []float32, in int) {
	at := in * g.dStride
	for chunk := 1; chunk < g.chunks; chunk++ {
		for plane := range planes {
			to := sums[plane*g.sumPlane+at:][:g.c.Out]
			add(to, sums[chunk*g.sumLen+plane*g.sumPlane+at:])
		}
	}
	strides := g.c.KernelStrides
	to := dw[g.c.KernelStart+in*strides[2]:]
	kernelTransform(to, strides[0], strides[1], sums[at:], g.sumPlane, g.c.Out)
}
