package pixels

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"strings"

	"github.com/dismax-go/dismax/datasets/internal/bounded"
	"golang.org/x/image/webp"
)

// Target says what becomes of an image file.
type Target struct {
	Height, Width int
	// Exact makes an image of another size an error; otherwise it is resized.
	Exact bool
	// MemoryLimit bounds the memory in bytes that one image takes as it is decoded; see [bounded.ImageLimit].
	MemoryLimit int64
}

// Decode reads a JPEG, PNG or WebP image into to, [Height, Width, Channels], turned as its Exif tag says. An image of
// another size is resized and cropped to the centre, which resized reports.
func (target Target) Decode(to, data []uint8) (resized bool, err error) {
	header, err := decodeHeader(data)
	if err != nil {
		return false, err
	}
	o := orientationOf(data)
	if o.turned() {
		header.Height, header.Width = header.Width, header.Height
	}
	fits := header.Height == target.Height && header.Width == target.Width
	if target.Exact && !fits {
		return false, fmt.Errorf("the image is %dx%d pixels, and not %dx%d: is this the right data? "+
			"Open it as images of your own to have them resized", header.Width, header.Height, target.Width, target.Height)
	}
	picture, err := target.decodePicture(data, header)
	if err != nil {
		return false, err
	}
	switch {
	case o == upright:
		Fit(to, picture, target.Height, target.Width)
	case o.turned():
		stored := make([]uint8, len(to))
		Fit(stored, picture, target.Width, target.Height)
		o.turn(to, stored, target.Height, target.Width)
	default:
		stored := make([]uint8, len(to))
		Fit(stored, picture, target.Height, target.Width)
		o.turn(to, stored, target.Height, target.Width)
	}
	return !fits, nil
}

// Format names the kind of image: "JPEG 4:2:0", with how the colours are stored, "JPEG" for a grey one, or "PNG". It is
// "" for what cannot be decoded, or takes more memory than is allowed.
func (target Target) Format(data []uint8) string {
	header, err := decodeHeader(data)
	if err != nil {
		return ""
	}
	if !bytes.HasPrefix(data, []byte(jpegSign)) {
		return "PNG"
	}
	picture, err := target.decodePicture(data, header)
	if err != nil {
		return ""
	}
	if coloured, ok := picture.(*image.YCbCr); ok {
		ratio := strings.TrimPrefix(coloured.SubsampleRatio.String(), "YCbCrSubsampleRatio") // "420"
		return "JPEG " + strings.Join(strings.Split(ratio, ""), ":")
	}
	return "JPEG"
}

// centreShare is the share of the sides that remains of the published crop of 224 pixels out of 256.
const centreShare = 224. / 256

// DecodePart reads a JPEG, PNG or WebP image into to, [Height, Width, Channels], as published for ImageNet: in training a
// random part, resized, and mirrored or not; without random the centre, resized. Nor is it turned as its Exif tag says.
func (target Target) DecodePart(to, data []uint8, random *rand.Rand) error {
	header, err := decodeHeader(data)
	if err != nil {
		return err
	}
	picture, err := target.decodePicture(data, header)
	if err != nil {
		return err
	}
	part := centre(picture.Bounds(), target.Height, target.Width, centreShare)
	if random != nil {
		part = randomPart(random, picture.Bounds(), target.Height, target.Width)
	}
	copyRGB(to, scale(picture, part, target.Height, target.Width))
	if random != nil && random.IntN(2) == 1 {
		for stride := target.Width * Channels; len(to) > 0; to = to[stride:] {
			mirrorRow(to[:stride])
		}
	}
	return nil
}

// The first bytes of the formats that are read. Others that a program may have registered with package image are not,
// so that the same files are good or bad in every program.
const (
	jpegSign = "\xff\xd8"
	pngSign  = "\x89PNG\r\n\x1a\n"
)

// decodeHeader reads the size of an image, as it is stored.
func decodeHeader(data []byte) (image.Config, error) {
	read := png.DecodeConfig
	switch {
	case bytes.HasPrefix(data, []byte(jpegSign)):
		read = jpeg.DecodeConfig
	case isWebP(data):
		read = webp.DecodeConfig
	case !bytes.HasPrefix(data, []byte(pngSign)):
		return image.Config{}, notAnImage(data)
	}
	header, err := read(bytes.NewReader(data))
	if err != nil {
		return image.Config{}, badImage(err)
	}
	return header, nil
}

// decodePicture decodes an image whose header was read, if it takes no more memory than is allowed.
func (target Target) decodePicture(data []byte, header image.Config) (image.Image, error) {
	if header.Height < 1 || header.Width < 1 {
		return nil, fmt.Errorf("the image claims %dx%d pixels", header.Width, header.Height)
	}
	if takes, limit := target.memory(data, header), bounded.ImageLimit(target.MemoryLimit); takes > limit {
		what := fmt.Sprintf("the image of %dx%d pixels", header.Width, header.Height)
		return nil, &bounded.TooLarge{What: what, Bytes: takes, Limit: limit}
	}
	read := func(data []byte) (image.Image, error) { return png.Decode(bytes.NewReader(data)) }
	switch {
	case bytes.HasPrefix(data, []byte(jpegSign)):
		read = func(data []byte) (image.Image, error) { return jpeg.Decode(bytes.NewReader(data)) }
	case isWebP(data):
		read = decodeWebP
	}
	picture, err := read(data)
	if err != nil {
		return nil, badImage(err)
	}
	return picture, nil
}

// notAnImage explains what a file is that begins as no image does.
func notAnImage(data []byte) error {
	const zipSign, gzipSign = "PK\x03\x04", "\x1f\x8b"
	switch {
	case len(data) == 0:
		return errors.New("the file is empty: remove it or copy it again")
	case bytes.HasPrefix(data, []byte(zipSign)) || bytes.HasPrefix(data, []byte(gzipSign)):
		return errors.New("this is an archive, and not a JPEG, PNG or WebP image: name the archive itself, or unpack it")
	}
	return errors.New("this is not a JPEG, PNG or WebP image: remove or convert it")
}

// badImage explains why an image cannot be decoded.
func badImage(err error) error {
	_, newJPEG := errors.AsType[jpeg.UnsupportedError](err)
	_, newPNG := errors.AsType[png.UnsupportedError](err)
	if newJPEG || newPNG {
		return fmt.Errorf("the image is of a kind that is not read (%w): convert it to a plain JPEG or PNG", err)
	}
	return fmt.Errorf("the image is damaged (%w): copy or download it again", err)
}
