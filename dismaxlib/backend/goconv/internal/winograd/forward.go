package winograd

import (
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/direct"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/kept"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/scratch"
)

const (
	// groupFloats is about how many floats of transformed tiles a group has, so that they stay in the second-level
	// cache, and minGroup and maxGroup bound its tiles: with fewer, the weights would pass through the cache too often.
	groupFloats = 96 << 10
	minGroup    = 32
	maxGroup    = 256

	// partTiles is how many tiles a part of a stage transforms, and weightInputs how many inputs of a panel of outputs a
	// task does whose weights lie by inputs.
	partTiles    = direct.BlockRows
	weightInputs = 64
)

// Forward is a convolution with everything prepared that does not depend on the data. It may be used by many
// goroutines.
type Forward struct {
	tiling
	product          *direct.Product
	group            int // tiles at most, a multiple of direct.BlockRows
	vStride, mStride int // from tile to tile, of x and y transformed
	vPlane, mPlane   int // from plane to plane
	weightPlane      int // likewise, of the weights
	kept             *kept.Slot
}

// NewForward prepares a convolution that is [Supported].
func NewForward(c direct.Convolution) *Forward {
	f := &Forward{tiling: newTiling(c), vStride: spacedOut(c.In), mStride: spacedOut(c.Out)}
	f.group = groupTiles(f.count(), f.vStride+f.mStride, minGroup)
	f.vPlane, f.mPlane = f.group*f.vStride+line, f.group*f.mStride+line
	f.product = direct.NewProduct(f.group, c.In, c.Out, f.vStride, f.mStride)
	f.weightPlane = f.product.PackedLen() + line
	return f
}

// KeepWeights lets the convolution keep its transformed weights from call to call, and share them with others of the same
// store. It comes before the first Run.
func (f *Forward) KeepWeights(store *kept.Store) {
	type form struct {
		in, out, start int
		strides        [4]int
	}
	f.kept = store.Slot(form{f.c.In, f.c.Out, f.c.KernelStart, f.c.KernelStrides})
}

// WeightBytes is how much memory the transformed weights take.
func (f *Forward) WeightBytes() int { return 4 * planes * f.weightPlane }

// groupTiles divides the tiles, of so many floats in each plane, into groups of nearly equal numbers.
func groupTiles(tiles, floats, least int) int {
	group := min(max(groupFloats/(planes*floats), least), maxGroup)
	groups := (tiles + group - 1) / group
	return roundUp((tiles+groups-1)/groups, direct.BlockRows)
}

// Run computes y from x and w.
func (f *Forward) Run(y, x, w []float32, workers int, run direct.Runner) {
	f.RunWith(nil, y, x, w, workers, run)
}

// RunWith is [Forward.Run] with an epilogue, which may be nil.
func (f *Forward) RunWith(epilogue direct.Epilogue, y, x, w []float32, workers int, run direct.Runner) {
	weights, release := f.kept.Floats(w, planes*f.weightPlane, run, func(to []float32) { f.transformWeights(to, w, run) })
	defer release()
	size := f.groupFor(workers)
	s := schedule{groups: (f.count() + size - 1) / size, steps: 1, floats: planes * (f.vPlane + f.mPlane)}
	panels := f.product.Panels
	panelParts := min(len(panels), 4)
	s.stages = []stage{
		{size / partTiles, func(memory []float32, group, _, part int) {
			first, end := f.tiles(group*size, part)
			f.transformPixels(memory[part*partTiles*f.vStride:], f.vStride, f.vPlane, x, first, end)
		}},
		{planes * panelParts, func(memory []float32, group, _, part int) {
			plane, part := part/panelParts, part%panelParts
			some := panels[part*len(panels)/panelParts : (part+1)*len(panels)/panelParts]
			v, m := memory[plane*f.vPlane:], memory[planes*f.vPlane+plane*f.mPlane:]
			rows := min(size, roundUp(f.count()-group*size, direct.BlockRows))
			f.product.Multiply(m, v, weights[plane*f.weightPlane:], rows, some)
		}},
		{size / partTiles, func(memory []float32, group, _, part int) {
			first, end := f.tiles(group*size, part)
			f.transformResults(y, memory[planes*f.vPlane+part*partTiles*f.mStride:], f.mStride, f.mPlane, first, end)
			if epilogue != nil {
				f.finish(epilogue, first, end)
			}
		}},
	}
	s.run(workers, run)
}

// groupFor is how many tiles a group has so that workers have about equally much to do: as many as can be if that leaves
// their cores idle for at most a twentieth of the time.
func (f *Forward) groupFor(workers int) int {
	for size := f.group; size >= minGroup && workers > 1; size -= direct.BlockRows {
		rounds := (f.count() + size*workers - 1) / (size * workers)
		if 20*rounds*workers*size <= 21*f.count() {
			return size
		}
	}
	return f.group
}

// tiles is the range of tiles in a part of a group that begins with tile number at. It may be empty.
func (f *Forward) tiles(at, part int) (first, end int) {
	first = at + part*partTiles
	return first, min(first+partTiles, f.count())
}

// finish calls an epilogue for some tiles: once for each row of results of those that are neighbours.
func (f *Forward) finish(epilogue direct.Epilogue, first, end int) {
	height, width := f.c.Axes[0].Positions, f.c.Axes[1].Positions
	for first < end {
		image, row, column := f.place(first)
		tiles := min(end-first, f.columns-column/2)
		from, to := column, min(column+2*tiles, width)
		for i := row; i < min(row+2, height); i++ {
			at := (image*height + i) * width
			epilogue(at+from, at+to, 0, f.c.Out)
		}
		first += tiles
	}
}

// transformWeights makes the planes of packed weights. A task goes along what is contiguous: the outputs of a few inputs,
// or in the order of a gradient of the input, the inputs of a few outputs.
func (f *Forward) transformWeights(weights, w []float32, run direct.Runner) {
	panels, together, inputs := f.product.Panels, 1, weightInputs
	if f.c.KernelStrides[3] == 1 {
		together, inputs = len(panels), direct.BlockRows
	}
	pieces := (f.c.In + inputs - 1) / inputs
	run(len(panels)/together*pieces, func(task int) {
		first := task % pieces * inputs
		end := min(first+inputs, f.c.In)
		for _, panel := range panels[task/pieces*together:][:together] {
			f.transformPanel(weights[f.c.In*panel.First+first*panel.Width:], w, first, end, panel)
		}
	})
}

// transformPanel transforms a panel's weights of the inputs first to end-1, where they lie if that can be.
func (f *Forward) transformPanel(to, w []float32, first, end int, panel direct.Panel) {
	strides := f.c.KernelStrides
	if panel.Valid == panel.Width && strides[3] == 1 && min(strides[0], strides[1]) > 0 {
		from := w[f.c.KernelStart+first*strides[2]+panel.First:]
		weightTransform(to, f.weightPlane, from, weightSteps{strides[0], strides[1], strides[2]}, end-first, panel.Width)
		return
	}
	tap := (end-first)*panel.Width + line
	packed, release := scratch.Floats(9 * tap)
	defer release()
	for i := range 9 {
		f.c.Pack(packed[i*tap:], w, i/3, i%3, first, end, panel)
	}
	weightTransform(to, f.weightPlane, packed, weightSteps{3 * tap, tap, panel.Width}, end-first, panel.Width)
}
