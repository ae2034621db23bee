package datasets

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// imageFile is one image file of a collection.
type imageFile struct {
	name string // slash-separated, below the root of the collection
	size int64  // in bytes, as declared
	open func() (io.ReadCloser, error)
}

// collection is a folder or an archive of image files, before it is known what they mean.
type collection struct {
	path    string
	files   []imageFile // by name
	folders []string    // slash-separated, below the root
	ignored int         // files that are no images and that image folders often hold
	close   func() error
}

// openCollection lists the files of a folder, a zip or a tar. A single image is a collection of itself.
func openCollection(ctx context.Context, path string) (*collection, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("cannot open the images: %w", err)
	}
	found := &collection{path: path, close: func() error { return nil }}
	switch {
	case info.IsDir():
		err = found.listFolder("", 0)
	case hasSuffix(path, ".zip"):
		err = found.listZip()
	case hasSuffix(path, ".tar"):
		err = found.listTar()
	case hasSuffix(path, ".tar.gz") || hasSuffix(path, ".tgz"):
		err = found.listCompressedTar()
	case slices.Contains([]string{".jpg", ".jpeg", ".png", ".mat", ".bin"}, strings.ToLower(filepath.Ext(path))):
		open := func() (io.ReadCloser, error) { return os.Open(path) }
		found.files = []imageFile{{filepath.Base(path), info.Size(), open}}
	default:
		err = fmt.Errorf("%s is neither a folder, a zip, a tar nor an image", path)
	}
	if err != nil {
		return nil, errors.Join(err, found.close())
	}
	slices.SortFunc(found.files, func(a, b imageFile) int { return cmp.Compare(a.name, b.name) })
	return found, nil
}

// base is the name of the folder or file, whatever way its path is written.
func (found *collection) base() string {
	if whole, err := filepath.Abs(found.path); err == nil {
		return filepath.Base(whole)
	}
	return filepath.Base(found.path)
}

// file returns the file of this base name, in whatever folder.
func (found *collection) file(base string) (imageFile, error) {
	for _, file := range found.files {
		if path.Base(file.name) == base {
			return file, nil
		}
	}
	return imageFile{}, fmt.Errorf("%s holds no %s: is it complete?", found.path, base)
}

// holdsAny says whether there is a file of one of these base names.
func (found *collection) holdsAny(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		_, err := found.file(name)
		return err == nil
	})
}

// keepImages leaves the files aside whose names say that they are no images. Without any image it fails.
func (found *collection) keepImages() error {
	all := len(found.files)
	found.files = slices.DeleteFunc(found.files, func(file imageFile) bool {
		return notImages[strings.ToLower(path.Ext(file.name))]
	})
	found.ignored = all - len(found.files)
	if len(found.files) == 0 {
		return fmt.Errorf("%s holds no images: expected JPEG or PNG files, "+
			"in folders such as train/<class>/ and test/<class>/, in <class>/, or in none", found.path)
	}
	return nil
}

// maxDepth bounds the nesting of folders, which symbolic links can make endless.
const maxDepth = 8

// listFolder adds the files below a folder of the collection, following symbolic links.
func (found *collection) listFolder(folder string, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("%s: folders are nested more than %d deep: is there a link to a folder above?",
			filepath.Join(found.path, folder), maxDepth)
	}
	entries, err := os.ReadDir(filepath.Join(found.path, filepath.FromSlash(folder)))
	if err != nil {
		return fmt.Errorf("cannot list the images: %w", err)
	}
	for _, entry := range entries {
		name := path.Join(folder, entry.Name())
		file := filepath.Join(found.path, filepath.FromSlash(name))
		if isHidden(name) {
			continue
		}
		info, err := os.Stat(file)
		if err != nil {
			return fmt.Errorf("cannot open the images: %w", err)
		}
		switch {
		case info.IsDir():
			found.folders = append(found.folders, name)
			if err := found.listFolder(name, depth+1); err != nil {
				return err
			}
		case info.Mode().IsRegular():
			found.files = append(found.files, imageFile{name, info.Size(),
				func() (io.ReadCloser, error) { return os.Open(file) }})
		}
	}
	return nil
}

// notImages are the endings of files that lie beside images in good order. Whatever has another ending must be an
// image.
var notImages = map[string]bool{".txt": true, ".md": true, ".csv": true, ".tsv": true, ".json": true, ".xml": true,
	".yaml": true, ".yml": true, ".html": true, ".mat": true, ".ini": true, ".db": true}

// isHidden says whether a path belongs to the file manager and not to the user.
func isHidden(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(part, ".") && part != "." || part == "__MACOSX" {
			return true
		}
	}
	return false
}

// hasSuffix compares the ending of a file name without regard to case.
func hasSuffix(name, suffix string) bool { return strings.HasSuffix(strings.ToLower(name), suffix) }

// read returns the bytes of a file, at most limit. The error names the file.
func (found *collection) read(file imageFile, limit int64) ([]byte, error) {
	reader, err := file.open()
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w", found.path, file.name, err)
	}
	data, err := readBounded(reader, file.size, limit)
	if err := errors.Join(err, reader.Close()); err != nil {
		return nil, fmt.Errorf("%s: %s: %w: copy or download it again", found.path, file.name, err)
	}
	return data, nil
}
