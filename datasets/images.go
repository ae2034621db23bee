package datasets

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"

	"github.com/dismax-go/dismax/datasets/internal/pixels"
	"github.com/dismax-go/dismax/internal/parallel"
)

// channels is the number of bytes of a pixel: red, green, blue.
const channels = pixels.Channels

// Images holds images of one size, one after the other: in memory, or as files that a [Loader] decodes when their turn
// comes, if there are too many. Those of the user's own are in memory: they have Pixels, Height, Width, and Labels if
// they are to be learned.
type Images struct {
	// Pixels are the images, [Len, Height, Width, 3] in row-major order: red, green and blue from 0 to 255. They are
	// nil if the images are not in memory.
	Pixels []uint8
	// Labels are the class of each image, or nil for images without a class.
	Labels []int32
	Height int
	Width  int

	stream *stream // where images come from that are not in memory, else nil
}

// newImages allocates count black images, with labels 0 if they are labelled.
func newImages(count, height, width int, labelled bool) *Images {
	images := &Images{
		Pixels: make([]uint8, count*height*width*channels),
		Height: height,
		Width:  width,
	}
	if labelled {
		images.Labels = make([]int32, count)
	}
	return images
}

// Len returns the number of images; a nil *Images has none.
func (images *Images) Len() int {
	switch {
	case images == nil || images.pixelBytes() == 0:
		return 0
	case images.stream != nil:
		return len(images.stream.files)
	}
	return len(images.Pixels) / images.pixelBytes()
}

// At returns the pixels of image i, [Height, Width, 3]. It shares memory with Pixels, and panics if they are nil, or if
// there is no such image.
func (images *Images) At(i int) []uint8 {
	size := images.pixelBytes()
	return images.Pixels[i*size : (i+1)*size : (i+1)*size]
}

// Select returns the images with the given indices, in that order. Pixels are copied. It panics if there is no such
// image.
func (images *Images) Select(indices []int) *Images {
	if images.stream != nil {
		selected := *images
		selected.stream = images.stream.pick(indices)
		if images.Labels != nil {
			selected.Labels = pick(images.Labels, indices)
		}
		return &selected
	}
	selected := newImages(len(indices), images.Height, images.Width, images.Labels != nil)
	for to, from := range indices {
		copy(selected.At(to), images.At(from))
		if images.Labels != nil {
			selected.Labels[to] = images.Labels[from]
		}
	}
	return selected
}

// resize returns the images in another height and width, in memory.
func (images *Images) resize(ctx context.Context, size int) (*Images, error) {
	images, err := images.InMemory(ctx)
	if err != nil {
		return nil, err
	}
	resized := newImages(images.Len(), size, size, false)
	resized.Labels = images.Labels
	err = parallel.For(images.Len(), func(i int) error {
		pixels.Fit(resized.At(i), pictureOf(images.At(i), images.Height, images.Width), size, size)
		return ctx.Err()
	})
	return resized, err
}

// InMemory returns the images with their pixels in memory: these images if they are there, else copies, decoded as for
// testing. Select those that fit before.
func (images *Images) InMemory(ctx context.Context) (*Images, error) {
	decoded, _, err := images.decode(ctx)
	if err != nil {
		return nil, fmt.Errorf("decoding images: %w", err)
	}
	return decoded, nil
}

// SHA256 returns the checksum, in hexadecimal digits, of the images' size, pixels and labels in their order. Two runs
// with the same checksums have seen the same data, from whatever files it came. For images that are not in memory the
// files' names and sizes stand for the pixels.
func (images *Images) SHA256() string {
	hash := sha256.New()
	fmt.Fprintf(hash, "%d images %dx%d, %d labels\n", images.Len(), images.Height, images.Width, len(images.Labels))
	hash.Write(images.Pixels)
	if images.stream != nil {
		images.stream.writeNames(hash)
	}
	labels := make([]byte, 0, 4*len(images.Labels))
	for _, label := range images.Labels {
		labels = binary.LittleEndian.AppendUint32(labels, uint32(label))
	}
	hash.Write(labels)
	return hex.EncodeToString(hash.Sum(nil))
}

// pixelBytes is the size of one image in Pixels.
func (images *Images) pixelBytes() int { return images.Height * images.Width * channels }

// load writes image i to [Height, Width, 3] bytes, changed at random if random is not nil; what they hold before is the
// border of crops.
func (images *Images) load(to []uint8, i int, random *rand.Rand) error {
	switch {
	case images.stream != nil:
		_, err := images.stream.load(context.Background(), to, i, random)
		return err
	case random != nil:
		pixels.DrawShift(random).Apply(to, images.At(i), images.Height, images.Width)
	default:
		copy(to, images.At(i))
	}
	return nil
}

// check refuses images whose parts do not fit together.
func (images *Images) check() error {
	switch {
	case images == nil:
		return fmt.Errorf("there are no images")
	case images.Height < 1 || images.Width < 1 || images.Height > pixels.MaxSize || images.Width > pixels.MaxSize:
		return fmt.Errorf("images of %dx%d pixels", images.Width, images.Height)
	case len(images.Pixels)%images.pixelBytes() != 0:
		return fmt.Errorf("%d bytes of pixels are not a whole number of %dx%d images with 3 colours",
			len(images.Pixels), images.Width, images.Height)
	case images.Labels != nil && len(images.Labels) != images.Len():
		return fmt.Errorf("%d labels for %d images", len(images.Labels), images.Len())
	}
	return nil
}
