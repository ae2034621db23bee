// Package atomicfile writes files that appear under their name only when they are complete and on the disk: a reader
// never finds a half of one, not even after a power cut, and a failure leaves what was there before. Start with
// [Write].
package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"syscall"
)

// syncToDisk is a variable for the tests, which cannot cut the power.
var syncToDisk = (*os.File).Sync

// Write makes the file at path of what the function writes, in place of a former one. Everybody may read it. It is
// written beside path under another name, so path's folder must exist.
func Write(path string, write func(w io.Writer) error) error {
	return WriteChecked(path, write, func(*os.File) error { return nil })
}

// WriteChecked is [Write] for a file that is read back before it takes the place of a former one: an error of check
// leaves what was there.
func WriteChecked(path string, write func(w io.Writer) error, check func(written *os.File) error) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		var failed *fs.PathError // of the temporary file, whose name says nothing to the user
		if errors.As(err, &failed) {
			err = failed.Err
		}
		return fmt.Errorf("writing %s: no file can be made in its folder: %w", path, err)
	}
	defer os.Remove(temporary.Name())
	err = fill(temporary, write, check)
	if closeErr := temporary.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Chmod(temporary.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(temporary.Name(), path)
	}
	if err == nil {
		err = syncFolder(filepath.Dir(path))
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

// fill writes the file, makes sure that it is on the disk, and reads it back.
func fill(file *os.File, write func(w io.Writer) error, check func(written *os.File) error) error {
	if err := write(file); err != nil {
		return err
	}
	if err := syncToDisk(file); err != nil {
		return err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return check(file)
}

// syncFolder puts the names in a folder on the disk, where the system can.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	err = syncToDisk(folder)
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) { // some network file systems
		return nil
	}
	return err
}

// temporaryName is what [os.CreateTemp] makes of Write's pattern.
var temporaryName = regexp.MustCompile(`^\.(.+)-\d+$`)

// Unfinished returns the name of the file that the named one was to become, if it has the name of a file that Write
// leaves behind when its process is killed, or else "".
func Unfinished(name string) string {
	if match := temporaryName.FindStringSubmatch(name); match != nil {
		return match[1]
	}
	return ""
}
