package grid

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/dismax-go/dismax/internal/lockfile"
	"github.com/gofrs/flock"
)

// lockFile is what a run's folder is locked by, from its start to its record.
const lockFile = ".run.lock"

// A look at whether a run is under way takes its lock for a moment; taking the run tries again for longer than that.
const (
	lockPatience = time.Second
	lockRetry    = 50 * time.Millisecond
)

// take locks the folder of a run, which it makes if need be; nil if another process has it. With wait it waits for
// that process to end.
func take(ctx context.Context, folder string, wait bool) (*flock.Flock, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, fmt.Errorf("making the run's folder: %w", err)
	}
	patience := ctx
	if !wait {
		var cancel context.CancelFunc
		patience, cancel = context.WithTimeout(ctx, lockPatience)
		defer cancel()
	}
	path := filepath.Join(folder, lockFile)
	if err := lockfile.Make(path); err != nil {
		return nil, err
	}
	lock := flock.New(path)
	_, err := lock.TryLockContext(patience, lockRetry)
	switch {
	case err == nil:
		return lock, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		return nil, nil
	}
	return nil, fmt.Errorf("locking %s: %w (a shared file system must support flock)", folder, err)
}

// taken reports whether a process has the run.
func taken(folder string) (bool, error) {
	path := filepath.Join(folder, lockFile)
	if _, err := os.Stat(path); err != nil {
		return false, nil
	}
	lock := flock.New(path)
	free, err := lock.TryRLock()
	if err != nil {
		return false, fmt.Errorf("whether a process has the run is not known: %w (make its lock a file that you may read)", err)
	}
	return !free, lock.Close()
}
