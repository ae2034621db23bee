package datasets

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
)

// Open opens a set by its name. A published set is looked for where [Options.Data] says, and downloaded on first use
// unless [Options.Offline] forbids it; the error of one that cannot be had wraps [ErrNotFound] and says how to get it
// by hand. The synthetic sets are made. The path of an existing folder or archive of images serves as a name, too; see
// [OpenImages]. When the context ends, downloading and reading stop with its error; what was downloaded is kept, and
// the next download goes on from there.
func Open(ctx context.Context, name string, options Options) (*Dataset, error) {
	if err := options.check(); err != nil {
		return nil, fmt.Errorf("data set %s: %w", name, err)
	}
	set, err := ByName(name)
	if err != nil {
		if _, missing := os.Stat(name); missing == nil {
			return OpenImages(ctx, name, options)
		}
		return nil, fmt.Errorf("%w, or the path of a folder or zip of images", err)
	}
	dataset, err := set.open(ctx, options)
	if err != nil {
		return nil, fmt.Errorf("data set %s: %w", name, err)
	}
	return dataset, nil
}

// open makes a usable set of what the set's Open returns, which may be the same on every call and stays as it is.
func (set *Set) open(ctx context.Context, options Options) (*Dataset, error) {
	returned, err := set.Open(ctx, options)
	if err != nil {
		return nil, err
	}
	if returned == nil {
		return nil, errors.New("its Open returned nothing")
	}
	dataset := *returned
	dataset.Name, dataset.Title = set.Name, set.Title
	if dataset.Origin == "" {
		dataset.Origin = set.Name
	}
	dataset.Notes = slices.Clone(dataset.Notes)
	return &dataset, dataset.complete(ctx, options)
}

// Fetch makes sure that the files of a set are here, without reading images, and returns the file or folder that [Open]
// reads with the same options. That of a set that needs no files is "".
func Fetch(ctx context.Context, name string, options Options) (string, error) {
	set, err := ByName(name)
	if err != nil {
		return "", err
	}
	var path string
	switch {
	case set.Fetch != nil:
		if path, err = set.Fetch(ctx, options); err != nil {
			return "", fmt.Errorf("data set %s: %w", name, err)
		}
	case set.Locate != nil:
		path, _ = set.Locate(options)
	}
	return path, nil
}
