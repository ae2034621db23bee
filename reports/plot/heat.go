package plot

import (
	"image/color"
)

// heatColours go from low to high: the scale YlGnBu by Cynthia Brewer, on which dark means low.
var heatColours = []color.NRGBA{
	rgb(0x253494), rgb(0x225EA8), rgb(0x1D91C0), rgb(0x41B6C4), rgb(0x7FCDBB), rgb(0xC7E9B4), rgb(0xEDF8B1), rgb(0xFFFFD9),
}

// heat is the colour of a value between low and high.
func heat(value, low, high float64) color.NRGBA {
	if high <= low {
		return heatColours[len(heatColours)-1]
	}
	place := (value - low) / (high - low) * float64(len(heatColours)-1)
	index := min(int(place), len(heatColours)-2)
	a, b, share := heatColours[index], heatColours[index+1], place-float64(index)
	between := func(a, b uint8) uint8 { return uint8(float64(a)*(1-share) + float64(b)*share + 0.5) }
	return color.NRGBA{R: between(a.R, b.R), G: between(a.G, b.G), B: between(a.B, b.B), A: 0xFF}
}
