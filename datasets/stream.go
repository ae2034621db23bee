package datasets

import (
	"context"
	"fmt"
	"image"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"sync/atomic"
)

// streamAbove is the number of bytes of pixels above which images are not kept in memory.
const streamAbove = 4 << 30

// stream is a list of image files that are decoded when they are needed.
type stream struct {
	found  *collection
	format fileFormat
	files  []classFile
}

// stream returns the images of files without decoding any, or nil if there are none.
func (found *collection) stream(files []classFile, format fileFormat, labelled bool) *Images {
	if len(files) == 0 {
		return nil
	}
	images := &Images{Height: format.size, Width: format.size, stream: &stream{found, format, files}}
	if labelled {
		images.Labels = fileLabels(files)
	}
	return images
}

// sources are the collections of the images that are not in memory.
func (set *Dataset) sources() []*collection {
	var sources []*collection
	for _, part := range set.parts() {
		if images := *part.images; images != nil && images.stream != nil &&
			!slices.Contains(sources, images.stream.found) {
			sources = append(sources, images.stream.found)
		}
	}
	return sources
}

// streamed reports whether some of the images are not in memory.
func (set *Dataset) streamed() bool { return len(set.sources()) > 0 }

// load decodes the images into memory, unless there are too many or they are ImageNet's.
func (set *Dataset) load(ctx context.Context) error {
	if !set.streamed() {
		return nil
	}
	bytes, resized := 0, 0
	for _, part := range set.parts() {
		if images := *part.images; images != nil && images.stream != nil {
			bytes += images.Len() * images.pixelBytes()
			if images.stream.format.imageNet {
				bytes = streamAbove + 1
				break
			}
		}
	}
	if bytes > streamAbove {
		set.note(fmt.Sprintf("%s: images are read when they are needed, and resized to %dx%d pixels", set.Found,
			set.Test.Width, set.Test.Height))
		return nil
	}
	for _, part := range set.parts() {
		if *part.images == nil {
			continue
		}
		loaded, changed, err := (*part.images).decode(ctx)
		if err != nil {
			return err
		}
		*part.images, resized = loaded, resized+changed
	}
	if resized > 0 {
		set.note(fmt.Sprintf("%s: resized %s to %dx%d pixels", set.Found, countOf(resized, "image"), set.Test.Width,
			set.Test.Height))
	}
	return nil
}

// decode returns the images with their pixels in memory, and how many of them had another size.
func (images *Images) decode(ctx context.Context) (decoded *Images, resized int, err error) {
	if images.stream == nil {
		return images, 0, nil
	}
	decoded = newImages(images.Len(), images.Height, images.Width, false)
	decoded.Labels = images.Labels
	var count atomic.Int64
	err = inParallel(images.Len(), func(i int) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		changed, err := images.stream.load(decoded.At(i), i, images.Height, images.Width, nil)
		if changed {
			count.Add(1)
		}
		return err
	})
	return decoded, int(count.Load()), err
}

// pick returns the stream of the files with the given indices.
func (source *stream) pick(indices []int) *stream {
	return &stream{source.found, source.format, pick(source.files, indices)}
}

// writeNames writes the names and sizes of the files.
func (source *stream) writeNames(to io.Writer) {
	for _, file := range source.files {
		fmt.Fprintf(to, "%s %d\n", file.name, file.size)
	}
}

// load decodes image i to [height, width, 3] bytes, which are black, and changes it at random if random is not nil. It
// reports whether the image had another size.
func (source *stream) load(to []uint8, i, height, width int, random *rand.Rand) (resized bool, err error) {
	file := source.files[i].imageFile
	data, err := source.found.read(file, maxFileBytes)
	if err != nil {
		return false, err
	}
	switch {
	case source.format.imageNet:
		err = decodePart(data, to, height, width, random)
	case random != nil:
		whole := make([]uint8, len(to))
		if resized, err = decode(data, whole, height, width, source.format.exact); err == nil {
			drawShift(random).apply(to, whole, height, width)
		}
	default:
		resized, err = decode(data, to, height, width, source.format.exact)
	}
	if err != nil {
		return false, fmt.Errorf("%s: %s: %w", source.found.path, file.name, err)
	}
	return resized, nil
}

// centreShare is the share of the sides that remains of the published crop of 224 pixels out of 256.
const centreShare = 224. / 256

// decodePart reads a JPEG or PNG image and prepares it to [height, width, 3] bytes as published for ImageNet: in
// training a random part, resized, and mirrored or not; without random the centre, resized.
func decodePart(data []byte, to []uint8, height, width int, random *rand.Rand) error {
	header, err := decodeHeader(data)
	if err != nil {
		return err
	}
	picture, err := decodePicture(data, header)
	if err != nil {
		return err
	}
	part := centre(picture.Bounds(), height, width, centreShare)
	if random != nil {
		part = randomPart(random, picture.Bounds(), height, width)
	}
	copyRGB(to, scale(picture, part, height, width))
	if random != nil && random.IntN(2) == 1 {
		for ; len(to) > 0; to = to[width*channels:] {
			mirrorRow(to[:width*channels])
		}
	}
	return nil
}

// randomPart draws a part of 8 to 100% of the area and of proportions from 3:4 to 4:3, anywhere in the picture. If ten
// such parts do not fit, it is the largest about the centre.
func randomPart(random *rand.Rand, bounds image.Rectangle, height, width int) image.Rectangle {
	area := float64(bounds.Dx()) * float64(bounds.Dy())
	for range 10 {
		wanted := area * between(random, 0.08, 1)
		proportion := math.Exp2(between(random, -1, 1) * math.Log2(4./3))
		dx := int(math.Sqrt(wanted*proportion) + 0.5)
		dy := int(math.Sqrt(wanted/proportion) + 0.5)
		if dx < 1 || dy < 1 || dx > bounds.Dx() || dy > bounds.Dy() {
			continue
		}
		from := bounds.Min.Add(image.Pt(random.IntN(bounds.Dx()-dx+1), random.IntN(bounds.Dy()-dy+1)))
		return image.Rectangle{Min: from, Max: from.Add(image.Pt(dx, dy))}
	}
	return centre(bounds, height, width, 1)
}
