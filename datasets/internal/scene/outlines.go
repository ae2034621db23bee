package scene

import "math"

// outline is a shape about the origin, of radius about 1: the distance of a point from its edge, negative inside. Far
// from the edge the distance need only have the right sign.
type outline func(x, y float64) float64

func disc(x, y float64) float64 { return math.Hypot(x, y) - 0.9 }

func square(x, y float64) float64 { return max(math.Abs(x), math.Abs(y)) - 0.8 }

func triangle(x, y float64) float64 {
	const slope = 0.8660254037844386 // sin 60°
	return max(y, slope*math.Abs(x)-0.5*y) - 0.55
}

func ring(x, y float64) float64 { return math.Abs(math.Hypot(x, y)-0.68) - 0.27 }

func cross(x, y float64) float64 {
	x, y = math.Abs(x), math.Abs(y)
	return max(min(x, y)-0.32, max(x, y)-0.95)
}

func star(x, y float64) float64 {
	const point = 2 * math.Pi / 5
	angle := math.Abs(math.Remainder(math.Atan2(x, y), point)) // from the nearest point of the star
	radius := math.Hypot(x, y)
	// The edge runs from the point at radius 1.1 to the notch at radius 0.45, half a point further round.
	return (radius - 1.1 + (1.1-0.45)*angle/(point/2)) * 0.7
}

func crescent(x, y float64) float64 {
	return max(math.Hypot(x, y)-0.95, 0.8-math.Hypot(x-0.55, y))
}

func hourglass(x, y float64) float64 {
	return max(math.Abs(y)-0.9, (math.Abs(x)-0.9*math.Abs(y)-0.08)*0.74)
}

func corner(x, y float64) float64 {
	return max(max(math.Abs(x), math.Abs(y))-0.85, min(x, y)+0.25)
}

func bars(x, y float64) float64 {
	return max(math.Abs(math.Abs(x)-0.6)-0.27, math.Abs(y)-0.9)
}

// texture is a pattern in the plane: how much of the second colour, from 0 to 1, there is at a point given in pixels.
type texture func(x, y float64) float64

func plainTexture(_, _ float64) float64 { return 0 }

func stripedTexture(x, _ float64) float64 { return step(math.Sin(x * 2 * math.Pi / 5)) }

func dottedTexture(x, y float64) float64 {
	const period = 2 * math.Pi / 5
	return step(math.Sin(x*period) + math.Sin(y*period) - 0.6)
}

// step rises from 0 to 1 about 0 in a small slope, so that edges are smooth.
func step(x float64) float64 { return clamp(0.5 + 1.2*x) }

// clamp limits x to 0 … 1.
func clamp(x float64) float64 { return min(1, max(0, x)) }
