package datasets

import (
	"context"
	"fmt"

	"github.com/dismax-go/dismax/datasets/internal/filetree"
)

// NameOf returns the name of the set that [Open] opens by a name or path.
func NameOf(name string) string {
	if set, err := ByName(name); err == nil {
		return set.Name
	}
	return filetree.TrimArchive((&filetree.Tree{Path: name}).Base())
}

// OpenImages opens any folder, zip or tar of JPEG, PNG and WebP images, or a single image. Folders train, val and test split
// the images, folders in them are classes; images without either are test images. Images of another size are resized
// to [Options.Size], which [Dataset.Notes] says. The set is named after the file. Mean and Std are measured; or
// ImageNet's if the set is too large for the memory, 4 GiB of pixels, and read when it is needed.
func OpenImages(ctx context.Context, path string, options Options) (*Dataset, error) {
	if err := options.check(); err != nil {
		return nil, fmt.Errorf("images of %s: %w", path, err)
	}
	set, err := openFiles(ctx, path, fileFormat{size: options.size()}, options)
	if err != nil {
		return nil, err
	}
	set.Name = filetree.TrimArchive(set.Origin)
	set.Title = set.Name
	if err := set.complete(ctx, options); err != nil {
		return nil, err
	}
	return set, nil
}
