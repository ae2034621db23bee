package experiment

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/dismax-go/dismax/internal/lockfile"
	"github.com/gofrs/flock"
)

// lockFile is what a results' folder is locked by while a run, or an evaluation of outputs, writes into it. It is another
// than the lock of a grid, which has its run while it calls [Run].
const lockFile = ".lock"

// lockFolder makes the results' folder and keeps others from writing into it until the lock is closed.
func (e *run) lockFolder() (*flock.Flock, error) {
	folder := e.options.Folder
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, fmt.Errorf("making the results folder: %w", err)
	}
	path := filepath.Join(folder, lockFile)
	if err := lockfile.Make(path); err != nil {
		return nil, err
	}
	lock := flock.New(path)
	locked, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking the results folder %s: %w (a shared file system must support flock)", folder, err)
	}
	if !locked {
		return nil, fmt.Errorf("another run is at work in %s: wait for it, or choose another folder", folder)
	}
	if e.folder, err = os.Stat(folder); err != nil {
		return nil, errors.Join(fmt.Errorf("making the results folder: %w", err), lock.Close())
	}
	return lock, nil
}
