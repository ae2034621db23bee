package datasets

import (
	"fmt"
	"image"
	"io"
	"math"
	"math/rand/v2"
)

// streamAbove is the number of bytes of pixels above which images are not kept in memory.
const streamAbove = 4 << 30

// stream is a list of image files that are decoded when they are needed.
type stream struct {
	found  *collection
	format fileFormat
	files  []classFile
}

// streamImages returns the images of a plan without decoding any.
func (found *collection) streamImages(plan filePlan, format fileFormat) *Dataset {
	part := func(files []classFile) *Images {
		if len(files) == 0 {
			return nil
		}
		images := &Images{Height: format.size, Width: format.size, stream: &stream{found, format, files}}
		if len(plan.classes) > 0 {
			images.Labels = fileLabels(files)
		}
		return images
	}
	set := found.newDataset(plan)
	set.Train, set.Validation, set.Test = part(plan.train), part(plan.validation), part(plan.test)
	set.note("%s: images are read when they are needed, and resized to %dx%d pixels", set.Found, format.size, format.size)
	return set
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

// load decodes image i to [height, width, 3] bytes, which are black, and changes it at random if random is not nil.
func (source *stream) load(to []uint8, i, height, width int, random *rand.Rand) error {
	file := source.files[i].imageFile
	data, err := source.found.read(file, maxFileBytes)
	if err != nil {
		return err
	}
	switch {
	case source.format.imageNet:
		err = decodePart(data, to, height, width, random)
	case random != nil:
		whole := make([]uint8, len(to))
		if _, err = decode(data, whole, height, width, source.format.exact); err == nil {
			drawShift(random).apply(to, whole, height, width)
		}
	default:
		_, err = decode(data, to, height, width, source.format.exact)
	}
	if err != nil {
		return fmt.Errorf("%s: %s: %w", source.found.path, file.name, err)
	}
	return nil
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
