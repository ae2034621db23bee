package datasets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// Progress tells how far a download is.
type Progress struct {
	File  string // base name
	Done  int64  // bytes that are there
	Total int64  // bytes of the whole file, or -1 if the server does not tell
}

// remoteFile is a published file and its checksum.
type remoteFile struct {
	url      string
	checksum checksum
	training bool // not needed where only test images are
}

// Patience of downloads; the tests have less.
var (
	downloadAttempts = 5
	downloadPause    = 2 * time.Second
	downloadStall    = time.Minute // without a byte
	downloadConnect  = 10 * time.Second
)

// downloadClient sends the requests. A server that does not even take a connection is given up soon.
var downloadClient = &http.Client{Transport: func() http.RoundTripper {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = (&net.Dialer{Timeout: downloadConnect}).DialContext
	return transport
}()}

// finalError marks an error after which trying again gives the same, and unreachableError one of a server that did not
// answer at all, which is not waited for unless it answered before.
type (
	finalError       struct{ error }
	unreachableError struct{ error }
)

func (e finalError) Unwrap() error       { return e.error }
func (e unreachableError) Unwrap() error { return e.error }

// name is the base name of the file.
func (file remoteFile) name() string { return path.Base(file.url) }

// fileNames are the base names of files.
func fileNames(files []remoteFile) []string {
	names := make([]string, len(files))
	for i, file := range files {
		names[i] = file.name()
	}
	return names
}

// instructions say how to do the download by hand.
func (file remoteFile) instructions(folder string) string {
	return fmt.Sprintf("by hand: download %s (%s) to %s", file.url, file.checksum, filepath.Join(folder, file.name()))
}

// fetch downloads the file into a folder, unless it is there. It continues what an earlier download left, and gives the
// file its name only when all of it is there and has the right checksum. A lock lets one process download and others
// wait for it.
func (file remoteFile) fetch(ctx context.Context, folder string, progress func(Progress)) error {
	target := filepath.Join(folder, file.name())
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("cannot keep downloads: %w", err)
	}
	lock := flock.New(filepath.Join(folder, "."+file.name()+".lock"))
	if _, err := lock.TryLockContext(ctx, downloadPause/10); err != nil {
		return fmt.Errorf("waiting for the lock on downloads %s: %w", lock.Path(), err)
	}
	defer lock.Unlock()
	if _, err := os.Stat(target); err == nil {
		return nil // another process was faster
	}
	if progress == nil {
		progress = func(Progress) {}
	}
	err := file.fetchPart(ctx, target+".part", progress)
	if err == nil {
		err = os.Rename(target+".part", target)
	}
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("the download of %s was stopped, and goes on from there the next time: %w",
			file.name(), ctx.Err())
	}
	return fmt.Errorf("%w: cannot download %s: %w", ErrNotFound, file.name(), err)
}

// fetchPart completes a partial file and checks it. It tries again when the connection breaks.
func (file remoteFile) fetchPart(ctx context.Context, part string, progress func(Progress)) error {
	var err error
	restarted := false
	for attempt := range downloadAttempts {
		if attempt > 0 {
			sleep(ctx, downloadPause)
		}
		if err = file.attempt(ctx, part, progress); err == nil {
			if err = file.checksum.check(part); err == nil {
				return nil
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

// attempt appends to the partial file what it lacks, as far as the connection holds.
func (file remoteFile) attempt(ctx context.Context, part string, progress func(Progress)) (err error) {
	output, err := os.OpenFile(part, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return finalError{err}
	}
	defer func() { err = errors.Join(err, output.Close()) }()
	done, err := output.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stall := time.AfterFunc(downloadStall, cancel)
	defer stall.Stop()

	response, err := file.request(ctx, done)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusPartialContent:
		if start := rangeStart(response.Header.Get("Content-Range")); start != done {
			return fmt.Errorf("the server answers from byte %d instead of %d", start, done)
		}
	case http.StatusRequestedRangeNotSatisfiable: // nothing is missing, or too much is there: the checksum tells
		return nil
	case http.StatusOK: // all of it, whether asked for or not
		if done, err = 0, output.Truncate(0); err == nil {
			_, err = output.Seek(0, io.SeekStart)
		}
		if err != nil {
			return err
		}
	default:
		err := fmt.Errorf("the server answers %q", response.Status)
		if response.StatusCode < 500 && response.StatusCode != http.StatusTooManyRequests {
			err = finalError{err}
		}
		return err
	}
	total := int64(-1)
	if response.ContentLength >= 0 {
		total = done + response.ContentLength
	}
	return copyBody(output, response.Body, func(written int64) {
		stall.Reset(downloadStall)
		progress(Progress{File: file.name(), Done: done + written, Total: total})
	})
}

// request asks for the file from a byte on.
func (file remoteFile) request(ctx context.Context, from int64) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, file.url, nil)
	if err != nil {
		return nil, finalError{err}
	}
	if from > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
	}
	request.Header.Set("Accept-Encoding", "identity") // the checksum is that of the file as it is
	response, err := downloadClient.Do(request)
	if err != nil {
		return nil, unreachableError{fmt.Errorf("the server cannot be reached, is there a network? %w", err)}
	}
	return response, nil
}

// copyBody copies and reports the bytes written so far.
func copyBody(to io.Writer, from io.Reader, report func(written int64)) error {
	buffer := make([]byte, 1<<18)
	var written int64
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				return finalError{err}
			}
			written += int64(n)
			report(written)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("the connection broke: %w", err)
		}
	}
}

// rangeStart reads the first byte's place from a Content-Range such as "bytes 100-199/200", or returns -1.
func rangeStart(header string) int64 {
	text, _, _ := strings.Cut(strings.TrimPrefix(header, "bytes "), "-")
	start, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return -1
	}
	return start
}
