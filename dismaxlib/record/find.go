package record

import (
	"fmt"
	"io/fs"
	"path/filepath"
)

// Find returns the paths of all records in a folder and the folders below it, in lexical order. None is no error.
func Find(folder string) ([]string, error) {
	var paths []string
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && entry.Name() == FileName {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("looking for results records: %w", err)
	}
	return paths, nil
}
