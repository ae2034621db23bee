package winograd

import (
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/direct"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/scratch"
)

const (
	side   = 4           // pixels along a tile's side
	planes = side * side // matrices that take the place of the 9 taps
)

// tiling says how the results of a convolution fall into tiles of 2x2, each of which depends on 4x4 pixels of x. The
// last tiles of a row and of a column may reach beyond the results.
type tiling struct {
	c             direct.Convolution
	rows, columns int // of tiles, in an image
}

func newTiling(c direct.Convolution) tiling {
	return tiling{c: c, rows: (c.Axes[0].Positions + 1) / 2, columns: (c.Axes[1].Positions + 1) / 2}
}

// count is the number of tiles of all images.
func (t *tiling) count() int { return t.c.Batch * t.rows * t.columns }

// place returns the image of a tile and the position of its first result.
func (t *tiling) place(tile int) (image, row, column int) {
	tile, column = tile/t.columns, tile%t.columns*2
	return tile / t.rows, tile % t.rows * 2, column
}

// transformPixels transforms some tiles of x. The first one is put at v[0], the next ones follow at the given stride,
// and the planes at theirs.
func (t *tiling) transformPixels(v []float32, stride, plane int, x []float32, first, end int) {
	images := images{x, t.c.Axes[0].Size, t.c.Axes[1].Size, t.c.In}
	border, release := scratch.Floats(planes * t.c.In)
	defer release()
	for tile := first; tile < end; tile++ {
		image, row, column := t.place(tile)
		pixels, rowStride := images.square(side, image, row-t.c.Axes[0].Pad, column-t.c.Axes[1].Pad, border)
		pixelTransform(v[(tile-first)*stride:], plane, pixels, rowStride, t.c.In)
	}
}

// transformGradients does with some tiles of the gradient of y what transformPixels does with those of x.
func (t *tiling) transformGradients(d []float32, stride, plane int, dy []float32, first, end int) {
	images := t.results(dy)
	border, release := scratch.Floats(4 * t.c.Out)
	defer release()
	for tile := first; tile < end; tile++ {
		image, row, column := t.place(tile)
		pixels, rowStride := images.square(2, image, row, column, border)
		gradientTransform(d[(tile-first)*stride:], plane, pixels, rowStride, t.c.Out)
	}
}

// transformResults puts some tiles of y where they belong.
func (t *tiling) transformResults(y, m []float32, stride, plane, first, end int) {
	images := t.results(y)
	border, release := scratch.Floats(4 * t.c.Out)
	defer release()
	for tile := first; tile < end; tile++ {
		image, row, column := t.place(tile)
		from := m[(tile-first)*stride:]
		if images.contains(2, row, column) {
			resultTransform(images.from(image, row, column), images.width*t.c.Out, from, plane, t.c.Out)
			continue
		}
		resultTransform(border, 2*t.c.Out, from, plane, t.c.Out)
		for i := range min(2, images.height-row) {
			copy(images.from(image, row+i, column)[:min(2, images.width-column)*t.c.Out], border[i*2*t.c.Out:])
		}
	}
}

func (t *tiling) results(y []float32) images {
	return images{y, t.c.Axes[0].Positions, t.c.Axes[1].Positions, t.c.Out}
}

// images are [n, height, width, channels].
type images struct {
	data                    []float32
	height, width, channels int
}

// from returns the images from a pixel on.
func (m *images) from(image, row, column int) []float32 {
	return m.data[((image*m.height+row)*m.width+column)*m.channels:]
}

// contains reports whether a square of pixels that begins at (row, column) lies inside.
func (m *images) contains(size, row, column int) bool {
	return row >= 0 && column >= 0 && row+size <= m.height && column+size <= m.width
}

// square returns a square of pixels that begins at (row, column), and the distance of its rows. One that lies inside is
// returned in place, another is copied to the border with zeros around the image.
func (m *images) square(size, image, row, column int, border []float32) (pixels []float32, rowStride int) {
	if m.contains(size, row, column) {
		return m.from(image, row, column), m.width * m.channels
	}
	rowStride = size * m.channels
	clear(border[:size*rowStride])
	left, right := max(0, -column), min(size, m.width-column)
	for i := max(0, -row); i < min(size, m.height-row) && left < right; i++ {
		copy(border[i*rowStride+left*m.channels:], m.from(image, row+i, column+left)[:(right-left)*m.channels])
	}
	return border, rowStride
}

// line is a cache line, in floats. Planes are that much further apart than they need, because what is apart by a power
// of two competes for the same places in a cache.
const line = 16

// spacedOut is how far apart rows of so many floats are: whole lines, and never a multiple of eight of them.
func spacedOut(floats int) int {
	lines := (floats + line - 1) / line
	if lines%8 == 0 {
		lines++
	}
	return lines * line
}

func roundUp(n, multiple int) int { return (n + multiple - 1) / multiple * multiple }
