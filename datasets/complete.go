package datasets

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/dismax-go/dismax/internal/text"
)

// complete makes a usable set of what [Set.Open] returned: it checks the images, keeps those that the options ask for,
// brings them into memory where they fit, and fills in what was left out.
func (set *Dataset) complete(ctx context.Context, options Options) (err error) {
	trees := set.trees()
	defer func() {
		if err != nil || len(set.trees()) == 0 {
			for _, tree := range trees {
				err = errors.Join(err, tree.Close())
			}
		}
	}()
	if err := set.check(); err != nil {
		return err
	}
	if err := set.divide(options); err != nil {
		return err
	}
	if err := set.checkParts(options); err != nil {
		return err
	}
	if err := set.load(ctx); err != nil {
		return err
	}
	if err := set.resizeTest(ctx, options); err != nil {
		return err
	}
	if set.Mean == nil {
		set.Mean, set.Std = channelStatistics(set.Train, set.Test)
	}
	return nil
}

// parts are the images of the set, with what they serve for.
func (set *Dataset) parts() []part {
	return []part{{"training", &set.Train, true}, {"validation", &set.Validation, true}, {"test", &set.Test, false},
		{"held-out classes'", &set.HeldOutClasses, false}}
}

// part is some images of a set; there are none where *images is nil.
type part struct {
	role     string
	images   **Images
	labelled bool // must have labels
}

// check refuses images, labels and statistics that do not fit together, and names classes without names by their
// numbers.
func (set *Dataset) check() error {
	if len(set.Mean) != len(set.Std) || len(set.Mean) != 0 && len(set.Mean) != channels {
		return fmt.Errorf("%d means and %d deviations, where there is one for each of %d channels, or none",
			len(set.Mean), len(set.Std), channels)
	}
	var first *Images
	largest := int32(-1)
	for _, part := range set.parts() {
		images := *part.images
		if images.Len() == 0 {
			*part.images = nil
			continue
		}
		if err := part.check(len(set.Classes)); err != nil {
			return err
		}
		if first == nil {
			first = images
		}
		if images.Height != first.Height || images.Width != first.Width {
			return fmt.Errorf("the %s images are %dx%d pixels and others %dx%d: make them the same size",
				part.role, images.Width, images.Height, first.Width, first.Height)
		}
		if images.Labels != nil {
			largest = max(largest, slices.Max(images.Labels))
		}
	}
	if len(set.Classes) == 0 {
		for class := range largest + 1 {
			set.Classes = append(set.Classes, strconv.Itoa(int(class)))
		}
	}
	return nil
}

// check refuses images without the labels that they need, and labels without a class, unless classes is 0.
func (p part) check(classes int) error {
	images := *p.images
	if err := images.check(); err != nil {
		return fmt.Errorf("the %s images: %w", p.role, err)
	}
	if p.labelled && images.Labels == nil {
		return fmt.Errorf("the %s images have no labels", p.role)
	}
	for i, label := range images.Labels {
		if label < 0 || classes > 0 && int(label) >= classes {
			return fmt.Errorf("label %d of %s image %d, where labels go from 0 to %d", label, p.role, i, classes-1)
		}
	}
	return nil
}

// checkParts refuses a set in which the options left a part without images.
func (set *Dataset) checkParts(options Options) error {
	switch classes := text.Count(len(set.Classes), "class"); {
	case set.Test.Len()+set.Train.Len() == 0:
		return errors.New("there are no images")
	case set.Test.Len() == 0:
		return fmt.Errorf("%s: too few images to hold some out to test on, %d in %s: add images",
			set.Origin, set.Train.Len(), classes)
	case options.ValidationBeyondLimit && set.Train.Len() > 0 && set.Validation.Len() == 0:
		return fmt.Errorf("%s: a limit of %d training images leaves none to hold out: lower it, or hold out some of these",
			set.Origin, options.TrainLimit)
	case options.ValidationShare > 0 && set.Train.Len() > 0 && set.Validation.Len() == 0:
		return fmt.Errorf("%s: too few training images to hold some out to validate on, %d in %s: take more",
			set.Origin, set.Train.Len(), classes)
	}
	return nil
}

// resizeTest gives the test images of an out-of-distribution set the size that the options ask for.
func (set *Dataset) resizeTest(ctx context.Context, options Options) error {
	if size := options.Size; options.TestOnly && size > 0 && (set.Test.Height != size || set.Test.Width != size) {
		resized, err := set.Test.resize(ctx, size)
		if err != nil {
			return err
		}
		set.Test = resized
		set.note("%s: resized %s to %dx%d pixels", set.Origin, text.Count(set.Test.Len(), "image"), size, size)
	}
	return nil
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
	return slices.Clone(imageNetMean), slices.Clone(imageNetStd)
}
