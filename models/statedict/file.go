package statedict

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/dismax-go/dismax/internal/atomicfile"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/go-huggingface/hub"
	"github.com/gomlx/go-huggingface/models/safetensors"
)

// A .safetensors file is the length of its header (uint64, little-endian), the header (JSON, one object for each entry)
// and the values of the entries, one after the other without a gap.
const (
	lengthBytes  = 8
	alignment    = 8 // of the values
	metadataName = "__metadata__"
)

// dtypesByName are those of the format that GoMLX has too.
var dtypesByName = map[string]dtypes.DType{
	"F64": dtypes.Float64, "F32": dtypes.Float32, "F16": dtypes.Float16, "BF16": dtypes.BFloat16,
	"I64": dtypes.Int64, "I32": dtypes.Int32, "I16": dtypes.Int16, "I8": dtypes.Int8,
	"U64": dtypes.Uint64, "U32": dtypes.Uint32, "U16": dtypes.Uint16, "U8": dtypes.Uint8, "BOOL": dtypes.Bool,
}

// Read reads a .safetensors file. Files of torch.save are another format: convert them in Python with
// safetensors.torch.save_file. An entry must be of floats of 16, 32 or 64 bits, of integers or of booleans, and the
// entries must fill the file: damage is an error that names file and entry. A file of [State.Write] that is not, bit for
// bit, what was written is refused; those of other writers have no checksum.
func Read(path string) (State, error) {
	state, err := read(path)
	if err != nil {
		return nil, fmt.Errorf("reading the state dict %s: %w", path, err)
	}
	return state, nil
}

func read(path string) (state State, err error) {
	dataBytes, err := checkHeaderLength(path)
	if err != nil {
		return nil, err
	}
	path, err = filepath.Abs(path) // of a relative path, the reader would first try it below the file's folder
	if err != nil {
		return nil, err
	}
	repository := hub.NewLocal(filepath.Dir(path))
	reader, err := safetensors.NewEmpty(repository).NewTensorReader(filepath.Base(path))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	if err := verify(path, reader.Header.Metadata); err != nil {
		return nil, err
	}

	state = State{}
	position := int64(0)
	for _, name := range namesByOffset(reader.Header.Tensors) {
		end, err := checkEntry(reader.Header.Tensors[name], position, dataBytes)
		if err != nil {
			return nil, fmt.Errorf("entry %s: %w", name, err)
		}
		if state[name], err = reader.ReadTensor(nil, name); err != nil { // a copy: it outlives the reader
			return nil, fmt.Errorf("entry %s: %w", name, err)
		}
		position = end
	}
	if position != dataBytes {
		return nil, fmt.Errorf("its entries take %d bytes, but it has %d: it is damaged", position, dataBytes)
	}
	return state, nil
}

// checkHeaderLength makes sure that the file holds the header that it claims, before memory is taken for it, and
// returns the number of bytes behind.
func checkHeaderLength(path string) (dataBytes int64, err error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	if !info.Mode().IsRegular() {
		return 0, errors.New("it is not a file")
	}
	var length uint64
	if err := binary.Read(file, binary.LittleEndian, &length); err != nil {
		return 0, fmt.Errorf("it is no .safetensors file, or cut off: reading the length of its header: %w", err)
	}
	rest := info.Size() - lengthBytes
	if length > uint64(rest) {
		return 0, fmt.Errorf("its header claims %d bytes where %d are left: it is cut off, or no .safetensors file",
			length, rest)
	}
	return rest - int64(length), nil
}

func namesByOffset(entries map[string]*safetensors.TensorMetadata) []string {
	return slices.SortedFunc(maps.Keys(entries), func(x, y string) int {
		return cmp.Or(slices.Compare(entries[x].DataOffsets[:], entries[y].DataOffsets[:]), cmp.Compare(x, y))
	})
}

