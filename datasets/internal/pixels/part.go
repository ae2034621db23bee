package pixels

import (
	"image"
	"math"
	"math/rand/v2"
)

// randomPart draws a part of 8 to 100% of the area and of proportions from 3:4 to 4:3, anywhere in the picture. If ten
// such parts do not fit, it is the largest about the centre.
func randomPart(random *rand.Rand, bounds image.Rectangle, height, width int) image.Rectangle {
	area := float64(bounds.Dx()) * float64(bounds.Dy())
	for range 10 {
		wanted := area * between(random, 0.08, 1)
		proportion := math.Exp2(between(random, -1, 1) * math.Log2(4./3))
		dx := int(math.Sqrt(wanted*proportion) + 0.5)
		dy := int(math.Sqrt(wanted/proportion) + 0.5)
		if dx < 1 || dy < 1 || dx > bounds.Dx() || dy > bounds.Dy() {
			continue
		}
		from := bounds.Min.Add(image.Pt(random.IntN(bounds.Dx()-dx+1), random.IntN(bounds.Dy()-dy+1)))
		return image.Rectangle{Min: from, Max: from.Add(image.Pt(dx, dy))}
	}
	return centre(bounds, height, width, 1)
}

// between draws a number from low to high.
func between(random *rand.Rand, low, high float64) float64 { return low + (high-low)*random.Float64() }
