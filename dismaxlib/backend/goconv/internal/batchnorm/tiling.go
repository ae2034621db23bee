package batchnorm

import "github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/scratch"

// tiling looks at [rows, features] as wide rows of whole vectors: features times the least number that makes a multiple
// of the lanes, and not too few of them. Vectors of features are repeated as often. Rows that are left over at the end
// fill no wide row.
type tiling struct {
	features  int
	width     int // floats of a wide row
	wideRows  int
	chunkRows int // wide rows in a chunk
}

const (
	// minWidth is so many vectors that sums of one row do not wait for those of the row before.
	minWidth = 8 * lanes

	// chunkFloats is about how many floats a task works on, 64 KB, and minChunkRows of how many rows at least, so that
	// the sums of chunks are few beside what they sum.
	chunkFloats  = 16 << 10
	minChunkRows = 32
)

func (n *Normalization) tiling() tiling {
	t := tiling{features: n.Features, width: n.Features}
	for t.width%lanes != 0 || t.width < minWidth {
		t.width += n.Features
	}
	t.wideRows = n.Rows * n.Features / t.width
	t.chunkRows = max(minChunkRows, chunkFloats/t.width)
	return t
}

// tiled is how many floats the wide rows cover.
func (t *tiling) tiled() int { return t.wideRows * t.width }

func (t *tiling) chunks() int { return (t.wideRows + t.chunkRows - 1) / t.chunkRows }

// repeat makes a vector of features as wide as a row.
func (t *tiling) repeat(vector []float32) []float32 {
	wide := make([]float32, 0, t.width)
	for len(wide) < t.width {
		wide = append(wide, vector...)
	}
	return wide
}

func (t *tiling) repeatAffine(a affine) affine {
	wide := affine{mean: t.repeat(a.mean), gain: t.repeat(a.gain)}
	if a.offset != nil {
		wide.offset = t.repeat(a.offset)
	}
	return wide
}

// eachChunk calls visit for every chunk with the range of floats that it covers.
func (t *tiling) eachChunk(run Runner, visit func(i, first, end int)) {
	run(t.chunks(), func(i int) {
		end := min((i+1)*t.chunkRows, t.wideRows)
		visit(i, i*t.chunkRows*t.width, end*t.width)
	})
}

// reduce sums two quantities over the rows, for every feature: in float32 within the chunks and the rows left over, in
// float64 over them. chunk and rest add to sums for each column of their rows, which begin with float number first.
func (t *tiling) reduce(
	run Runner, chunk func(a, b []float32, first, end int), rest func(a, b []float32, first int),
) (a, b []float64) {
	partial, release := scratch.Floats((t.chunks() + 1) * 2 * t.width)
	defer release()
	clear(partial)
	t.eachChunk(run, func(i, first, end int) {
		own := partial[i*2*t.width:][:2*t.width]
		chunk(own[:t.width], own[t.width:], first, end)
	})
	left := partial[t.chunks()*2*t.width:]
	rest(left[:t.features], left[t.width:][:t.features], t.tiled())
	a, b = make([]float64, t.features), make([]float64, t.features)
	for ; len(partial) > 0; partial = partial[2*t.width:] {
		fold(a, partial[:t.width])
		fold(b, partial[t.width:2*t.width])
	}
	return a, b
}

// fold adds to every feature its columns of a wide row.
func fold(features []float64, row []float32) {
	for ; len(row) > 0; row = row[len(features):] {
		for i := range features {
			features[i] += float64(row[i])
		}
	}
}
