package datasets

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/dismax-go/dismax/datasets/internal/fetch"
	"github.com/dismax-go/dismax/datasets/internal/filetree"
)

// published is a set that is read from files: where they are published, how they are recognized, and what is in them.
type published struct {
	Info
	mean, std []float32 // of the channels, as published

	prefixes  []string   // what the names of its files begin with, as [plain] writes them
	official  official   // its published form, if that is not image files
	pickled   []string   // files of another published form, for Python, which is not read
	format    fileFormat // of image files
	downloads []download // its published files
}

// download is a published file.
type download struct {
	fetch.File
	training bool // not needed where only test images are
}

// official is a published form of a set other than image files.
type official interface {
	// files are the base names of the files needed.
	files(options Options) []string
	// read reads them.
	read(ctx context.Context, tree *filetree.Tree, options Options) (*Dataset, error)
}

// open implements [Set.Open].
func (p *published) open(ctx context.Context, options Options) (*Dataset, error) {
	dataset, err := p.read(ctx, options)
	if err != nil {
		return nil, err
	}
	dataset.Mean, dataset.Std = slices.Clone(p.mean), slices.Clone(p.std)
	return dataset, nil
}

// read reads the images from where they are, or are downloaded to.
func (p *published) read(ctx context.Context, options Options) (*Dataset, error) {
	path, err := p.obtain(ctx, options)
	if err != nil {
		return nil, err
	}
	tree, err := filetree.Open(ctx, path, options.MemoryLimit)
	if err != nil {
		return nil, withRemedy(err)
	}
	if p.official != nil && tree.HoldsAny(p.official.files(options)) {
		dataset, err := p.official.read(ctx, tree, options)
		return dataset, errors.Join(withRemedy(err), tree.Close())
	}
	if tree.HoldsAny(p.pickled) {
		return nil, errors.Join(fmt.Errorf("%s holds Python pickles, which are programs: get the binary version of %s (%s)",
			path, p.Title, p.Source), tree.Close())
	}
	format := p.format
	if !format.exact && options.Size > 0 {
		format.size = options.Size
	}
	return readTree(tree, format, options)
}

// where implements [Set.Locate].
func (p *published) where(options Options) (path string, present bool) {
	if path, err := p.locate(options); err == nil {
		return path, true
	}
	if cache, err := CacheFolder(); err == nil && len(p.downloads) > 0 && options.Data == "" {
		path = p.opened(p.place(cache))
	}
	return path, false
}
