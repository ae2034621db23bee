package datasets

import (
	"fmt"
	"path/filepath"
	"sync/atomic"
)

// fileFormat is what is expected of a collection of image files.
type fileFormat struct {
	size    int  // height and width
	exact   bool // whether an image of another size is an error
	classes int  // number of classes; 0 means any
}

// testShare is the share of the images held out as test images in a set that is not split, by a fixed seed.
const (
	testShare = 0.2
	testSeed  = 0
)

// openFiles reads a folder or archive of image files as a set. Its Name and Normalization are left to the caller.
func openFiles(path string, format fileFormat, options Options) (*Dataset, error) {
	found, err := openCollection(path)
	if err != nil {
		return nil, err
	}
	defer found.close()
	files, err := found.understand()
	if err != nil {
		return nil, err
	}
	makePlan := files.plan
	if options.TestOnly {
		makePlan = files.planTest
	}
	plan, err := makePlan(format, options)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	set := &Dataset{Found: filepath.Base(path), Classes: plan.classes}
	reader := &fileReader{found: found, format: format}
	for _, part := range []struct {
		images **Images
		files  []classFile
	}{{&set.Train, plan.train}, {&set.Validation, plan.validation}, {&set.Test, plan.test}} {
		if *part.images, err = reader.read(part.files, len(plan.classes) > 0); err != nil {
			return nil, err
		}
	}
	set.Notes = append(set.Notes, plan.notes...)
	if found.ignored > 0 {
		set.note("%s: passed over %d files that are no images", set.Found, found.ignored)
	}
	if resized := reader.resized.Load(); resized > 0 {
		set.note("%s: resized %d images to %dx%d pixels", set.Found, resized, format.size, format.size)
	}
	return set, nil
}

// filePlan says which files to read. Without classes there are no labels.
type filePlan struct {
	train, validation, test []classFile
	classes                 []string
	notes                   []string
}

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
	images := newImages(len(files), size, size, labelled)
	err := inParallel(len(files), func(i int) error {
		if labelled {
			images.Labels[i] = files[i].label
		}
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
