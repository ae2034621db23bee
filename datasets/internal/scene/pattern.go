package scene

import (
	"math"
	"math/rand/v2"
)

// DrawPattern draws an image without a figure into to, [Size, Size, Channels]: fine or coarse noise, soft waves, a soft
// checkerboard or a change of colour, in the colours of a scene.
func DrawPattern(random *rand.Rand, to []uint8) {
	var image canvas
	first, second := drawColour(random, 0, 0.7), drawColour(random, 0, 0.7)
	sin, cos := math.Sincos(between(random, 0, math.Pi))
	wave := 2 * math.Pi / between(random, 8, 24)
	noise := between(random, 0.03, 0.25)
	var pattern func(x, y float64) float64
	switch random.IntN(5) {
	case 0:
		pattern, noise = func(_, _ float64) float64 { return 0.5 }, between(random, 0.25, 0.5)
	case 1:
		pattern = coarseNoise(random)
	case 2:
		pattern = func(x, y float64) float64 { return 0.5 + 0.5*math.Sin((x+2*math.Sin(y*wave))*wave) }
	case 3:
		pattern = func(x, y float64) float64 { return 0.5 + 0.5*math.Sin(x*wave)*math.Sin(y*wave) }
	case 4:
		pattern = func(x, _ float64) float64 { return clamp(0.5 + x/Size) }
	}
	for i := range image {
		x, y := centred(i)
		image[i] = mix(first, second, pattern(turn(x, y, sin, cos)))
	}
	image.write(random, noise, to)
}

// coarseNoise is noise of a few pixels' size, smoothed between the points of a grid.
func coarseNoise(random *rand.Rand) func(x, y float64) float64 {
	const cells = 16 // enough for the diagonal of the image at the finest grid
	var grid [cells][cells]float64
	for i := range grid {
		for j := range grid[i] {
			grid[i][j] = random.Float64()
		}
	}
	size := between(random, 4, 10)
	return func(x, y float64) float64 {
		x, y = x/size+cells/2, y/size+cells/2
		i, j := int(x), int(y)
		right, down := x-float64(i), y-float64(j)
		top := grid[i][j] + right*(grid[i+1][j]-grid[i][j])
		bottom := grid[i][j+1] + right*(grid[i+1][j+1]-grid[i][j+1])
		return top + down*(bottom-top)
	}
}
