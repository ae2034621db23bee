package datasets

import (
	"fmt"
	"slices"
)

// Where a set is not split, this share of each class is held out as test images, by a fixed seed.
const (
	testShare = 0.2
	testSeed  = 0
)

// divide keeps the images that the options ask for: it holds out test images where there are none, takes classes out,
// applies the limits, and holds out validation images. Dividing once more changes nothing.
func (set *Dataset) divide(options Options) error {
	if options.TestOnly {
		set.keepTest(options)
		return nil
	}
	if set.Test == nil && set.Train != nil {
		kept, heldOut := holdOut(set.Train.Labels, len(set.Classes), testShare, testSeed)
		set.Train, set.Test = set.Train.Select(kept), set.Train.Select(heldOut)
		set.note("%s: the images are not split: held out %d to test on", set.Origin, len(heldOut))
	}
	if len(options.HoldOutClasses) > 0 && set.HeldOutClasses == nil {
		if err := set.holdOutClasses(options.HoldOutClasses, options.TestLimit); err != nil {
			return err
		}
	}
	set.Test = set.Test.limit(len(set.Classes), options.TestLimit)
	set.divideTraining(options)
	return nil
}

// divideTraining applies the limit to the training images, and holds out validation images.
func (set *Dataset) divideTraining(options Options) {
	if set.Train == nil {
		return
	}
	classes := len(set.Classes)
	switch train := set.Train; {
	case options.ValidationShare == 0:
		set.Train, set.Validation = train.limit(classes, options.TrainLimit), nil
	case set.Validation != nil:
		set.Train = train.limit(classes, options.TrainLimit)
		if !set.heldOut {
			set.note("%s: the set brings its own %d validation images", set.Origin, set.Validation.Len())
		}
	case options.ValidationBeyondLimit:
		kept := limitPerClass(train.Labels, classes, options.TrainLimit)
		heldOut := holdOutBeyond(train.Labels, kept, classes, options.ValidationShare, options.Seed)
		set.Train, set.Validation = train.Select(kept), train.Select(heldOut)
		set.heldOut = true
	default:
		limited := limitPerClass(train.Labels, classes, options.TrainLimit)
		kept, heldOut := holdOut(pick(train.Labels, limited), classes, options.ValidationShare, options.Seed)
		set.Train, set.Validation = train.Select(pick(limited, kept)), train.Select(pick(limited, heldOut))
		set.heldOut = true
	}
}

// keepTest leaves the test images alone, without their labels: those of the test part, else the validation part, else
// the training part.
func (set *Dataset) keepTest(options Options) {
	for _, images := range []*Images{set.Test, set.Validation, set.Train} {
		if images != nil {
			set.Test = images.limit(len(set.Classes), options.TestLimit).unlabelled()
			break
		}
	}
	set.Train, set.Validation, set.Classes = nil, nil, nil
}

// limit returns the images that [limitPerClass] keeps; see there.
func (images *Images) limit(classes, limit int) *Images {
	if limit == 0 || limit >= images.Len() {
		return images
	}
	if images.Labels == nil {
		return images.Select(upTo(limit))
	}
	return images.Select(limitPerClass(images.Labels, classes, limit))
}

// unlabelled returns the images without their labels.
func (images *Images) unlabelled() *Images {
	without := *images
	without.Labels = nil
	return &without
}

// note adds a line for the user, unless it was said before.
func (set *Dataset) note(format string, args ...any) {
	if line := fmt.Sprintf(format, args...); !slices.Contains(set.Notes, line) {
		set.Notes = append(set.Notes, line)
	}
}
