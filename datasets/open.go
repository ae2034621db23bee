package datasets

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/dismax-go/dismax/internal/registry"
)

// Info describes a set that can be opened by name.
type Info struct {
	Name    string
	Title   string // as in a table
	Size    string // "60,000 images of 32x32 pixels in 10 classes"
	Licence string
	Source  string // where it comes from
}

// set is a known set and how it is opened: made, or read from files.
type set struct {
	Info
	normalization normalization

	make func(Options) *Dataset // of a synthetic set

	prefixes  []string     // what the names of its files begin with, as [plain] writes them
	official  official     // its published form, if that is not image files
	format    fileFormat   // of image files
	downloads []remoteFile // where its published form is
}

// official is a published form of a set that is no image files.
type official interface {
	// files are the base names of the files needed.
	files(options Options) []string
	// read reads them.
	read(found *collection, options Options) (*Dataset, error)
}

var sets = registry.New[*set]("data set")

// Names lists the sets that [Open] knows.
func Names() []string { return sets.Names() }

// Open reads a set by its name. A real set is looked for where [Options.Data] says, and downloaded on first use unless
// [Options.Offline] forbids it; the error of one that cannot be had wraps [ErrNotFound] and says how to get it by hand.
// The synthetic sets are made. The path of an existing folder or archive of images serves as a name too; see
// [OpenImages].
func Open(ctx context.Context, name string, options Options) (*Dataset, error) {
	if err := options.check(); err != nil {
		return nil, fmt.Errorf("data set %s: %w", name, err)
	}
	known, err := sets.ByName(name)
	if err != nil {
		if _, missing := os.Stat(name); missing == nil {
			return OpenImages(ctx, name, options)
		}
		return nil, fmt.Errorf("%w, or the path of a folder or zip of images", err)
	}
	opened, err := known.open(ctx, options)
	if err == nil {
		err = opened.finish(options)
	}
	if err != nil {
		return nil, fmt.Errorf("data set %s: %w", name, err)
	}
	opened.Name, opened.Title = known.Name, known.Title
	opened.Mean, opened.Std = slices.Clone(known.normalization.mean), slices.Clone(known.normalization.std)
	return opened, nil
}

// Fetch makes sure that the files of a real set are here, without reading images, and returns the file or folder that
// [Open] reads with the same options. That of a synthetic set, which needs no files, is "".
func Fetch(ctx context.Context, name string, options Options) (string, error) {
	known, err := sets.ByName(name)
	if err != nil || known.make != nil {
		return "", err
	}
	path, err := known.obtain(ctx, options)
	if err != nil {
		return "", fmt.Errorf("data set %s: %w", name, err)
	}
	return path, nil
}

// open makes or reads the set.
func (known *set) open(ctx context.Context, options Options) (*Dataset, error) {
	if known.make != nil {
		return known.make(options), nil
	}
	path, err := known.obtain(ctx, options)
	if err != nil {
		return nil, err
	}
	found, err := openCollection(path)
	if err != nil {
		return nil, err
	}
	if known.official != nil && found.holdsAny(known.official.files(options)) {
		set, err := known.official.read(found, options)
		return set, errors.Join(err, found.close())
	}
	format := known.format
	if !format.exact && options.Size > 0 {
		format.size = options.Size
	}
	return found.readImages(format, options)
}
