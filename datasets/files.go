package datasets

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
)

// fileFormat is what is expected of a collection of image files.
type fileFormat struct {
	size     int  // height and width
	exact    bool // whether an image of another size is an error
	classes  int  // number of classes; 0 means any
	imageNet bool // whether images are prepared as published for ImageNet, and decoded when they are needed
}

// testShare is the share of the images held out as test images in a set that is not split, by a fixed seed.
const (
	testShare = 0.2
	testSeed  = 0
)

// openFiles reads a folder or archive of image files as a set. Its Name and Normalization are left to the caller.
func openFiles(_ context.Context, path string, format fileFormat, options Options) (*Dataset, error) {
	found, err := openCollection(path)
	if err != nil {
		return nil, err
	}
	return found.readImages(format, options)
}

// readImages reads a collection of image files, and closes it unless images are left to be decoded later.
func (found *collection) readImages(format fileFormat, options Options) (*Dataset, error) {
	plan, err := found.plan(format, options)
	if err != nil {
		return nil, errors.Join(err, found.close())
	}
	stream := format.imageNet || plan.count()*format.size*format.size*channels > streamAbove
	if stream {
		return found.streamImages(plan, format), nil
	}
	set, err := found.decodeImages(plan, format)
	return set, errors.Join(err, found.close())
}

// plan says which files to read.
func (found *collection) plan(format fileFormat, options Options) (filePlan, error) {
	if err := found.keepImages(); err != nil {
		return filePlan{}, err
	}
	files, err := found.understand()
	if err != nil {
		return filePlan{}, err
	}
	makePlan := files.plan
	if options.TestOnly {
		makePlan = files.planTest
	}
	plan, err := makePlan(format, options)
	if err != nil {
		return plan, fmt.Errorf("%s: %w", found.path, err)
	}
	if found.ignored > 0 {
		plan.notes = append(plan.notes, "passed over "+countOf(found.ignored, "file")+" of other kinds")
	}
	return plan, nil
}

// newDataset is the set of a plan, without its images.
func (found *collection) newDataset(plan filePlan) *Dataset {
	set := &Dataset{Found: found.base(), Classes: plan.classes}
	for _, note := range plan.notes {
		set.note("%s: %s", set.Found, note)
	}
	return set
}

// decodeImages decodes all images of a plan into memory.
func (found *collection) decodeImages(plan filePlan, format fileFormat) (*Dataset, error) {
	set := found.newDataset(plan)
	reader := &fileReader{found: found, format: format}
	for _, part := range []struct {
		images **Images
		files  []classFile
	}{{&set.Train, plan.train}, {&set.Validation, plan.validation}, {&set.Test, plan.test}} {
		var err error
		if *part.images, err = reader.read(part.files, len(plan.classes) > 0); err != nil {
			return nil, err
		}
	}
	if resized := reader.resized.Load(); resized > 0 {
		set.note("%s: resized %s to %dx%d pixels", set.Found, countOf(int(resized), "image"), format.size, format.size)
	}
	return set, nil
}

// filePlan says which files to read. Without classes there are no labels.
type filePlan struct {
	train, validation, test []classFile
	classes                 []string
	notes                   []string
}

// count is the number of files to read.
func (plan filePlan) count() int { return len(plan.train) + len(plan.validation) + len(plan.test) }

// planTest chooses the test images alone: those of the test part, else of the validation part, else all.
func (files layout) planTest(_ fileFormat, options Options) (filePlan, error) {
	for _, part := range []part{testPart, validationPart, wholePart, trainPart} {
		if chosen := files[part]; len(chosen) > 0 {
			classes := classNames(chosen)
			if err := labelFiles(chosen, classes); err != nil {
				return filePlan{}, err
			}
			return filePlan{test: limitFiles(chosen, classes, options.TestLimit)}, nil
		}
	}
	return filePlan{}, nil
}

// plan chooses training, validation and test images with their labels. A set without classes has test images only.
func (files layout) plan(format fileFormat, options Options) (filePlan, error) {
	plan := filePlan{train: files[trainPart], validation: files[validationPart], test: files[testPart]}
	if len(plan.test) == 0 { // ImageNet calls the images to test on "val"
		plan.test, plan.validation = plan.validation, nil
	}
	if whole := files[wholePart]; len(whole) > 0 {
		plan.train = whole
		if whole[0].class == "" {
			plan.train, plan.test = nil, whole
		}
	}
	plan.classes = classNames(plan.train)
	if len(plan.train) == 0 {
		plan.classes = classNames(plan.test)
	}
	switch got := len(plan.classes); {
	case got == 0 && len(plan.train) > 0:
		return plan, fmt.Errorf("%s is in no class folder: sort the training images into train/<class>/",
			plan.train[0].name)
	case format.classes > 0 && got > 0 && got != format.classes:
		return plan, fmt.Errorf("there are %d class folders where %d are expected: is the folder complete?",
			got, format.classes)
	}
	for _, part := range [][]classFile{plan.train, plan.validation, plan.test} {
		if err := labelFiles(part, plan.classes); err != nil {
			return plan, err
		}
	}
	plan.divide(options)
	return plan, nil
}

// divide holds out test images where there are none, applies the limits, and holds out the validation images.
func (plan *filePlan) divide(options Options) {
	if len(plan.test) == 0 {
		plan.train, plan.test = holdOutFiles(plan.train, plan.classes, testShare, testSeed)
		plan.notes = append(plan.notes, fmt.Sprintf("the images are not split: held out %d to test on", len(plan.test)))
	}
	plan.train = limitFiles(plan.train, plan.classes, options.TrainLimit)
	plan.test = limitFiles(plan.test, plan.classes, options.TestLimit)
	switch {
	case options.ValidationShare == 0:
		plan.validation = nil
	case len(plan.validation) == 0:
		plan.train, plan.validation = holdOutFiles(plan.train, plan.classes, options.ValidationShare, options.Seed)
	default:
		plan.notes = append(plan.notes, fmt.Sprintf("the set brings its own %d validation images",
			len(plan.validation)))
	}
}

// limitFiles keeps the first files of each class, limit altogether; see [limitPerClass].
func limitFiles(files []classFile, classes []string, limit int) []classFile {
	return pick(files, limitPerClass(fileLabels(files), len(classes), limit))
}

// holdOutFiles takes a share of each class aside; see [holdOut].
func holdOutFiles(files []classFile, classes []string, share float64, seed int64) (kept, heldOut []classFile) {
	keep, hold := holdOut(fileLabels(files), len(classes), share, seed)
	return pick(files, keep), pick(files, hold)
}

// fileReader decodes the files of a collection.
type fileReader struct {
	found   *collection
	format  fileFormat
	resized atomic.Int64 // images that had another size
}

// read decodes the files with all processors, or returns nil if there are none. If several fail, the error is that of
// the first.
func (reader *fileReader) read(files []classFile, labelled bool) (*Images, error) {
	if len(files) == 0 {
		return nil, nil
	}
	size := reader.format.size
	images := newImages(len(files), size, size, false)
	if labelled {
		images.Labels = fileLabels(files)
	}
	err := inParallel(len(files), func(i int) error {
		resized, err := reader.found.readImage(files[i].imageFile, images.At(i), size, size, reader.format.exact)
		if resized {
			reader.resized.Add(1)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return images, nil
}
