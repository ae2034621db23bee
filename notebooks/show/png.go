package show

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"slices"
)

// smallPNG encodes a picture in few bytes: with a palette, at a third of the size or less, where 256 colours say nearly
// all of it when each channel keeps its first five bits. A plot looks the same so; a photograph stays as it is.
func smallPNG(picture image.Image) []byte {
	if reduced := withPalette(picture); reduced != nil {
		picture = reduced
	}
	var content bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	Check(encoder.Encode(&content, picture))
	return content.Bytes()
}

// paletteShare is the least share of the pixels that must have one of the 256 colours. The others, the soft rims of marks
// on a map of many shades, get the nearest of these.
const paletteShare = 0.95

// withPalette returns the picture with a palette of its most frequent rounded colours, or nil if these are too few of it.
func withPalette(picture image.Image) image.Image {
	bounds := picture.Bounds()
	pixels := image.NewRGBA(bounds)
	draw.Draw(pixels, bounds, picture, bounds.Min, draw.Src)
	counts := map[color.RGBA]int{}
	for i := 0; i < len(pixels.Pix); i += 4 {
		counts[fiveBits(pixels.Pix[i:])]++
	}
	colours := slices.SortedFunc(maps.Keys(counts), func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), slices.Compare([]uint8{a.R, a.G, a.B}, []uint8{b.R, b.G, b.B}))
	})
	reduced, covered := image.NewPaletted(bounds, nil), 0
	for _, c := range colours[:min(256, len(colours))] {
		reduced.Palette, covered = append(reduced.Palette, c), covered+counts[c]
	}
	if float64(covered) < paletteShare*float64(len(pixels.Pix)/4) {
		return nil
	}
	indices := map[color.RGBA]uint8{}
	for i := range reduced.Pix {
		c := fiveBits(pixels.Pix[4*i:])
		index, known := indices[c]
		if !known {
			index = uint8(reduced.Palette.Index(c))
			indices[c] = index
		}
		reduced.Pix[i] = index
	}
	return reduced
}

// fiveBits is the colour of a pixel (R, G, B, A) with the first five bits of each channel, and black and white as they are.
func fiveBits(pixel []uint8) color.RGBA {
	round := func(v uint8) uint8 { return v&0xF8 | v>>5 }
	return color.RGBA{R: round(pixel[0]), G: round(pixel[1]), B: round(pixel[2]), A: pixel[3]}
}
