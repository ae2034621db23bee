package datasets

import (
	"context"
	"crypto/md5"
	"encoding/hex"
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
	md5      string // in hexadecimal digits
	training bool   // not needed where only test images are
}

// Patience of downloads; the tests have less.
var (
	downloadAttempts = 5
	downloadPause    = 2 * time.Second
	downloadStall    = time.Minute // without a byte
)

// errWorthless marks errors after which trying again gives the same.
var errWorthless = errors.New("giving up")

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
	return fmt.Sprintf("by hand: download %s (MD5 %s) to %s", file.url, file.md5, filepath.Join(folder, file.name()))
}

// fetch downloads the file into a folder, unless it is there. It continues what an earlier download left, and gives the
// file its name only when all of it is there and has the right checksum. A lock lets one process download and others
// wait for it.
func (file remoteFile) fetch(folder string, progress func(Progress)) error {
	target := filepath.Join(folder, file.name())
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("cannot keep downloads: %w", err)
	}
	lock := flock.New(filepath.Join(folder, "."+file.name()+".lock"))
	if err := lock.Lock(); err != nil {
		return fmt.Errorf("cannot keep downloads: %w", err)
	}
	defer lock.Unlock()
	if _, err := os.Stat(target); err == nil {
		return nil // another process was faster
	}
	if progress == nil {
		progress = func(Progress) {}
	}
	err := file.fetchPart(target+".part", progress)
	if err == nil {
		err = os.Rename(target+".part", target)
	}
	if err != nil {
		return fmt.Errorf("%w: cannot download %s: %w\n%s", ErrNotFound, file.name(), err, file.instructions(folder))
	}
	return nil
}

// fetchPart completes a partial file and checks it. It tries again when the connection breaks.
func (file remoteFile) fetchPart(part string, progress func(Progress)) error {
	var err error
	restarted := false
	for attempt := range downloadAttempts {
		if attempt > 0 {
			time.Sleep(downloadPause)
		}
		if err = file.attempt(part, progress); err == nil {
			if err = file.check(part); err == nil {
				return nil
			}
			if removal := os.Remove(part); removal != nil || restarted {
				return errors.Join(err, removal)
			}
			restarted = true // what was continued may have been the start of something else: begin again, once
		}
		if errors.Is(err, errWorthless) {
			return err
		}
	}
	return err
}

// attempt appends to the partial file what it lacks, as far as the connection holds.
func (file remoteFile) attempt(part string, progress func(Progress)) (err error) {
	output, err := os.OpenFile(part, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("%w: %w", errWorthless, err)
	}
	defer func() { err = errors.Join(err, output.Close()) }()
	done, err := output.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
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
			err = fmt.Errorf("%w: %w", errWorthless, err)
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
		return nil, fmt.Errorf("%w: %w", errWorthless, err)
	}
	if from > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
	}
	request.Header.Set("Accept-Encoding", "identity") // the checksum is that of the file as it is
	response, err := http.DefaultClient.Do(request)
	var unknownHost *net.DNSError
	if errors.As(err, &unknownHost) {
		err = fmt.Errorf("%w: there seems to be no network: %w", errWorthless, err)
	}
	return response, err
}

// copyBody copies and reports the bytes written so far.
func copyBody(to io.Writer, from io.Reader, report func(written int64)) error {
	buffer := make([]byte, 1<<18)
	var written int64
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				return fmt.Errorf("%w: %w", errWorthless, err)
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

// check compares the file's checksum.
func (file remoteFile) check(part string) error {
	input, err := os.Open(part)
	if err != nil {
		return err
	}
	defer input.Close()
	sum := md5.New()
	if _, err := io.Copy(sum, input); err != nil {
		return err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != file.md5 {
		return fmt.Errorf("the file has the MD5 checksum %s, and not %s: it was damaged or replaced", got, file.md5)
	}
	return nil
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
