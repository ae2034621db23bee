package plot

import (
	"errors"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Row returns one picture with the plots side by side, each at its own size, aligned at the top.
func Row(plots ...*Plot) (*Plot, error) {
	if len(plots) == 0 {
		return nil, errors.New("a row needs at least one plot")
	}
	row := &Plot{parts: plots}
	for _, p := range plots {
		row.width += p.width
		row.height = max(row.height, p.height)
	}
	row.body = func(c draw.Canvas) {
		left := c.Min.X
		for _, p := range plots {
			tile := c
			tile.Min = vg.Point{X: left, Y: c.Max.Y - p.height}
			tile.Max = vg.Point{X: left + p.width, Y: c.Max.Y}
			p.draw(tile, false)
			left += p.width
		}
	}
	return row, nil
}
