package datasets

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"sync/atomic"

	"github.com/dismax-go/dismax/datasets/internal/bounded"
	"github.com/dismax-go/dismax/datasets/internal/filetree"
	"github.com/dismax-go/dismax/datasets/internal/pixels"
	"github.com/dismax-go/dismax/internal/parallel"
	"github.com/dismax-go/dismax/internal/text"
)

// streamAbove is the number of bytes of pixels above which images are not kept in memory.
const streamAbove = 4 << 30

// stream is a list of image files that are decoded when they are needed.
type stream struct {
	tree        *filetree.Tree
	files       []classFile
	format      fileFormat
	memoryLimit int64 // of one image; see [Options.MemoryLimit]
}

// images returns the images of the files without decoding any, or nil if there are none.
func (source *stream) images(labelled bool) *Images {
	if len(source.files) == 0 {
		return nil
	}
	images := &Images{Height: source.format.size, Width: source.format.size, stream: source}
	if labelled {
		images.Labels = fileLabels(source.files)
	}
	return images
}

// pick returns the stream of the files with the given indices.
func (source *stream) pick(indices []int) *stream {
	picked := *source
	picked.files = pick(source.files, indices)
	return &picked
}

// writeNames writes the names and sizes of the files.
func (source *stream) writeNames(to io.Writer) {
	for _, file := range source.files {
		fmt.Fprintf(to, "%s %d\n", file.Name, file.Size)
	}
}

// load decodes image i to [height, width, 3] bytes, and changes it at random if random is not nil; what they hold before
// is the border of crops. It reports whether the image had another size.
func (source *stream) load(ctx context.Context, to []uint8, i int, random *rand.Rand) (resized bool, err error) {
	file, size := source.files[i].File, source.format.size
	data, err := source.tree.Read(ctx, file, bounded.ImageLimit(source.memoryLimit))
	if err != nil {
		return false, withRemedy(err)
	}
	target := pixels.Target{Height: size, Width: size, Exact: source.format.exact, MemoryLimit: source.memoryLimit}
	switch {
	case source.format.imageNet:
		err = target.DecodePart(to, data, random)
	case random != nil:
		whole := make([]uint8, len(to))
		if resized, err = target.Decode(whole, data); err == nil {
			pixels.DrawShift(random).Apply(to, whole, size, size)
		}
	default:
		resized, err = target.Decode(to, data)
	}
	if err != nil {
		return false, fmt.Errorf("%s: %s: %w", source.tree.Path, file.Name, withRemedy(err))
	}
	return resized, nil
}

// decode returns the images with their pixels in memory, and how many of them had another size.
func (images *Images) decode(ctx context.Context) (decoded *Images, resized int, err error) {
	if images.stream == nil {
		return images, 0, nil
	}
	decoded = newImages(images.Len(), images.Height, images.Width, false)
	decoded.Labels = images.Labels
	var count atomic.Int64
	err = parallel.For(images.Len(), func(i int) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		changed, err := images.stream.load(ctx, decoded.At(i), i, nil)
		if changed {
			count.Add(1)
		}
		return err
	})
	return decoded, int(count.Load()), err
}

// trees are the folders and archives of the images that are not in memory.
func (set *Dataset) trees() []*filetree.Tree {
	var trees []*filetree.Tree
	for _, part := range set.parts() {
		if images := *part.images; images != nil && images.stream != nil &&
			!slices.Contains(trees, images.stream.tree) {
			trees = append(trees, images.stream.tree)
		}
	}
	return trees
}

// fits reports whether the images may be decoded into memory: there are not too many, and they are not ImageNet's.
func (set *Dataset) fits() bool {
	bytes := 0
	for _, part := range set.parts() {
		if images := *part.images; images != nil && images.stream != nil {
			if images.stream.format.imageNet {
				return false
			}
			bytes += images.Len() * images.pixelBytes()
		}
	}
	return bytes <= streamAbove
}

// fileFormat describes the first image file, or is "" if that cannot be read, which decoding the images says better.
func (set *Dataset) fileFormat(ctx context.Context) string {
	for _, part := range set.parts() {
		if images := *part.images; images != nil && images.stream != nil {
			source := images.stream
			data, err := source.tree.Read(ctx, source.files[0].File, bounded.ImageLimit(source.memoryLimit))
			if err != nil {
				return ""
			}
			size := source.format.size
			return pixels.Target{Height: size, Width: size, MemoryLimit: source.memoryLimit}.Format(data)
		}
	}
	return ""
}

// load decodes the images into memory, if they fit there.
func (set *Dataset) load(ctx context.Context) error {
	if len(set.trees()) == 0 {
		return nil
	}
	set.Format = set.fileFormat(ctx)
	if !set.fits() {
		set.note("%s: images are read when they are needed, and resized to %dx%d pixels", set.Origin, set.Test.Width,
			set.Test.Height)
		return nil
	}
	resized := 0
	for _, part := range set.parts() {
		if *part.images == nil {
			continue
		}
		decoded, changed, err := (*part.images).decode(ctx)
		if err != nil {
			return err
		}
		*part.images, resized = decoded, resized+changed
	}
	if resized > 0 {
		set.note("%s: resized %s to %dx%d pixels", set.Origin, text.Count(resized, "image"), set.Test.Width,
			set.Test.Height)
	}
	return nil
}
