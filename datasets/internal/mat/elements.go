package mat

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/dismax-go/dismax/datasets/internal/bounded"
)

// Element types of MAT files.
const (
	typeInt8       = 1
	typeUint8      = 2
	typeInt16      = 3
	typeUint16     = 4
	typeInt32      = 5
	typeUint32     = 6
	typeFloat32    = 7
	typeFloat64    = 9
	typeMatrix     = 14
	typeCompressed = 15
)

const (
	headerBytes   = 128
	maxDimensions = 8
	maxNameBytes  = 256
	maxNumbers    = 1 << 40 // of an array as it is declared, so that their bytes can be counted
)

// fileReader reads elements one after the other and counts its place for error messages.
type fileReader struct {
	reader io.Reader
	order  binary.ByteOrder
	offset int64
	budget *budget
}

// budget is the memory that the arrays of a file may take.
type budget struct{ left, limit int64 }

// spend takes bytes from the budget, or refuses if there are too few.
func (b *budget) spend(bytes int64) error {
	if bytes > b.left {
		return &bounded.TooLarge{What: "the content", Bytes: b.limit - b.left + bytes, Limit: b.limit}
	}
	b.left -= bytes
	return nil
}

// element reads the tag and the data of an element of at most limit bytes, and skips the padding to 8 bytes.
func (file *fileReader) element(limit int64) (kind uint32, data []byte, err error) {
	start := file.offset
	tag, err := file.bytes(8)
	if err != nil {
		return 0, nil, fmt.Errorf("at byte %d: an array is cut short: %w", start, unexpected(err))
	}
	kind = file.order.Uint32(tag)
	size := int64(file.order.Uint32(tag[4:]))
	if small := kind >> 16; small != 0 { // up to four bytes stand in the tag itself
		if small > 4 {
			return 0, nil, fmt.Errorf("at byte %d: a short element of %d bytes, where at most 4 fit", start, small)
		}
		return kind & 0xffff, tag[4 : 4+small], nil
	}
	if size > limit {
		return 0, nil, fmt.Errorf("at byte %d: an element of %d bytes, where at most %d are expected",
			start, size, limit)
	}
	if err := file.budget.spend(size); err != nil {
		return 0, nil, fmt.Errorf("at byte %d: %w", start, err)
	}
	if data, err = file.bytes(size); err == nil {
		_, err = file.bytes(-size & 7)
	}
	if err != nil {
		return 0, nil, fmt.Errorf("at byte %d: an element of %d bytes is cut short: %w", start, size, unexpected(err))
	}
	return kind, data, nil
}

// tag reads the type and size of an element of the file. The end of the file is io.EOF.
func (file *fileReader) tag() (kind uint32, size int64, err error) {
	start := file.offset
	tag, err := file.bytes(8)
	if err == io.EOF {
		return 0, 0, io.EOF
	}
	if err != nil {
		return 0, 0, fmt.Errorf("at byte %d: the file is cut short: %w", start, err)
	}
	kind, size = file.order.Uint32(tag), int64(file.order.Uint32(tag[4:]))
	if kind>>16 != 0 { // the element stands in the tag itself
		kind, size = kind&0xffff, 0
	}
	return kind, size, nil
}

// bytes reads count bytes.
func (file *fileReader) bytes(count int64) ([]byte, error) {
	data, err := bounded.UpTo(file, count)
	if err == io.EOF && len(data) > 0 {
		err = io.ErrUnexpectedEOF
	}
	return data, err
}

// Read implements [io.Reader] and counts.
func (file *fileReader) Read(p []byte) (int, error) {
	n, err := file.reader.Read(p)
	file.offset += int64(n)
	return n, err
}

// unexpected turns the end of the input where there must be more into an error that says so.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
