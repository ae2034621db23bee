package datasets

import (
	"context"
	"errors"
	"fmt"
)

// fileFormat is what is expected of a collection of image files.
type fileFormat struct {
	size     int  // height and width
	exact    bool // whether an image of another size is an error
	classes  int  // number of classes; 0 means any
	imageNet bool // whether images are prepared as published for ImageNet, and decoded when they are needed
}

// openFiles opens a folder or archive of image files as a set.
func openFiles(ctx context.Context, path string, format fileFormat, options Options) (*Dataset, error) {
	found, err := openCollection(ctx, path)
	if err != nil {
		return nil, err
	}
	return found.images(format, options)
}

// images returns the images of a collection, none of them decoded yet. It closes the collection if it fails.
func (found *collection) images(format fileFormat, options Options) (*Dataset, error) {
	set, err := found.plan(format, options)
	if err != nil {
		return nil, errors.Join(err, found.close())
	}
	return set, nil
}

func (found *collection) plan(format fileFormat, options Options) (*Dataset, error) {
	if err := found.keepImages(); err != nil {
		return nil, err
	}
	files, err := found.understand()
	if err != nil {
		return nil, err
	}
	makePlan := files.plan
	if options.TestOnly {
		makePlan = files.planTest
	}
	plan, err := makePlan(format)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", found.path, err)
	}
	images := func(files []classFile) *Images { return found.stream(files, format, len(plan.classes) > 0) }
	set := &Dataset{Found: found.base(), Classes: plan.classes,
		Train: images(plan.train), Validation: images(plan.validation), Test: images(plan.test)}
	if found.ignored > 0 {
		set.note(fmt.Sprintf("%s: passed over %s of other kinds", set.Found, countOf(found.ignored, "file")))
	}
	return set, nil
}

// filePlan says which file serves for what. Without classes there are no labels.
type filePlan struct {
	train, validation, test []classFile
	classes                 []string
}

// planTest chooses the test images alone: those of the test part, else of the validation part, else all.
func (files layout) planTest(fileFormat) (filePlan, error) {
	for _, role := range []role{testRole, validationRole, wholeRole, trainRole} {
		if chosen := files[role]; len(chosen) > 0 {
			plan := filePlan{test: chosen, classes: classNames(chosen)}
			return plan, labelFiles(chosen, plan.classes)
		}
	}
	return filePlan{}, nil
}

// plan chooses training, validation and test images with their labels. A set without classes has test images only.
func (files layout) plan(format fileFormat) (filePlan, error) {
	plan := filePlan{train: files[trainRole], validation: files[validationRole], test: files[testRole]}
	if len(plan.test) == 0 { // ImageNet calls the images to test on "val"
		plan.test, plan.validation = plan.validation, nil
	}
	if whole := files[wholeRole]; len(whole) > 0 {
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
	return plan, nil
}
