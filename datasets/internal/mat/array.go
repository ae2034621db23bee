package mat

import (
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Array is one array of a MAT file whose numbers are all integers from 0 to 255.
type Array struct {
	Name       string
	Dimensions []int
	Values     []uint8 // column-major: the first index runs fastest
}

// Read reads all arrays of a file, which may take limit bytes of memory together as they are stored. It allocates as it
// reads, never by what the file declares. Errors name the offset.
func Read(reader io.Reader, limit int64) ([]Array, error) {
	file := &fileReader{reader: reader, budget: &budget{limit, limit}}
	header, err := file.bytes(headerBytes)
	if err != nil {
		return nil, fmt.Errorf("the file is not a MAT file, or is cut short: %w", err)
	}
	switch string(header[126:]) {
	case "IM":
		file.order = binary.LittleEndian
	case "MI":
		file.order = binary.BigEndian
	default:
		return nil, errors.New("at byte 126: the file is not a MAT file of version 5")
	}
	if version := file.order.Uint16(header[124:]); version != 0x0100 {
		return nil, fmt.Errorf("at byte 124: version %#x of the MAT format, where 0x100 (version 5) is read: "+
			"save the file with MATLAB's option -v7", version)
	}
	var arrays []Array
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
func (file *fileReader) array(kind uint32, size int64) (*Array, error) {
	start := file.offset
	content := &io.LimitedReader{R: file, N: size}
	switch kind {
	case typeMatrix:
		inner := &fileReader{reader: content, order: file.order, offset: start, budget: file.budget}
		array, err := inner.matrix()
		if err != nil {
			return nil, err
		}
		_, err = io.Copy(io.Discard, content)
		return array, err
	case typeCompressed:
		array, err := file.packed(content)
		if err != nil {
			return nil, fmt.Errorf("in the packed data at byte %d: %w", start, err)
		}
		_, err = io.Copy(io.Discard, content)
		return array, err
	}
	content.N += -size & 7 // padding
	skipped, err := io.Copy(io.Discard, content)
	if err == nil && skipped < size {
		err = fmt.Errorf("at byte %d: the file is cut short", file.offset)
	}
	return nil, err
}

// packed reads an array out of packed content, whose checksum is compared at its end.
func (file *fileReader) packed(content io.Reader) (*Array, error) {
	unpacked, err := zlib.NewReader(content)
	if err != nil {
		return nil, err
	}
	inner := &fileReader{reader: unpacked, order: file.order, budget: file.budget}
	kind, _, err := inner.tag()
	if err != nil {
		return nil, unexpected(err)
	}
	if kind != typeMatrix {
		return nil, fmt.Errorf("an element of type %d, where an array is expected", kind)
	}
	array, err := inner.matrix()
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(io.Discard, unpacked)
	return array, err
}

// matrix reads the inside of an array: flags, dimensions, name, numbers.
func (file *fileReader) matrix() (*Array, error) {
	if _, _, err := file.element(8); err != nil { // flags: the class of the array, which the numbers repeat
		return nil, err
	}
	dimensions, count, err := file.dimensions()
	if err != nil {
		return nil, err
	}
	_, name, err := file.element(maxNameBytes)
	if err != nil {
		return nil, err
	}
	kind, numbers, err := file.element(8 * count)
	if err != nil {
		return nil, err
	}
	array := &Array{Name: string(name), Dimensions: dimensions}
	if array.Values, err = small(file.order, kind, numbers); err != nil {
		return nil, fmt.Errorf("array %q before byte %d: %w", array.Name, file.offset, err)
	}
	if int64(len(array.Values)) != count {
		return nil, fmt.Errorf("array %q before byte %d: %d numbers for the dimensions %v",
			array.Name, file.offset, len(array.Values), array.Dimensions)
	}
	return array, nil
}

// dimensions reads the dimensions of an array and returns their product, too.
func (file *fileReader) dimensions() (dimensions []int, count int64, err error) {
	kind, sizes, err := file.element(4 * maxDimensions)
	if err != nil {
		return nil, 0, err
	}
	if kind != typeInt32 || len(sizes)%4 != 0 {
		return nil, 0, fmt.Errorf("at byte %d: the dimensions of an array are of type %d", file.offset, kind)
	}
	count = 1
	for ; len(sizes) > 0; sizes = sizes[4:] {
		dimension := int64(int32(file.order.Uint32(sizes)))
		if dimension < 0 || dimension > 0 && count > maxNumbers/dimension {
			return nil, 0, fmt.Errorf("at byte %d: an array of more than %d numbers, or fewer than none",
				file.offset, int64(maxNumbers))
		}
		count *= dimension
		dimensions = append(dimensions, int(dimension))
	}
	return dimensions, count, nil
}
