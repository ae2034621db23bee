// Package atomicfile writes files that appear under their name only when they are complete: a reader never finds a half
// of one, and a failure leaves what was there before. [Write] is all of it.
package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Write makes the file at path of what the function writes, in place of a former one. Everybody may read it. It is
// written beside path under another name, so path's folder must exist.
func Write(path string, write func(w io.Writer) error) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		var failed *fs.PathError // of the temporary file, whose name says nothing to the user
		if errors.As(err, &failed) {
			err = failed.Err
		}
		return fmt.Errorf("writing %s: no file can be made in its folder: %w", path, err)
	}
	defer os.Remove(temporary.Name())
	err = write(temporary)
	if closeErr := temporary.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Chmod(temporary.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(temporary.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}
