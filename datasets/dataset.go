package datasets

import (
	"errors"
	"fmt"
	"os"

	"github.com/dismax-go/dismax/datasets/internal/pixels"
	"github.com/dismax-go/dismax/internal/text"
)

// Dataset is a set of images, split for training and testing.
type Dataset struct {
	// Name is the name it was opened by, and Title the name for a reader, as in a table.
	Name, Title string
	// Origin says what was opened: the base name of a file or folder, or "synthetic".
	Origin string
	// Format says what the image files are, by the first of them: "JPEG 4:2:0", where colours are stored at half the
	// resolution, "PNG"; or "" where the images come from no image files.
	Format string
	// Notes are the lines that a user should see once, such as images that were resized.
	Notes []string

	// Train and Validation are nil in a set that has test images only, as most out-of-distribution sets do.
	// Validation is nil unless [Options.ValidationShare] asks for it.
	Train, Validation, Test *Images

	// HeldOutClasses are the test images, without labels, of the classes that [Options.HoldOutClasses] takes out of the
	// set; nil where it names none.
	HeldOutClasses *Images

	// Classes are the names of the classes: label i means Classes[i]. It is empty in a set without labels.
	Classes []string
	// Mean and Std are the mean and standard deviation of each channel, on pixel values from 0 to 1. The input of a
	// model trained on this set is (pixel/255 - Mean) / Std.
	Mean, Std []float32

	heldOut bool // whether Validation was held out as the options ask, and did not come with the set
}

// Options say which images to read. The zero value reads all images of the set from where it is found first.
type Options struct {
	// Data is the folder or file to read. A folder may hold the set's official archive, its unpacked files, or a
	// folder, zip or tar of images whose name begins with the set's name; nothing else is looked at, or fetched. Empty
	// means $DISMAX_DATA, then the cache, then a download of the published files into the cache.
	Data string

	// TrainLimit and TestLimit are the number of images to keep of each part; 0 keeps all. The images kept are the
	// same number of each class (one more of the first classes where it cannot be the same), the first by file name.
	TrainLimit, TestLimit int

	// ValidationShare is the share of the training images, counted after TrainLimit, that is held out as Validation:
	// the same share of each class, drawn by Seed.
	ValidationShare float64
	// ValidationBeyondLimit draws Validation from the images that TrainLimit leaves out, so that all of the limit is
	// trained on: of each class as many as ValidationShare of its training images, or all that are left.
	ValidationBeyondLimit bool
	// Seed draws the validation images.
	Seed int64

	// HoldOutClasses takes these classes out of the set before anything else is counted or drawn; their test images
	// become [Dataset.HeldOutClasses]. A class is given by its name, or by its number from 0 in the set's own order.
	HoldOutClasses []string

	// SyntheticSeed makes other images of the synthetic sets than the standard ones, which have seed 0.
	SyntheticSeed int64

	// TestOnly reads the test images alone and drops their labels, as for an out-of-distribution set. All images of
	// a set that is not split into training and test images are test images.
	TestOnly bool

	// Size is the height and width, in pixels, to which images are resized that come in no prescribed size: those of
	// the user's own folders, where 0 means 32, and those of ImageNet, where 0 means 224. With TestOnly all sets are
	// resized to it, unless it is 0, since an out-of-distribution set is shown to a model of that size.
	Size int

	// MemoryLimit bounds the memory in bytes that one file may take: an image as it is decoded, a compressed archive or a
	// MAT file as it is unpacked. What takes more is refused before the memory is taken. 0 means 256 MiB for an image,
	// and for the others eight times the size of the file, at least 64 MiB and at most 2 GiB. As many images are decoded
	// at the same time as there are processors, and the garbage collector may need as much again.
	MemoryLimit int64

	// Offline forbids downloads, as does the environment variable DISMAX_OFFLINE.
	Offline bool
	// Progress, if not nil, is called as a download advances.
	Progress func(Progress)
}

// defaultSize is the size of the images of all the paper's small sets.
const defaultSize = 32

// check refuses options that cannot be meant.
func (options *Options) check() error {
	switch {
	case options.TrainLimit < 0 || options.TestLimit < 0:
		return fmt.Errorf("limits of %d training and %d test images: a limit is positive, or 0 for all images",
			options.TrainLimit, options.TestLimit)
	case !(options.ValidationShare >= 0 && options.ValidationShare < 1):
		return fmt.Errorf("a validation share of %g: choose one from 0 up to, but not including, 1",
			options.ValidationShare)
	case options.ValidationBeyondLimit && (options.TrainLimit == 0 || options.ValidationShare == 0):
		return errors.New("validation images beyond the limit need a limit of training images and a validation share")
	case options.MemoryLimit < 0:
		return fmt.Errorf("a memory limit of %d bytes: it is positive, or 0 for the standard ones", options.MemoryLimit)
	case options.Size < 0 || options.Size > pixels.MaxSize:
		return fmt.Errorf("images of %d pixels: choose a size from 1 to %d, or 0 for %d",
			options.Size, pixels.MaxSize, defaultSize)
	}
	return nil
}

// offline reports whether nothing may be fetched.
func (options *Options) offline() bool {
	return options.Offline || options.Data != "" || os.Getenv(OfflineVariable) != ""
}

// size is the size of images that come in no prescribed size.
func (options *Options) size() int {
	if options.Size == 0 {
		return defaultSize
	}
	return options.Size
}

// String describes the set in a line: "cifar10: 50000 training and 10000 test images of 32x32 pixels in 10 classes,
// from cifar10-jpeg.zip".
func (set *Dataset) String() string {
	var parts []string
	for _, part := range set.parts() {
		if count := (*part.images).Len(); count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count, part.role))
		}
	}
	line := fmt.Sprintf("%s: %s image", set.Name, text.And(parts))
	if set.Train.Len()+set.Validation.Len()+set.Test.Len() != 1 {
		line += "s"
	}
	if set.Test != nil {
		line += fmt.Sprintf(" of %dx%d pixels", set.Test.Width, set.Test.Height)
	}
	if len(set.Classes) > 0 {
		line += fmt.Sprintf(" in %d classes", len(set.Classes))
	}
	return line + ", from " + set.Origin
}
