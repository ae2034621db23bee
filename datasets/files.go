package datasets

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/dismax-go/dismax/datasets/internal/filetree"
	"github.com/dismax-go/dismax/internal/text"
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
	tree, err := filetree.Open(ctx, path, options.MemoryLimit)
	if err != nil {
		return nil, withRemedy(err)
	}
	return readTree(tree, format, options)
}

// readTree returns the images of a tree, none of them decoded yet. It closes the tree if it fails.
func readTree(tree *filetree.Tree, format fileFormat, options Options) (*Dataset, error) {
	set, err := planTree(tree, format, options)
	if err != nil {
		return nil, errors.Join(err, tree.Close())
	}
	return set, nil
}

func planTree(tree *filetree.Tree, format fileFormat, options Options) (*Dataset, error) {
	ignored, err := keepImages(tree)
	if err != nil {
		return nil, err
	}
	files, err := understand(tree)
	if err != nil {
		return nil, err
	}
	makePlan := files.plan
	if options.TestOnly {
		makePlan = files.planTest
	}
	plan, err := makePlan(format)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", tree.Path, err)
	}
	images := func(files []classFile) *Images {
		source := &stream{tree: tree, files: files, format: format, memoryLimit: options.MemoryLimit}
		return source.images(len(plan.classes) > 0)
	}
	set := &Dataset{Origin: tree.Base(), Classes: plan.classes,
		Train: images(plan.train), Validation: images(plan.validation), Test: images(plan.test)}
	if ignored > 0 {
		set.note("%s: passed over %s of other kinds", set.Origin, text.Count(ignored, "file"))
	}
	return set, nil
}

// notImages are the endings of files that lie beside images in good order. Whatever has another ending must be an
// image.
var notImages = map[string]bool{".txt": true, ".md": true, ".csv": true, ".tsv": true, ".json": true, ".xml": true,
	".yaml": true, ".yml": true, ".html": true, ".mat": true, ".ini": true, ".db": true}

// keepImages leaves aside the files whose names say that they are not images, and counts them. Without any image it
// fails.
func keepImages(tree *filetree.Tree) (ignored int, err error) {
	all := len(tree.Files)
	tree.Files = slices.DeleteFunc(tree.Files, func(file filetree.File) bool {
		return notImages[strings.ToLower(path.Ext(file.Name))]
	})
	if len(tree.Files) == 0 {
		return 0, fmt.Errorf("%s holds no images: expected JPEG, PNG or WebP files, "+
			"in folders such as train/<class>/ and test/<class>/, in <class>/, or in none", tree.Path)
	}
	return all - len(tree.Files), nil
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
			plan.train[0].Name)
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
