package experiment

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/models"
)

// images are all the sets of one experiment.
type images struct {
	*datasets.Dataset
	out []*datasets.Dataset // out-of-distribution
}

// open reads the images that the spec names and writes to the log what was found. The names of the out-of-distribution
// sets found become the spec's.
func (e *run) open(ctx context.Context) (*images, error) {
	spec := &e.spec
	options := datasets.Options{
		Data: e.options.Data, Offline: e.options.Offline, Progress: e.options.DownloadProgress,
		MemoryLimit: e.options.MemoryLimit,
	}
	in, err := e.openInDistribution(ctx, options)
	if err != nil {
		return nil, err
	}
	e.announce(in)
	if in.Train.Len() == 0 || len(in.Classes) < 2 {
		return nil, fmt.Errorf("data set %s (%s) has no training images of at least two classes: "+
			"it serves as an out-of-distribution set only; to learn it, sort its images into a folder for each class",
			in.Name, in.Origin)
	}
	if size := spec.ImageSize; size != 0 && in.Train.Height != size {
		return nil, fmt.Errorf("images of %d pixels: those of %s come in %dx%d, and only images of your own are resized",
			size, in.Name, in.Train.Width, in.Train.Height)
	}
	e.adaptBatch(in.Train.Len())
	sets := &images{Dataset: in}
	options.TestLimit = spec.TestLimit
	if sets.out, err = e.openOutOfDistribution(ctx, in, options); err != nil {
		return nil, err
	}
	spec.OutOfDistribution = namesOf(sets.out)
	if in.HeldOutClasses.Len() > 0 {
		sets.out = append(sets.out, &datasets.Dataset{
			Name: newName(record.HeldOutClassesSet, spec.OutOfDistribution), Title: in.Title + ", held-out classes", Origin: in.Origin, Format: in.Format,
			Test: in.HeldOutClasses,
		})
	}
	if len(sets.out) == 0 {
		e.log("there is no out-of-distribution set, so that nothing will be said about detection: name one, a folder of " +
			"any other images (--ood PATH), or hold out classes (--hold-out-classes)")
	}
	return sets, nil
}

// fewestSteps is how many steps an epoch should have.
const fewestSteps = 8

// adaptBatch makes batches smaller, a power of two, where there are too few images for fewestSteps an epoch, as far as
// they can be divided among the devices.
func (e *run) adaptBatch(images int) {
	if !e.options.AdaptBatch {
		return
	}
	const smallest = 4
	wanted := e.spec.BatchSize
	for e.spec.BatchSize > smallest && images < fewestSteps*e.spec.BatchSize {
		if (e.spec.BatchSize/2)%max(1, e.options.Devices) != 0 {
			break
		}
		e.spec.BatchSize /= 2
	}
	if e.spec.BatchSize < wanted {
		e.log("batches of %d images instead of %d, since there are only %d to train on (--batch-size N chooses another size)",
			e.spec.BatchSize, wanted, images)
	}
}

func namesOf(sets []*datasets.Dataset) []string {
	var names []string
	for _, set := range sets {
		names = append(names, set.Name)
	}
	return names
}

// openInDistribution opens the set that the spec trains on, split as it says. The options say where it is. A set of the
// user's own is taken as it is.
func (e *run) openInDistribution(ctx context.Context, options datasets.Options) (*datasets.Dataset, error) {
	spec := e.spec
	if own := e.options.Dataset; own != nil {
		switch {
		case spec.Protocol == record.HeldOut && own.Validation.Len() == 0:
			return nil, fmt.Errorf("data set %s: protocol %s needs Validation images, and it has none", own.Name, spec.Protocol)
		case len(spec.HoldOutClasses) > 0 && own.HeldOutClasses.Len() == 0:
			return nil, fmt.Errorf("data set %s: none of its classes is held out: open it with HoldOutClasses %s",
				own.Name, strings.Join(spec.HoldOutClasses, ", "))
		case own.Test.Len() == 0:
			return nil, fmt.Errorf("data set %s has no Test images", own.Name)
		}
		return own, nil
	}
	architecture, err := models.ByName(spec.Model)
	if err != nil {
		return nil, err
	}
	options.TrainLimit, options.TestLimit = spec.TrainLimit, spec.TestLimit
	options.Seed, options.Size = spec.Seed, cmp.Or(spec.ImageSize, architecture.ImageSize)
	options.HoldOutClasses = spec.HoldOutClasses
	if spec.Protocol == record.HeldOut {
		options.ValidationShare, options.ValidationBeyondLimit = spec.ValidationShare, spec.HeldOutBeyondLimit
	}
	return datasets.Open(ctx, spec.Dataset, options)
}

