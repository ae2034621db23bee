package filetree

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

	"github.com/dismax-go/dismax/datasets/internal/bounded"
)

// File is one file of a tree.
type File struct {
	Name string // slash-separated, below the root of the tree
	Size int64  // in bytes, as declared
	Open func() (io.ReadCloser, error)
}

// Tree is the content of a folder or an archive.
type Tree struct {
	Path    string
	Files   []File   // by name, without hidden ones
	Folders []string // slash-separated, below the root

	close func() error
}

// singles are the endings of files that are a tree of themselves.
var singles = []string{".jpg", ".jpeg", ".png", ".mat", ".bin"}

// Open lists the files of a folder, a zip or a tar. A single file of images is a tree of itself. A compressed tar is
// unpacked into memory, of which it takes what [bounded.UnpackedLimit] allows. The tree must be closed.
func Open(ctx context.Context, path string, memoryLimit int64) (*Tree, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("cannot open the images: %w", err)
	}
	tree := &Tree{Path: path, close: func() error { return nil }}
	switch {
	case info.IsDir():
		err = tree.listFolder(ctx, "", 0)
	case hasSuffix(path, ".zip"):
		err = tree.listZip(ctx)
	case hasSuffix(path, ".tar"):
		err = tree.listTar(ctx)
	case hasSuffix(path, ".tar.gz") || hasSuffix(path, ".tgz"):
		err = tree.listCompressedTar(ctx, bounded.UnpackedLimit(info.Size(), memoryLimit))
	case slices.Contains(singles, strings.ToLower(filepath.Ext(path))):
		open := func() (io.ReadCloser, error) { return os.Open(path) }
		tree.Files = []File{{filepath.Base(path), info.Size(), open}}
	default:
		err = fmt.Errorf("%s is neither a folder, a zip, a tar nor an image", path)
	}
	if err != nil {
		return nil, errors.Join(err, tree.Close())
	}
	tree.sort()
	return tree, nil
}

// New returns a tree of these files, which are read through their Open.
func New(path string, files []File, folders []string) *Tree {
	tree := &Tree{Path: path, close: func() error { return nil }}
	for _, file := range files {
		tree.addEntry(file.Name, false, file.Size, file.Open)
	}
	for _, folder := range folders {
		tree.addEntry(folder, true, 0, nil)
	}
	tree.sort()
	return tree
}

// sort brings the files into the order of their names. Of several with one name the last stays, as when an archive is
// unpacked.
func (tree *Tree) sort() {
	slices.SortStableFunc(tree.Files, func(a, b File) int { return cmp.Compare(a.Name, b.Name) })
	kept := tree.Files[:0]
	for i, file := range tree.Files {
		if i+1 == len(tree.Files) || tree.Files[i+1].Name != file.Name {
			kept = append(kept, file)
		}
	}
	clear(tree.Files[len(kept):])
	tree.Files = kept
}

// Close closes the archive. The files cannot be read afterwards.
func (tree *Tree) Close() error { return tree.close() }

// Base returns the name of the folder or file, whatever way its path is written.
func (tree *Tree) Base() string {
	if whole, err := filepath.Abs(tree.Path); err == nil {
		return filepath.Base(whole)
	}
	return filepath.Base(tree.Path)
}

// File returns the file of this base name, in whatever folder.
func (tree *Tree) File(base string) (File, error) {
	for _, file := range tree.Files {
		if path.Base(file.Name) == base {
			return file, nil
		}
	}
	return File{}, fmt.Errorf("%s holds no %s: is it complete?", tree.Path, base)
}

// HoldsAny reports whether there is a file of one of these base names.
func (tree *Tree) HoldsAny(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		_, err := tree.File(name)
		return err == nil
	})
}

// Read returns the bytes of a file, at most limit. The error names the file.
func (tree *Tree) Read(ctx context.Context, file File, limit int64) ([]byte, error) {
	reader, err := file.Open()
	if err != nil {
		return nil, tree.Explain(file, err)
	}
	data, err := bounded.Read(bounded.WithContext(ctx, reader), file.Size, limit)
	if err := errors.Join(err, reader.Close()); err != nil {
		return nil, tree.Explain(file, err)
	}
	return data, nil
}

// Explain says which file an error of reading is about, and what to do.
func (tree *Tree) Explain(file File, err error) error {
	name := fmt.Sprintf("%s: %s", tree.Path, file.Name)
	_, tooLarge := errors.AsType[*bounded.TooLarge](err)
	switch {
	case errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || tooLarge:
		return fmt.Errorf("%s: %w", name, err)
	}
	return fmt.Errorf("%s: %w: copy or download it again", name, err)
}
