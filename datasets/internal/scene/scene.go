package scene

import (
	"math"
	"math/rand/v2"
)

const (
	// Size is the height and width of the images.
	Size = 32
	// Channels is the number of bytes of a pixel: red, green, blue.
	Channels = 3
)

// rgb is a colour, each component from 0 to 1.
type rgb [Channels]float64

// mix goes from a to b as t goes from 0 to 1.
func mix(a, b rgb, t float64) rgb {
	for i := range a {
		a[i] += t * (b[i] - a[i])
	}
	return a
}

// canvas is an image in the making.
type canvas [Size * Size]rgb

// Draw draws a figure into to, [Size, Size, Channels]: somewhere in front of a background with clutter, in any colours
// that differ enough from each other, with noise over everything.
func Draw(random *rand.Rand, shown Figure, to []uint8) {
	draw(random, shown, func() rgb { return drawColour(random, 0.45, 1) }, to)
}

// DrawTinted is Draw with the lighter colour of the figure in a hue, from 0 (red) up to 1 (red again).
func DrawTinted(random *rand.Rand, shown Figure, hue float64, to []uint8) {
	draw(random, shown, func() rgb { return tint(hue, between(random, 0.6, 1), between(random, 0.75, 1)) }, to)
}

// tint returns the colour of a hue, a saturation and a value, each from 0 to 1.
func tint(hue, saturation, value float64) rgb {
	var colour rgb
	for i := range colour {
		distance := math.Abs(math.Remainder(hue-float64(i)/3, 1)) // from red, green and blue
		colour[i] = value * (1 - saturation*clamp(6*distance-1))
	}
	return colour
}

// draw draws a figure in a lighter colour, which the function makes, and any darker one.
func draw(random *rand.Rand, shown Figure, lighter func() rgb, to []uint8) {
	var image canvas
	image.gradient(random, drawColour(random, 0.05, 0.5), drawColour(random, 0.05, 0.5))
	for range 1 + random.IntN(3) {
		image.smear(random, drawColour(random, 0, 0.9))
	}
	radius := between(random, 8, 12.5)
	room := float64(Size)/2 - 0.95*radius
	image.figure(shown, placement{
		x:      Size/2 + between(random, -room, room),
		y:      Size/2 + between(random, -room, room),
		radius: radius,
		angle:  between(random, -0.35, 0.35),
		grain:  between(random, 0, 2*math.Pi),
	}, lighter(), drawColour(random, 0, 0.35))
	image.write(random, between(random, 0.03, 0.17), to)
}

// drawColour draws a colour whose components lie between dark and light.
func drawColour(random *rand.Rand, dark, light float64) rgb {
	return rgb{between(random, dark, light), between(random, dark, light), between(random, dark, light)}
}

// between draws a number from low to high.
func between(random *rand.Rand, low, high float64) float64 { return low + (high-low)*random.Float64() }

// gradient fills the canvas with a change from one colour to another in a random direction.
func (image *canvas) gradient(random *rand.Rand, from, to rgb) {
	sin, cos := math.Sincos(between(random, 0, 2*math.Pi))
	for i := range image {
		x, y := centred(i)
		image[i] = mix(from, to, clamp(0.5+(x*cos+y*sin)/Size))
	}
}

// smear adds a soft spot of a colour, longer than wide.
func (image *canvas) smear(random *rand.Rand, colour rgb) {
	sin, cos := math.Sincos(between(random, 0, math.Pi))
	centreX, centreY := between(random, -16, 16), between(random, -16, 16)
	length, width := between(random, 3, 12), between(random, 1, 3)
	strength := between(random, 0.3, 0.9)
	for i := range image {
		x, y := centred(i)
		along, across := turn(x-centreX, y-centreY, sin, cos)
		along, across = along/length, across/width
		if fade := 1 - (along*along+across*across)/4; fade > 0 {
			image[i] = mix(image[i], colour, strength*fade*fade)
		}
	}
}

// placement says where a figure is: its centre and radius in pixels, its angle and that of its texture.
type placement struct {
	x, y, radius, angle, grain float64
}

// figure draws a figure over the canvas in two colours.
func (image *canvas) figure(shown Figure, place placement, first, second rgb) {
	sin, cos := math.Sincos(place.angle)
	grainSin, grainCos := math.Sincos(place.grain)
	for i := range image {
		x, y := float64(i%Size)+0.5-place.x, float64(i/Size)+0.5-place.y
		along, across := turn(x, y, sin, cos)
		cover := clamp(0.5 - place.radius*shown.outline(along/place.radius, across/place.radius))
		if cover == 0 {
			continue
		}
		along, across = turn(x, y, grainSin, grainCos)
		image[i] = mix(image[i], mix(first, second, shown.texture(along, across)), cover)
	}
}

// write adds noise of the given standard deviation and writes the bytes of the image.
func (image *canvas) write(random *rand.Rand, noise float64, to []uint8) {
	for i := range image {
		for channel, value := range image[i] {
			value += noise * bell(random)
			to[i*Channels+channel] = uint8(255*clamp(value) + 0.5)
		}
	}
}

// bell draws from a bell curve of mean 0 and standard deviation 1, cut at ±3.5: the sum of four even draws. It is
// quicker than a normal distribution, and the same on every processor.
func bell(random *rand.Rand) float64 {
	bits := random.Uint64()
	sum := bits&0xffff + bits>>16&0xffff + bits>>32&0xffff + bits>>48
	const sqrt3 = 1.7320508075688772 // 1 / the deviation of the sum
	return (float64(sum)/0xffff - 2) * sqrt3
}

// centred returns the place of pixel i, in pixels from the centre of the image.
func centred(i int) (x, y float64) {
	return float64(i%Size) + 0.5 - Size/2, float64(i/Size) + 0.5 - Size/2
}

// turn returns the point turned by the angle with this sine and cosine.
func turn(x, y, sin, cos float64) (float64, float64) { return x*cos + y*sin, y*cos - x*sin }
