package datasets

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/draw"
)

// Bounds on what a file may claim, so that a small broken or malicious file cannot fill the memory.
const (
	maxFileBytes     = 64 << 20 // of one image file, unpacked
	maxPixels        = 1 << 26  // of one image
	freePixels       = 1 << 20  // that every file may claim, however small it is
	maxPixelsPerByte = 1 << 10  // beyond that; a plain area compresses to about one byte in 300 pixels
	maxSize          = 4096     // height and width to which images are resized
)

// decode reads a JPEG or PNG image into to, which is [height, width, 3]. An image of another size is an error if exact,
// and is resized and cropped to the centre otherwise; resized says so.
func decode(data []byte, to []uint8, height, width int, exact bool) (resized bool, err error) {
	header, err := decodeHeader(data)
	if err != nil {
		return false, err
	}
	fits := header.Height == height && header.Width == width
	if exact && !fits {
		return false, fmt.Errorf("the image is %dx%d pixels, and not %dx%d: is this the right data? "+
			"Open it as images of your own to have them resized", header.Width, header.Height, width, height)
	}
	picture, err := decodePicture(data, header)
	if err != nil {
		return false, err
	}
	fit(to, picture, height, width)
	return !fits, nil
}

// fit writes a picture to [height, width, 3] bytes, resized and cropped to the centre if it has another size.
func fit(to []uint8, picture image.Image, height, width int) {
	if bounds := picture.Bounds(); bounds.Dy() != height || bounds.Dx() != width {
		picture = scale(picture, centre(bounds, height, width, 1), height, width)
	}
	copyRGB(to, picture)
}

// The first bytes of the formats that are read. Others that a program may have registered with package image are not,
// so that the same files are good or bad in every program.
const (
	jpegSign = "\xff\xd8"
	pngSign  = "\x89PNG\r\n\x1a\n"
)

// decodeHeader reads the size of a JPEG or PNG image.
func decodeHeader(data []byte) (image.Config, error) {
	read := png.DecodeConfig
	switch {
	case bytes.HasPrefix(data, []byte(jpegSign)):
		read = jpeg.DecodeConfig
	case !bytes.HasPrefix(data, []byte(pngSign)):
		return image.Config{}, notAnImage(data)
	}
	header, err := read(bytes.NewReader(data))
	if err != nil {
		return image.Config{}, badImage(err)
	}
	return header, nil
}

// decodePicture decodes an image whose header was read.
func decodePicture(data []byte, header image.Config) (image.Image, error) {
	if err := checkClaim(header, len(data)); err != nil {
		return nil, err
	}
	read := png.Decode
	if bytes.HasPrefix(data, []byte(jpegSign)) {
		read = jpeg.Decode
	}
	picture, err := read(bytes.NewReader(data))
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
		return errors.New("this is an archive, and not a JPEG or PNG image: name the archive itself, or unpack it")
	}
	return errors.New("this is not a JPEG or PNG image: remove or convert it")
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

// checkClaim refuses images that claim far more pixels than a file of this many bytes can hold.
func checkClaim(header image.Config, fileBytes int) error {
	if header.Height < 1 || header.Width < 1 {
		return fmt.Errorf("the image claims %dx%d pixels", header.Width, header.Height)
	}
	most := min(maxPixels, max(freePixels, fileBytes*maxPixelsPerByte))
	if header.Width > most/header.Height {
		return fmt.Errorf("the image claims %dx%d pixels in %d bytes, which is beyond what is read: resize it",
			header.Width, header.Height, fileBytes)
	}
	return nil
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
	for y := range part.Dy() {
		for x := range part.Dx() {
			pixel := color.NRGBAModel.Convert(picture.At(part.Min.X+x, part.Min.Y+y)).(color.NRGBA)
			pixel.A = 255
			opaque.SetNRGBA(x, y, pixel)
		}
	}
	return opaque, opaque.Bounds()
}

// copyRGB writes the colours of a picture to [height, width, 3] bytes. Transparency is dropped.
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
				to = to[channels:]
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
				to = to[channels:]
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
			to = to[channels:]
		}
	}
}

// readBounded reads a file of the declared size, which is at most limit. A file that holds more is an error.
func readBounded(reader io.Reader, declared, limit int64) ([]byte, error) {
	if declared > limit {
		return nil, fmt.Errorf("the file has %d bytes unpacked, more than the %d that are read", declared, limit)
	}
	data, err := readUpTo(reader, declared)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, err
	}
	if extra, err := io.CopyN(io.Discard, reader, 1); extra > 0 {
		return nil, fmt.Errorf("the file has more than the %d bytes that it declares", declared)
	} else if err != io.EOF {
		return nil, err
	}
	return data, nil
}

// readUpTo reads count bytes, or fewer and an error. It allocates as it reads and never more than count, so a false
// declaration costs nothing.
func readUpTo(reader io.Reader, count int64) ([]byte, error) {
	data := make([]byte, 0, min(count, 1<<16))
	for {
		read, err := io.ReadFull(reader, data[len(data):cap(data)])
		data = data[:len(data)+read]
		if err != nil || int64(len(data)) == count {
			return data, err
		}
		grown := make([]byte, len(data), min(count, 2*int64(cap(data))))
		copy(grown, data)
		data = grown
	}
}
