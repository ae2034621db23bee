package datasets

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// OpenImages reads any folder, zip or tar of JPEG and PNG images, or a single image. Folders train, val and test split
// the images into parts, folders in them are classes; images without either are test images. Images of another size
// are resized to [Options.Size], which [Dataset.Notes] says. The set is named after the file, and normalized by its own
// colours; or by ImageNet's if it is too large for the memory, 4 GiB of pixels, and read when it is needed.
func OpenImages(ctx context.Context, path string, options Options) (*Dataset, error) {
	if err := options.check(); err != nil {
		return nil, fmt.Errorf("images of %s: %w", path, err)
	}
	set, err := openFiles(ctx, path, fileFormat{size: options.size()}, options)
	if err != nil {
		return nil, err
	}
	if err := set.finish(options); err != nil {
		return nil, err
	}
	set.Name = set.Found
	for _, suffix := range archiveSuffixes {
		if hasSuffix(set.Name, suffix) {
			set.Name = set.Name[:len(set.Name)-len(suffix)]
		}
	}
	set.Title = set.Name
	set.Mean, set.Std = channelStatistics(set.Train, set.Test)
	return set, nil
}

// channelStatistics measures the mean and standard deviation of each channel, on pixel values from 0 to 1, of the first
// candidates that are in memory. Without any they are ImageNet's.
func channelStatistics(candidates ...*Images) (mean, std []float32) {
	for _, images := range candidates {
		if images == nil || len(images.Pixels) == 0 {
			continue
		}
		for channel := range channels {
			var sum, squares uint64
			for i := channel; i < len(images.Pixels); i += channels {
				value := uint64(images.Pixels[i])
				sum += value
				squares += value * value
			}
			count := float64(len(images.Pixels) / channels)
			average := float64(sum) / count
			deviation := math.Sqrt(max(0, float64(squares)/count-average*average))
			mean = append(mean, float32(average/255))
			std = append(std, float32(max(1, deviation)/255)) // never 0, even for plain images
		}
		return mean, std
	}
	return slices.Clone(imageNetNormalization.mean), slices.Clone(imageNetNormalization.std)
}
