package pixels

import (
	"image"
	"image/color"

	"golang.org/x/image/draw"
)

// Fit writes a picture to [height, width, Channels] bytes, resized and cropped to the centre if it has another size.
func Fit(to []uint8, picture image.Image, height, width int) {
	if bounds := picture.Bounds(); bounds.Dy() != height || bounds.Dx() != width {
		picture = scale(picture, centre(bounds, height, width, 1), height, width)
	}
	copyRGB(to, picture)
}

// centre returns the part about the centre of a picture that has the proportions of width and height, and the share
// given of the largest such part's sides.
func centre(bounds image.Rectangle, height, width int, share float64) image.Rectangle {
	dx, dy := bounds.Dx(), bounds.Dy()
	if dx*height > dy*width {
		dx = dy * width / height
	} else {
		dy = dx * height / width
	}
	dx, dy = max(1, int(share*float64(dx)+0.5)), max(1, int(share*float64(dy)+0.5))
	from := bounds.Min.Add(image.Pt((bounds.Dx()-dx)/2, (bounds.Dy()-dy)/2))
	return image.Rectangle{Min: from, Max: from.Add(image.Pt(dx, dy))}
}

// scale resizes a part of the picture with a bilinear filter that averages over what it shrinks. Transparency is
// dropped.
func scale(picture image.Image, part image.Rectangle, height, width int) image.Image {
	if kind, ok := picture.(interface{ Opaque() bool }); ok && !kind.Opaque() {
		picture, part = withoutTransparency(picture, part)
	}
	scaled := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.BiLinear.Scale(scaled, scaled.Bounds(), picture, part, draw.Src, nil)
	return scaled
}

// withoutTransparency returns a part of a picture in opaque colours, which a filter does not darken.
func withoutTransparency(picture image.Image, part image.Rectangle) (image.Image, image.Rectangle) {
	opaque := image.NewNRGBA(image.Rect(0, 0, part.Dx(), part.Dy()))
	at := func(x, y int) color.NRGBA { return color.NRGBAModel.Convert(picture.At(x, y)).(color.NRGBA) }
	if nrgba, ok := picture.(*image.NRGBA); ok {
		at = nrgba.NRGBAAt
	}
	for y := range part.Dy() {
		for x := range part.Dx() {
			pixel := at(part.Min.X+x, part.Min.Y+y)
			pixel.A = 255
			opaque.SetNRGBA(x, y, pixel)
		}
	}
	return opaque, opaque.Bounds()
}
