package datasets

import (
	"archive/zip"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
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

// openCollection lists the image files of a folder or a zip.
func openCollection(path string) (*collection, error) {
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
	default:
		err = fmt.Errorf("%s is neither a folder nor a zip of images", path)
	}
	if err != nil {
		return nil, err
	}
	if len(found.files) == 0 {
		return nil, errors.Join(fmt.Errorf("%s holds no images: expected JPEG or PNG files, "+
			"in folders such as train/<class>/ and test/<class>/, in <class>/, or in none", path), found.close())
	}
	slices.SortFunc(found.files, func(a, b imageFile) int { return cmp.Compare(a.name, b.name) })
	return found, nil
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
			found.add(imageFile{name, info.Size(), func() (io.ReadCloser, error) { return os.Open(file) }})
		}
	}
	return nil
}

// listZip adds the files of a zip.
func (found *collection) listZip() error {
	archive, err := zip.OpenReader(found.path)
	if errors.Is(err, zip.ErrFormat) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%s is not a complete zip (%w): it may be cut short; copy or download it again",
			found.path, err)
	}
	if err != nil {
		return fmt.Errorf("cannot open the images: %w", err)
	}
	found.close = archive.Close
	for _, file := range archive.File {
		name := path.Clean(strings.ReplaceAll(file.Name, `\`, "/"))
		switch {
		case !fs.ValidPath(name) || isHidden(name):
		case file.FileInfo().IsDir():
			found.folders = append(found.folders, name)
		default:
			found.add(imageFile{name, int64(min(file.UncompressedSize64, 1<<62)), file.Open})
		}
	}
	return nil
}

// add keeps a file, unless its name says that it is no image.
func (found *collection) add(file imageFile) {
	if notImages[strings.ToLower(path.Ext(file.name))] {
		found.ignored++
		return
	}
	found.files = append(found.files, file)
}

// notImages are the endings of files that lie beside images in good order. Whatever has another ending must be an image.
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

// readImage reads and decodes one file. The error names it.
func (found *collection) readImage(file imageFile, to []uint8, height, width int, exact bool) (bool, error) {
	reader, err := file.open()
	if err != nil {
		return false, fmt.Errorf("%s: %s: %w", found.path, file.name, err)
	}
	data, err := readBounded(reader, file.size, maxFileBytes)
	if err := errors.Join(err, reader.Close()); err != nil {
		return false, fmt.Errorf("%s: %s: %w: copy or download it again", found.path, file.name, err)
	}
	resized, err := decode(data, to, height, width, exact)
	if err != nil {
		return false, fmt.Errorf("%s: %s: %w", found.path, file.name, err)
	}
	return resized, nil
}
