package datasets

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"

	"github.com/dismax-go/dismax/internal/parallel"
)

// CompressedSizes returns the number of bytes of each image, [Len], written as a JPEG by the standard library at its
// default quality, 75, with colours at half the resolution. It is how busy an image is, and nothing of what it shows: two
// sets that differ in it can be told apart without any network.
func (images *Images) CompressedSizes(ctx context.Context) ([]float64, error) {
	sizes := make([]float64, images.Len())
	err := parallel.For(images.Len(), func(i int) error {
		pixels := make([]uint8, images.pixelBytes())
		if err := images.load(pixels, i, nil); err != nil {
			return err
		}
		var file bytes.Buffer
		err := jpeg.Encode(&file, pictureOf(pixels, images.Height, images.Width), &jpeg.Options{Quality: jpeg.DefaultQuality})
		sizes[i] = float64(file.Len())
		if err == nil {
			err = ctx.Err()
		}
		return err
	})
	return sizes, err
}

// pictureOf copies the pixels [height, width, 3] of an image into a picture.
func pictureOf(pixels []uint8, height, width int) *image.RGBA {
	picture := image.NewRGBA(image.Rect(0, 0, width, height))
	for to, from := picture.Pix, pixels; len(from) > 0; to, from = to[4:], from[channels:] {
		to[0], to[1], to[2], to[3] = from[0], from[1], from[2], 255
	}
	return picture
}
