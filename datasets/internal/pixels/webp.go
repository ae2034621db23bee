package pixels

import (
	"bytes"
	"image"
	"image/color"

	"golang.org/x/image/webp"
)

// The bytes of a WebP file: a RIFF container, whose size is between the two signs.
const (
	riffSign   = "RIFF"
	webpSign   = "WEBP"
	webpSignAt = 8
)

func isWebP(data []byte) bool {
	return bytes.HasPrefix(data, []byte(riffSign)) && len(data) > webpSignAt && bytes.HasPrefix(data[webpSignAt:], []byte(webpSign))
}

// webpMemory is the memory of a WebP image of so many pixels, from above: four bytes each for the image, for its copy in
// red, green and blue, and for what the lossless decoder keeps aside.
func webpMemory(_ []byte, _ image.Config, pixels float64) float64 { return 3 * 4 * pixels }

// decodeWebP decodes an image as libwebp does. Go's package leaves the luminance and colour differences of lossy images
// as they are, which have the narrow range of video, 16 to 235: package image would take them for JPEG's wide one.
func decodeWebP(data []byte) (image.Image, error) {
	picture, err := webp.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	switch picture := picture.(type) {
	case *image.YCbCr:
		return fromVideoRange(picture), nil
	case *image.NYCbCrA:
		return fromVideoRange(&picture.YCbCr), nil
	}
	return picture, nil
}

// fromVideoRange converts to red, green and blue, with the colour differences interpolated.
func fromVideoRange(picture *image.YCbCr) image.Image {
	height, width := picture.Rect.Dy(), picture.Rect.Dx()
	converted := image.NewNRGBA(image.Rect(0, 0, width, height))
	blue, red := make([]uint8, width), make([]uint8, width)
	for y := range height {
		interpolateRow(blue, picture.Cb, picture.CStride, y, (height+1)/2, libwebp)
		interpolateRow(red, picture.Cr, picture.CStride, y, (height+1)/2, libwebp)
		for x := range width {
			converted.SetNRGBA(x, y, videoColour(int(picture.Y[y*picture.YStride+x]), int(blue[x]), int(red[x])))
		}
	}
	return converted
}

// videoColour is the conversion of libwebp, in fixed point with six bits behind the point: BT.601 of luminance from 16 to
// 235 and colour differences from 16 to 240.
func videoColour(y, u, v int) color.NRGBA {
	times := func(value, coefficient int) int { return value * coefficient >> 8 }
	clip := func(value int) uint8 { return uint8(min(max(value>>6, 0), 255)) }
	luma := times(y, 19077)
	return color.NRGBA{
		R: clip(luma + times(v, 26149) - 14234),
		G: clip(luma - times(u, 6419) - times(v, 13320) + 8708),
		B: clip(luma + times(u, 33050) - 17685),
		A: 255,
	}
}