// openOutOfDistribution opens the sets that the spec names, all of them, or else those of the paper that are there.
func (e *run) openOutOfDistribution(ctx context.Context, in *datasets.Dataset, options datasets.Options) (
	[]*datasets.Dataset, error) {

	if e.options.OutOfDistribution != nil {
		return e.options.OutOfDistribution, nil
	}
	options.Size = in.Test.Height
	sets, absent, err := OutOfDistribution(ctx, e.spec.Dataset, e.spec.OutOfDistribution, options)
	if err != nil {
		return nil, err
	}
	for _, set := range sets {
		e.announce(set)
	}
	switch {
	case len(absent) == 0:
	case options.Data != "":
		e.log("left out, since their images are not in %s: %s", options.Data, strings.Join(absent, ", "))
	default:
		e.log("left out, since their images are not here: %s (dismax datasets fetch %s gets them)",
			strings.Join(absent, ", "), strings.Join(absent, " "))
	}
	return sets, nil
}

// OutOfDistribution opens the test images of the named sets. Without names it opens the sets that the paper tests the
// data set against, as far as they are there, and returns the names of those that are not: what nobody asked for by
// name is not downloaded.
func OutOfDistribution(ctx context.Context, dataset string, names []string, options datasets.Options) (
	sets []*datasets.Dataset, absent []string, err error) {
	required := len(names) > 0
	if !required {
		if known, err := datasets.ByName(dataset); err == nil {
			names = known.OutOfDistribution
		}
	}
	options.ValidationShare, options.TestOnly = 0, true
	options.Offline = options.Offline || !required
	for _, name := range names {
		set, err := datasets.Open(ctx, name, options)
		if errors.Is(err, datasets.ErrNotFound) && !required {
			absent = append(absent, name)
			continue
		}
		if err != nil {
			return nil, nil, fmt.Errorf("out-of-distribution: %w", err)
		}
		set.Name = newName(set.Name, namesOf(sets))
		sets = append(sets, set)
	}
	return sets, absent, nil
}

// checkSetNames refuses names of out-of-distribution sets that do not tell results apart.
func checkSetNames(names []string) error {
	for i, name := range names {
		if name == "" || name == testSet || name == validationSet || slices.Contains(names[:i], name) {
			return fmt.Errorf("the out-of-distribution set %d is named %q: want names that differ, and none of %s, %s",
				i+1, name, testSet, validationSet)
		}
	}
	return nil
}

// namesToBe are the names that sets get which are opened by these names or paths.
func namesToBe(opened []string) []string {
	var names []string
	for _, name := range opened {
		names = append(names, newName(datasets.NameOf(name), names))
	}
	return names
}

// newName returns the name, with a number if a set or a part of the in-distribution set has it already, as two folders
// of the same name have.
func newName(name string, names []string) string {
	fresh := name
	for number := 2; fresh == testSet || fresh == validationSet || slices.Contains(names, fresh); number++ {
		fresh = fmt.Sprintf("%s-%d", name, number)
	}
	return fresh
}

// announce says what was opened.
func (e *run) announce(set *datasets.Dataset) {
	e.log("%s", set)
	for _, note := range set.Notes {
		e.log("%s", note)
	}
}

// describe identifies images in the record.
func describe(set *datasets.Dataset, images *datasets.Images) record.Set {
	if images.Len() == 0 {
		return record.Set{}
	}
	return record.Set{Name: set.Name, Title: set.Title, Found: set.Origin, Images: images.Len(), SHA256: images.SHA256(),
		Format: set.Format}
}
