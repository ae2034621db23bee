package filetree

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// maxDepth bounds the nesting of folders, which symbolic links can make endless.
const maxDepth = 8

// openUnchanged opens a file that is what it was when it was listed.
func openUnchanged(path string, listed fs.FileInfo) (io.ReadCloser, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && (info.Size() != listed.Size() || !info.ModTime().Equal(listed.ModTime())) {
		err = fmt.Errorf("the file changed while the images were read")
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// listFolder adds the files below a folder of the tree, following symbolic links.
func (tree *Tree) listFolder(ctx context.Context, folder string, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("%s: folders are nested more than %d deep: is there a link to a folder above?",
			filepath.Join(tree.Path, folder), maxDepth)
	}
	entries, err := os.ReadDir(filepath.Join(tree.Path, filepath.FromSlash(folder)))
	if err != nil {
		return fmt.Errorf("cannot list the images: %w", err)
	}
	for _, entry := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		name := path.Join(folder, entry.Name())
		file := filepath.Join(tree.Path, filepath.FromSlash(name))
		if isHidden(name) {
			continue
		}
		info, err := os.Stat(file)
		if err != nil {
			return fmt.Errorf("cannot open the images: %w", err)
		}
		switch {
		case info.IsDir():
			tree.Folders = append(tree.Folders, name)
			if err := tree.listFolder(ctx, name, depth+1); err != nil {
				return err
			}
		case info.Mode().IsRegular():
			tree.Files = append(tree.Files, File{name, info.Size(),
				func() (io.ReadCloser, error) { return openUnchanged(file, info) }})
		}
	}
	return nil
}
