package pixels

import "math/rand/v2"

// cropPadding is the number of pixels around an image out of which it is cropped.
const cropPadding = 4

// Shift is the published augmentation of small images: a crop of the original size out of the image with a border, which
// moves the image by up to cropPadding pixels, and a mirror image in half of the cases.
type Shift struct {
	down, right int // from -cropPadding to cropPadding
	mirror      bool
}

// DrawShift draws each of the crops and mirrorings with the same probability.
func DrawShift(random *rand.Rand) Shift {
	const crops = 2*cropPadding + 1
	draw := random.Uint64N(crops * crops * 2)
	return Shift{
		down:   int(draw%crops) - cropPadding,
		right:  int(draw/crops%crops) - cropPadding,
		mirror: draw/(crops*crops) == 1,
	}
}

// Apply writes the moved image into to, which must have the border's colour. Both are [height, width, Channels].
func (move Shift) Apply(to, from []uint8, height, width int) {
	stride := width * Channels
	left, right := max(0, move.right), width+min(0, move.right) // columns of to that the image covers
	for y := max(0, move.down); y < min(height, height+move.down); y++ {
		row := to[y*stride : (y+1)*stride]
		source := from[(y-move.down)*stride : (y-move.down+1)*stride]
		if left < right {
			copy(row[left*Channels:right*Channels], source[(left-move.right)*Channels:])
		}
		if move.mirror {
			mirrorRow(row)
		}
	}
}

// mirrorRow reverses the order of the pixels of a row in place.
func mirrorRow(row []uint8) {
	for i, j := 0, len(row)-Channels; i < j; i, j = i+Channels, j-Channels {
		row[i], row[i+1], row[i+2], row[j], row[j+1], row[j+2] = row[j], row[j+1], row[j+2], row[i], row[i+1], row[i+2]
	}
}
