package fetch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// ErrUnavailable is wrapped by the error of a file that cannot be downloaded, unless the caller stopped the download.
var ErrUnavailable = errors.New("cannot download")

// File is a published file.
type File struct {
	URL      string
	Checksum Checksum
	MaxBytes int64 // at least the size of the file: the download of more ends at once
}

// Name returns the base name of the file.
func (file File) Name() string { return path.Base(file.URL) }

// Instructions say how to do the download by hand.
func (file File) Instructions(folder string) string {
	return fmt.Sprintf("by hand: download %s (%s) to %s", file.URL, file.Checksum, filepath.Join(folder, file.Name()))
}

// Progress receives how many bytes of the file are here and how many it has, or -1 if the server does not say.
type Progress func(done, total int64)

// Patience of downloads.
var Patience = struct {
	Attempts int
	Pause    time.Duration // between attempts
	Stall    time.Duration // without a byte
}{Attempts: 5, Pause: 2 * time.Second, Stall: time.Minute}

// finalError marks an error after which another attempt gives the same, and unreachableError one of a server that did
// not answer at all, which is not waited for unless it answered before.
type (
	finalError       struct{ error }
	unreachableError struct{ error }
)

func (e finalError) Unwrap() error       { return e.error }
func (e unreachableError) Unwrap() error { return e.error }

// Fetch downloads the file into a folder, unless it is there. It continues what an earlier download left, and gives the
// file its name only when all of it is there and has the right checksum. A lock lets one process download and others
// wait for it. The progress may be nil.
func (file File) Fetch(ctx context.Context, folder string, progress Progress) error {
	target := filepath.Join(folder, file.Name())
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("cannot keep downloads: %w", err)
	}
	lock := flock.New(filepath.Join(folder, "."+file.Name()+".lock"))
	if _, err := lock.TryLockContext(ctx, Patience.Pause/10); err != nil {
		return fmt.Errorf("waiting for the lock on downloads %s: %w", lock.Path(), err)
	}
	defer lock.Unlock()
	if _, err := os.Stat(target); err == nil {
		return nil // another process was faster
	}
	if progress == nil {
		progress = func(done, total int64) {}
	}
	err := file.complete(ctx, target+".part", progress)
	if err == nil {
		err = os.Rename(target+".part", target)
	}
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("the download of %s was stopped, and goes on from there the next time: %w",
			file.Name(), ctx.Err())
	}
	return fmt.Errorf("%w %s: %w", ErrUnavailable, file.Name(), err)
}

// complete downloads what a partial file lacks and checks it. It tries again when the connection breaks.
func (file File) complete(ctx context.Context, part string, progress Progress) error {
	var err error
	restarted := false
	for attempt := range Patience.Attempts {
		if attempt > 0 {
			sleep(ctx, Patience.Pause)
		}
		if err = file.attempt(ctx, part, progress); err == nil {
			if err = file.Checksum.Check(ctx, part); err == nil {
				return nil
			}
			if ctx.Err() != nil {
				return err
			}
			if removal := os.Remove(part); removal != nil || restarted {
				return errors.Join(err, removal)
			}
			restarted = true // what was continued may have been the start of something else: begin again, once
		}
		_, final := errors.AsType[finalError](err)
		_, unreachable := errors.AsType[unreachableError](err)
		if final || unreachable && attempt == 0 || ctx.Err() != nil {
			return err
		}
	}
	return err
}

// sleep waits, unless the context ends.
func sleep(ctx context.Context, pause time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(pause):
	}
}
