package show

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
)

// smallPNG encodes a picture in few bytes: with a palette, a third of the size, if it has no more than 256 colours when
// each channel keeps its first five bits. A plot has, and looks the same; a map of many shades stays as it is.
func smallPNG(picture image.Image) []byte {
	if reduced := withPalette(picture); reduced != nil {
		picture = reduced
	}
	var content bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	Check(encoder.Encode(&content, picture))
	return content.Bytes()
}

// withPalette returns the picture with a palette of rounded colours, or nil if it has too many.
func withPalette(picture image.Image) image.Image {
	bounds := picture.Bounds()
	reduced, indices := image.NewPaletted(bounds, nil), map[color.RGBA]uint8{}
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			rounded := fiveBits(color.RGBAModel.Convert(picture.At(x, y)).(color.RGBA))
			index, known := indices[rounded]
			if !known {
				if len(reduced.Palette) == 256 {
					return nil
				}
				index = uint8(len(reduced.Palette))
				indices[rounded], reduced.Palette = index, append(reduced.Palette, rounded)
			}
			reduced.SetColorIndex(x, y, index)
		}
	}
	return reduced
}

// fiveBits keeps the first five bits of each channel, and black and white as they are.
func fiveBits(c color.RGBA) color.RGBA {
	round := func(v uint8) uint8 { return v&0xF8 | v>>5 }
	return color.RGBA{R: round(c.R), G: round(c.G), B: round(c.B), A: c.A}
}
