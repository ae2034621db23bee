package batchnorm

// tiling looks at [rows, features] as rows of so many features that vectors fit: features times the least number that
// makes a multiple of the lanes. The vectors of features are repeated as often. Rows that are left over at the end are
// for loops without vectors.
type tiling struct {
	rows, features int
	width          int // floats of a wide row, a multiple of the lanes
	wideRows       int
	chunkRows      int // wide rows in a chunk
}

func (n *Normalization) tiling() tiling {
	t := tiling{rows: n.Rows, features: n.Features, width: n.Features}
	for t.width%lanes != 0 {
		t.width += n.Features
	}
	t.wideRows = n.Rows * n.Features / t.width
	t.chunkRows = max(1, chunkFloats/t.width)
	return t
}

// tiledRows is the number of rows that the wide rows cover.
func (t *tiling) tiledRows() int { return t.wideRows * (t.width / t.features) }

func (t *tiling) chunks() int { return (t.wideRows + t.chunkRows - 1) / t.chunkRows }

// repeat makes a vector of features as wide as a row.
func (t *tiling) repeat(vector []float32) []float32 {
	wide := make([]float32, 0, t.width)
	for len(wide) < t.width {
		wide = append(wide, vector...)
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

// each calls chunk for every chunk, and row for every row that is left over.
func (t *tiling) each(run Runner, chunk func(first, end int), row func(row int)) {
	t.eachChunk(run, func(_, first, end int) { chunk(first, end) })
	for r := t.tiledRows(); r < t.rows; r++ {
		row(r)
	}
}
