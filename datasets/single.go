package datasets

import (
	"fmt"
	"image"
	"os"

	"github.com/dismax-go/dismax/datasets/internal/bounded"
	"github.com/dismax-go/dismax/datasets/internal/pixels"
)

// ReadImage reads a JPEG, PNG or WebP file as the pixels that a model takes: uint8 [height, width, 3], red, green and blue
// from 0 to 255. An image of another size is resized as [OpenImages] does it: its largest part about the centre that
// has the wanted proportions, with a filter that averages over what it shrinks. (The set "imagenet" is tested, as
// published, on the middle 224/256 of that part.) An image that takes more than 256 MiB of memory as it is decoded is
// refused; [ReadImageWithin] takes it, and [Pixels] one that was decoded otherwise. The error names the file.
func ReadImage(path string, height, width int) ([]uint8, error) {
	return ReadImageWithin(0, path, height, width)
}

// ReadImageWithin is [ReadImage] with another limit of the memory in bytes; 0 is the standard one.
func ReadImageWithin(memoryLimit int64, path string, height, width int) ([]uint8, error) {
	if err := checkSize(height, width); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the image: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("cannot read the image: %w", err)
	}
	data, err := bounded.Read(file, info.Size(), bounded.ImageLimit(memoryLimit))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, withRemedy(err))
	}
	image, err := decodeImage(data, height, width, memoryLimit)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, withRemedy(err))
	}
	return image, nil
}

// DecodeImage is [ReadImage] for the content of a file.
func DecodeImage(data []byte, height, width int) ([]uint8, error) {
	if err := checkSize(height, width); err != nil {
		return nil, err
	}
	return decodeImage(data, height, width, 0)
}

func decodeImage(data []byte, height, width int, memoryLimit int64) ([]uint8, error) {
	to := make([]uint8, height*width*channels)
	target := pixels.Target{Height: height, Width: width, MemoryLimit: memoryLimit}
	if _, err := target.Decode(to, data); err != nil {
		return nil, err
	}
	return to, nil
}

// Pixels is [ReadImage] for a picture that is in memory already. It panics if the picture is empty, or the height or
// the width is not positive.
func Pixels(picture image.Image, height, width int) []uint8 {
	if err := checkSize(height, width); err != nil {
		panic("datasets.Pixels: " + err.Error())
	}
	if picture.Bounds().Empty() {
		panic("datasets.Pixels: the picture is empty")
	}
	to := make([]uint8, height*width*channels)
	pixels.Fit(to, picture, height, width)
	return to
}

// checkSize refuses sizes that cannot be meant.
func checkSize(height, width int) error {
	if min(height, width) < 1 || max(height, width) > pixels.MaxSize {
		return fmt.Errorf("images of %dx%d pixels: choose a width and height from 1 to %d", width, height, pixels.MaxSize)
	}
	return nil
}
