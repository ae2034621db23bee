package pixels

import (
	"image"
	"image/color"
)

// copyRGB writes the colours of a picture to [height, width, Channels] bytes. Transparency is dropped.
func copyRGB(to []uint8, picture image.Image) {
	bounds := picture.Bounds()
	switch picture := picture.(type) {
	case *image.YCbCr:
		if picture.SubsampleRatio == image.YCbCrSubsampleRatio420 {
			copyYCbCr420(to, picture)
			return
		}
		for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
			for x := bounds.Min.X; x < bounds.Max.X; x++ {
				luma, chroma := picture.YOffset(x, y), picture.COffset(x, y)
				to[0], to[1], to[2] = color.YCbCrToRGB(picture.Y[luma], picture.Cb[chroma], picture.Cr[chroma])
				to = to[Channels:]
			}
		}
	case *image.RGBA:
		copyPacked(to, picture.Pix, picture.Stride, bounds)
	case *image.NRGBA:
		copyPacked(to, picture.Pix, picture.Stride, bounds)
	default:
		for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
			for x := bounds.Min.X; x < bounds.Max.X; x++ {
				pixel := color.NRGBAModel.Convert(picture.At(x, y)).(color.NRGBA)
				to[0], to[1], to[2] = pixel.R, pixel.G, pixel.B
				to = to[Channels:]
			}
		}
	}
}

// copyPacked copies rows of four-byte pixels without their fourth byte.
func copyPacked(to, pix []uint8, stride int, bounds image.Rectangle) {
	for y := range bounds.Dy() {
		row := pix[y*stride : y*stride+4*bounds.Dx()]
		for ; len(row) >= 4; row = row[4:] {
			to[0], to[1], to[2] = row[0], row[1], row[2]
			to = to[Channels:]
		}
	}
}
