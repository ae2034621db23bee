package plot

import (
	"image/color"

	xfont "golang.org/x/image/font"
	gonumplot "gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Neutral is the grey of what belongs to no class and to no loss, such as out-of-distribution images.
var Neutral = rgb(0x8A939E)

// The colours of everything that is not data. Inline lets a page change them.
var (
	surface = rgb(0xFFFFFF)
	ink     = rgb(0x1F2328) // titles, reference lines
	muted   = rgb(0x59636E) // axes, subtitles
	faint   = rgb(0xE4E8EC) // grid
)

// seriesColours distinguish the curves of a plot for people with colour blindness, too (Okabe and Ito).
var seriesColours = []color.NRGBA{
	rgb(0x0072B2), rgb(0xD55E00), rgb(0x009E73), rgb(0xCC79A7), rgb(0xE69F00), rgb(0x56B4E9),
}

// seriesColour is the colour of the curve with that number, counted from 0.
func seriesColour(number int) color.NRGBA { return seriesColours[number%len(seriesColours)] }

// seriesDashes distinguish up to four of them where there is no colour, and all where there are more than colours.
var seriesDashes = [][]float64{nil, {7, 3}, {2, 2}, {7, 3, 2, 3}}

const (
	titleSize  = vg.Length(12)
	textSize   = vg.Length(9.5)
	margin     = vg.Length(10)
	lineWidth  = vg.Length(1.8)
	plotWidth  = vg.Length(400)
	plotHeight = vg.Length(290)
)

var (
	// referenceLine is the style of what is drawn for comparison, such as diagonals.
	referenceLine = draw.LineStyle{Color: ink, Width: 1, Dashes: []vg.Length{4, 3}}
	// axisLine is the style of the lines of an axis.
	axisLine = draw.LineStyle{Color: muted, Width: 0.9, Dashes: []vg.Length{3, 3}}
)

// rgb makes an opaque colour of 0xRRGGBB.
func rgb(hex uint32) color.NRGBA {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 0xFF}
}

// fade returns the colour with the given opacity in [0, 1].
func fade(c color.NRGBA, opacity float64) color.NRGBA {
	c.A = uint8(opacity*0xFF + 0.5)
	return c
}

// typeface is a style of the sans-serif face that is compiled into the program, so that pictures are the same on every
// machine.
func typeface(size vg.Length, c color.Color, bold bool) text.Style {
	face := font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
	if bold {
		face.Weight = xfont.WeightBold
	}
	return text.Style{Color: c, Font: face, Handler: gonumplot.DefaultTextHandler, YAlign: draw.YBottom}
}
