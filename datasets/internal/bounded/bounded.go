// Package bounded reads input whose size cannot be trusted: no more memory is taken than is allowed and there, and the
// end of a context ends the reading.
package bounded

import (
	"context"
	"fmt"
	"io"

	"github.com/dismax-go/dismax/internal/text"
)

// Limits on memory where the user sets none.
const (
	imageLimit    = 256 << 20 // of one image as it is decoded: 35 megapixels of a progressive JPEG, 60 of a PNG
	unpackedLeast = 64 << 20  // of what is unpacked from any file
	unpackedMost  = 2 << 30
	unpackedRatio = 8 // images hardly shrink when they are packed, so this is far more than they become
)

// ImageLimit returns the memory in bytes that one image may take as it is decoded: the user's limit, or if that is 0
// the standard one.
func ImageLimit(limit int64) int64 {
	if limit > 0 {
		return limit
	}
	return imageLimit
}

// UnpackedLimit returns the memory in bytes that the content of a packed file of this size may take: the user's limit,
// or if that is 0 a multiple of its size.
func UnpackedLimit(packed, limit int64) int64 {
	if limit > 0 {
		return limit
	}
	return min(unpackedMost, max(unpackedLeast, unpackedRatio*min(packed, unpackedMost)))
}

// TooLarge is the error of what would take more memory than is allowed.
type TooLarge struct {
	What  string // "the image of 60000x60000 pixels"
	Bytes int64  // that it takes, or at least
	Limit int64
}

func (e *TooLarge) Error() string {
	return fmt.Sprintf("%s takes %s of memory, and the limit is %s", e.What, text.Bytes(e.Bytes), text.Bytes(e.Limit))
}

// Read reads a file of the declared size, which is at most limit. A file that holds more is an error, one that holds
// less is read as it is.
func Read(reader io.Reader, declared, limit int64) ([]byte, error) {
	if declared > limit {
		return nil, &TooLarge{"the file", declared, limit}
	}
	data, err := UpTo(reader, declared)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, err
	}
	if extra, err := io.CopyN(io.Discard, reader, 1); extra > 0 {
		return nil, fmt.Errorf("the file has more than the %d bytes that it declares", declared)
	} else if err != io.EOF {
		return nil, err
	}
	return data, nil
}

// UpTo reads count bytes, or fewer and an error. It allocates as it reads and never more than count, so that a false
// declaration costs nothing.
func UpTo(reader io.Reader, count int64) ([]byte, error) {
	data := make([]byte, 0, min(count, 1<<16))
	for {
		read, err := io.ReadFull(reader, data[len(data):cap(data)])
		data = data[:len(data)+read]
		if err != nil || int64(len(data)) == count {
			return data, err
		}
		grown := make([]byte, len(data), min(count, 2*int64(cap(data))))
		copy(grown, data)
		data = grown
	}
}

// WithContext returns a reader that fails with the context's error when it ends.
func WithContext(ctx context.Context, reader io.Reader) io.Reader { return &contextReader{ctx, reader} }

type contextReader struct {
	ctx    context.Context
	reader io.Reader
}

// Read implements [io.Reader].
func (r *contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.reader.Read(p)
}