// checkEntry makes sure that an entry begins at the position and ends where its dimensions say, within the file, so
// that all entries together take no more memory than the file. It returns the end.
func checkEntry(entry *safetensors.TensorMetadata, position, dataBytes int64) (end int64, err error) {
	dtype, found := dtypesByName[entry.Dtype]
	if !found {
		return 0, fmt.Errorf("dtype %q is not supported", entry.Dtype)
	}
	size := int64(dtype.Size())
	for _, dimension := range entry.Shape {
		if dimension < 0 || dimension > 0 && size > dataBytes/int64(dimension) {
			return 0, fmt.Errorf("dimensions %v do not fit into the file's %d bytes of values", entry.Shape, dataBytes)
		}
		size *= int64(dimension)
	}
	end = position + size
	if entry.DataOffsets != [2]int64{position, end} {
		return 0, fmt.Errorf("%s%v should take the bytes %d to %d, but its offsets are %v: the file is damaged",
			entry.Dtype, entry.Shape, position, end, entry.DataOffsets)
	}
	if end > dataBytes {
		return 0, fmt.Errorf("it ends at byte %d of %d: the file is cut off", end, dataBytes)
	}
	return end, nil
}

// Write writes a .safetensors file, which appears under its name only when it is complete. Python's loaders accept it,
// as they do their own. Its metadata hold the checksum of the file.
func (s State) Write(path string) error {
	if err := atomicfile.Write(path, s.write); err != nil {
		return fmt.Errorf("state dict: %w", err)
	}
	return nil
}

func (s State) write(w io.Writer) error {
	names := s.namesByWidth()
	header, err := s.header(names)
	if err != nil {
		return err
	}
	if header, err = s.sealed(header, names); err != nil {
		return err
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	return s.writeValues(w, names)
}

func (s State) writeValues(w io.Writer, names []string) error {
	for _, name := range names {
		var writeErr error
		err := s[name].ConstBytes(func(values []byte) { _, writeErr = w.Write(values) })
		if err := errors.Join(err, writeErr); err != nil {
			return fmt.Errorf("entry %s: %w", name, err)
		}
	}
	return nil
}

// namesByWidth returns the names in the order of the values in the file. The widest come first, as the format's own
// writer puts them, so that all are aligned.
func (s State) namesByWidth() []string {
	return slices.SortedFunc(maps.Keys(s), func(x, y string) int {
		return cmp.Or(cmp.Compare(s[y].DType().Size(), s[x].DType().Size()), cmp.Compare(x, y))
	})
}

// header returns all that comes before the values.
func (s State) header(names []string) ([]byte, error) {
	entries := map[string]any{metadataName: metadata()}
	position := int64(0)
	for _, name := range names {
		entry, err := s.entryHeader(name, position)
		if err != nil {
			return nil, fmt.Errorf("entry %s: %w", name, err)
		}
		entries[name], position = entry, entry.DataOffsets[1]
	}
	text, err := json.Marshal(entries)
	if err != nil {
		return nil, fmt.Errorf("encoding the header: %w", err)
	}
	for len(text)%alignment != 0 {
		text = append(text, ' ')
	}
	return append(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text...), nil
}

// entryHeader returns the header of one entry whose values begin at the position.
func (s State) entryHeader(name string, position int64) (*safetensors.TensorMetadata, error) {
	value := s[name]
	switch {
	case name == metadataName:
		return nil, errors.New("the format keeps this name for itself")
	case value == nil || !value.Ok():
		return nil, errors.New("it has no value")
	}
	for dtypeName, dtype := range dtypesByName {
		if dtype == value.DType() {
			return &safetensors.TensorMetadata{
				Dtype: dtypeName, Shape: append([]int{}, value.Shape().Dimensions...),
				DataOffsets: [2]int64{position, position + value.Shape().ByteSize()},
			}, nil
		}
	}
	return nil, fmt.Errorf("dtype %s is not supported", value.DType())
}
