package pixels

import (
	"image"
	"image/color"
)

// copyYCbCr420 writes the colours of a picture whose colour differences are stored at half the width and height, as in
// most JPEG files. It interpolates them as libjpeg does, so that a model sees the pixels that PyTorch's users see:
// Go's own conversion repeats them, which gives other colours at edges. Each value stored covers four pixels; a pixel's
// is 9/16 of that which covers it, 3/16 of each of the two beside and 1/16 of that across.
func copyYCbCr420(to []uint8, picture *image.YCbCr) {
	height, width := picture.Rect.Dy(), picture.Rect.Dx()
	blue, red := make([]uint8, width), make([]uint8, width)
	for y := range height {
		interpolateRow(blue, picture.Cb, picture.CStride, y, (height+1)/2, libjpeg)
		interpolateRow(red, picture.Cr, picture.CStride, y, (height+1)/2, libjpeg)
		luma := picture.Y[y*picture.YStride:]
		for x := range blue {
			to[0], to[1], to[2] = color.YCbCrToRGB(luma[x], blue[x], red[x])
			to = to[Channels:]
		}
	}
}

// rounding is how halves are rounded: up, less so much in every second column.
type rounding int

const (
	libwebp rounding = 0 // always up
	libjpeg rounding = 1 // up and down in turn, so that there is no bias
)

// interpolateRow computes row y of colour differences from the rows stored.
func interpolateRow(row, stored []uint8, stride, y, rows int, halves rounding) {
	near, far := y/2, beside(y, rows)
	nearRow, farRow := stored[near*stride:], stored[far*stride:]
	columns := (len(row) + 1) / 2
	column := func(x int) int { return 3*int(nearRow[x]) + int(farRow[x]) }
	for x := range row {
		row[x] = uint8((3*column(x/2) + column(beside(x, columns)) + 8 - int(halves)*(x%2)) >> 4)
	}
}

// beside returns the second nearest of count values stored, each for two pixels, to pixel x: the one before for even
// pixels, the one after for odd ones, and the value itself at the edges.
func beside(x, count int) int { return min(max(x/2-1+x%2*2, 0), count-1) }
