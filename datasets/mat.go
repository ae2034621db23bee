package datasets

import (
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// This file reads numeric arrays from MATLAB's MAT files of version 5, the form in which SVHN is published. MathWorks'
// "MAT-File Format" describes them.

// matArray is one array of a MAT file whose numbers are all integers from 0 to 255.
type matArray struct {
	name       string
	dimensions []int
	values     []uint8 // column-major: the first index runs fastest
}

// Element types of MAT files.
const (
	matInt8       = 1
	matUint8      = 2
	matInt16      = 3
	matUint16     = 4
	matInt32      = 5
	matUint32     = 6
	matFloat32    = 7
	matFloat64    = 9
	matMatrix     = 14
	matCompressed = 15
)

const (
	matHeaderBytes = 128
	maxDimensions  = 8
	maxNameBytes   = 256
)

// matReader reads elements one after the other and counts its place for error messages.
type matReader struct {
	reader io.Reader
	order  binary.ByteOrder
	offset int64
	limit  int64 // of the bytes of an array
}

// readMAT reads all arrays of a file, each of at most limit numbers. It allocates as it reads, never by what the file
// declares. Errors name the offset.
func readMAT(reader io.Reader, limit int64) ([]matArray, error) {
	file := &matReader{reader: reader, limit: limit}
	header, err := file.bytes(matHeaderBytes)
	if err != nil {
		return nil, fmt.Errorf("the file is no MAT file, or cut short: %w", err)
	}
	switch string(header[126:]) {
	case "IM":
		file.order = binary.LittleEndian
	case "MI":
		file.order = binary.BigEndian
	default:
		return nil, errors.New("at byte 126: the file is no MAT file of version 5")
	}
	if version := file.order.Uint16(header[124:]); version != 0x0100 {
		return nil, fmt.Errorf("at byte 124: version %#x of the MAT format, where 0x100 (version 5) is read: "+
			"save the file with MATLAB's option -v7", version)
	}
	var arrays []matArray
	for {
		kind, size, err := file.tag()
		if err == io.EOF {
			return arrays, nil
		}
		if err != nil {
			return nil, err
		}
		array, err := file.array(kind, size)
		if err != nil {
			return nil, err
		}
		if array != nil {
			arrays = append(arrays, *array)
		}
	}
}

// array reads one element of the file: an array, packed or not, or anything else, which it skips.
func (file *matReader) array(kind uint32, size int64) (*matArray, error) {
	start := file.offset
	content := &io.LimitedReader{R: file, N: size}
	switch kind {
	case matMatrix:
		inner := &matReader{reader: content, order: file.order, offset: start, limit: file.limit}
		array, err := inner.matrix()
		if err != nil {
			return nil, err
		}
		_, err = io.Copy(io.Discard, content)
		return array, err
	case matCompressed:
		unpacked, err := zlib.NewReader(content)
		if err != nil {
			return nil, fmt.Errorf("at byte %d: damaged packed data: %w", start, err)
		}
		inner := &matReader{reader: unpacked, order: file.order, limit: file.limit}
		kind, _, err := inner.tag()
		if err == nil && kind != matMatrix {
			err = fmt.Errorf("packed data of type %d, where an array is expected", kind)
		}
		var array *matArray
		if err == nil {
			array, err = inner.matrix()
		}
		if err != nil {
			return nil, fmt.Errorf("in the packed data at byte %d: %w", start, err)
		}
		if _, err := io.Copy(io.Discard, content); err != nil {
			return nil, err
		}
		return array, nil
	}
	content.N += -size & 7 // padding
	skipped, err := io.Copy(io.Discard, content)
	if err == nil && skipped < size {
		err = fmt.Errorf("at byte %d: the file is cut short", file.offset)
	}
	return nil, err
}

// matrix reads the inside of an array: flags, dimensions, name, numbers.
func (file *matReader) matrix() (*matArray, error) {
	if _, _, err := file.element(8); err != nil { // flags: the class of the array, which the numbers repeat
		return nil, err
	}
	kind, sizes, err := file.element(4 * maxDimensions)
	if err != nil {
		return nil, err
	}
	if kind != matInt32 || len(sizes)%4 != 0 {
		return nil, fmt.Errorf("at byte %d: the dimensions of an array are of type %d", file.offset, kind)
	}
	array := &matArray{}
	count := int64(1)
	for ; len(sizes) > 0; sizes = sizes[4:] {
		dimension := int64(int32(file.order.Uint32(sizes)))
		if dimension < 0 || dimension > 0 && count > file.limit/dimension {
			return nil, fmt.Errorf("at byte %d: an array of more than %d numbers, or fewer than none",
				file.offset, file.limit)
		}
		count *= dimension
		array.dimensions = append(array.dimensions, int(dimension))
	}
	_, name, err := file.element(maxNameBytes)
	if err != nil {
		return nil, err
	}
	array.name = string(name)
	kind, numbers, err := file.element(8 * count)
	if err != nil {
		return nil, err
	}
	if array.values, err = file.small(kind, numbers); err != nil {
		return nil, fmt.Errorf("array %q before byte %d: %w", array.name, file.offset, err)
	}
	if int64(len(array.values)) != count {
		return nil, fmt.Errorf("array %q before byte %d: %d numbers for the dimensions %v",
			array.name, file.offset, len(array.values), array.dimensions)
	}
	return array, nil
}

// small returns numbers of any type as bytes, in which they must fit.
func (file *matReader) small(kind uint32, data []byte) ([]uint8, error) {
	var size int
	var number func([]byte) float64
	switch kind {
	case matUint8:
		return data, nil
	case matInt8:
		size, number = 1, func(b []byte) float64 { return float64(int8(b[0])) }
	case matInt16:
		size, number = 2, func(b []byte) float64 { return float64(int16(file.order.Uint16(b))) }
	case matUint16:
		size, number = 2, func(b []byte) float64 { return float64(file.order.Uint16(b)) }
	case matInt32:
		size, number = 4, func(b []byte) float64 { return float64(int32(file.order.Uint32(b))) }
	case matUint32:
		size, number = 4, func(b []byte) float64 { return float64(file.order.Uint32(b)) }
	case matFloat32:
		size, number = 4, func(b []byte) float64 { return float64(math.Float32frombits(file.order.Uint32(b))) }
	case matFloat64:
		size, number = 8, func(b []byte) float64 { return math.Float64frombits(file.order.Uint64(b)) }
	default:
		return nil, fmt.Errorf("numbers of type %d are not read", kind)
	}
	if len(data)%size != 0 {
		return nil, fmt.Errorf("%d bytes are no whole number of numbers of %d bytes", len(data), size)
	}
	values := make([]uint8, len(data)/size)
	for i := range values {
		value := number(data[i*size:])
		if !(value >= 0 && value <= 255) || value != math.Trunc(value) {
			return nil, fmt.Errorf("number %d is %g, where integers from 0 to 255 are read", i, value)
		}
		values[i] = uint8(value)
	}
	return values, nil
}

// element reads the tag and the data of an element of at most limit bytes, and skips the padding to 8 bytes.
func (file *matReader) element(limit int64) (kind uint32, data []byte, err error) {
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
	if data, err = file.bytes(size); err == nil {
		_, err = file.bytes(-size & 7)
	}
	if err != nil {
		return 0, nil, fmt.Errorf("at byte %d: an element of %d bytes is cut short: %w", start, size, unexpected(err))
	}
	return kind, data, nil
}

// tag reads the type and size of an element of the file. The end of the file is io.EOF.
func (file *matReader) tag() (kind uint32, size int64, err error) {
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
func (file *matReader) bytes(count int64) ([]byte, error) {
	data, err := readUpTo(file, count)
	if err == io.EOF && len(data) > 0 {
		err = io.ErrUnexpectedEOF
	}
	return data, err
}

// Read implements [io.Reader] and counts.
func (file *matReader) Read(p []byte) (int, error) {
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
