package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/dismax-go/dismax/internal/text"
)

// connectTimeout is how long a server may take to accept a connection.
const connectTimeout = 10 * time.Second

// Transport carries the requests. A server that does not even take a connection is given up soon.
var Transport http.RoundTripper = func() *http.Transport {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = (&net.Dialer{Timeout: connectTimeout}).DialContext
	return transport
}()

// attempt appends to the partial file what it lacks, as far as the connection holds.
func (file File) attempt(ctx context.Context, part string, progress Progress) (err error) {
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
	stall := time.AfterFunc(Patience.Stall, cancel)
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
	case http.StatusRequestedRangeNotSatisfiable: // nothing is missing, or too much is there: the checksum says which
		return nil
	case http.StatusOK: // all of it, whether asked for or not
		done = 0
		if err := restart(output); err != nil {
			return err
		}
	default:
		return refusal(response)
	}
	return file.receive(output, response, done, func(done, total int64) {
		stall.Reset(Patience.Stall)
		progress(done, total)
	})
}

// receive appends the answer to the file, of which so many bytes are there.
func (file File) receive(output io.Writer, response *http.Response, done int64, progress Progress) error {
	total := int64(-1)
	if response.ContentLength >= 0 {
		total = done + response.ContentLength
	}
	if total > file.MaxBytes {
		return file.tooLong()
	}
	buffer := make([]byte, 1<<18)
	for {
		n, err := response.Body.Read(buffer)
		if done += int64(n); done > file.MaxBytes {
			return file.tooLong()
		}
		if n > 0 {
			if _, err := output.Write(buffer[:n]); err != nil {
				return finalError{err}
			}
			progress(done, total)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("the connection broke: %w", err)
		}
	}
}

// tooLong is the error of an answer that cannot be the file.
func (file File) tooLong() error {
	return finalError{fmt.Errorf("the server sends more than %s, which the file does not have",
		text.Bytes(file.MaxBytes))}
}

// request asks for the file from a byte on.
func (file File) request(ctx context.Context, from int64) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, file.URL, nil)
	if err != nil {
		return nil, finalError{err}
	}
	if from > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
	}
	request.Header.Set("Accept-Encoding", "identity") // the checksum is that of the file as it is
	client := &http.Client{Transport: Transport, CheckRedirect: file.checkRedirect}
	response, err := client.Do(request)
	if err == nil {
		return response, nil
	}
	if final, ok := errors.AsType[finalError](err); ok {
		return nil, final
	}
	return nil, unreachableError{fmt.Errorf("the server cannot be reached, is there a network? %w", err)}
}

// checkRedirect follows up to ten redirections, but none from HTTPS to HTTP, where anybody on the way could replace the
// file, unless a checksum that cannot be forged would show it.
func (file File) checkRedirect(request *http.Request, via []*http.Request) error {
	const most = 10
	switch {
	case len(via) >= most:
		return finalError{fmt.Errorf("the server redirects more than %d times", most)}
	case via[0].URL.Scheme == "https" && request.URL.Scheme != "https" && !file.Checksum.Unforgeable():
		return finalError{fmt.Errorf("the server redirects from HTTPS to %s", request.URL.Redacted())}
	}
	return nil
}

// restart empties the file.
func restart(output *os.File) error {
	if err := output.Truncate(0); err != nil {
		return err
	}
	_, err := output.Seek(0, io.SeekStart)
	return err
}

// refusal is the error of an answer without the file. Servers in trouble are asked again.
func refusal(response *http.Response) error {
	err := fmt.Errorf("the server answers %q", response.Status)
	if response.StatusCode < 500 && response.StatusCode != http.StatusTooManyRequests {
		return finalError{err}
	}
	return err
}

// rangeStart reads the first byte's place from a Content-Range such as "bytes 100-199/200", or returns -1.
func rangeStart(header string) int64 {
	start, _, _ := strings.Cut(strings.TrimPrefix(header, "bytes "), "-")
	place, err := strconv.ParseInt(start, 10, 64)
	if err != nil {
		return -1
	}
	return place
}
