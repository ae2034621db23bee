package training

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// A checkpoint file is the magic, the length of the header (uint64, little-endian), the header (JSON), the values of
// the variables in the header's order without a gap, and the SHA-256 of all before, which is checked before anything
// is used.
const magic = "dismax checkpoint 1\n"

// header is what a checkpoint says of itself.
type header struct {
	Progress  progress         `json:"progress"`
	Variables []variableHeader `json:"variables"`
}

// variableHeader describes one variable.
type variableHeader struct {
	Path       string `json:"path"`
	DType      string `json:"dtype"`
	Dimensions []int  `json:"dimensions"`
	Trainable  bool   `json:"trainable"`
	Trained    bool   `json:"trained"` // trainable, and in use by the graph of a training step
}

// checkpoint is what was read from a file: the progress of a training and its variables.
type checkpoint struct {
	header
	values []*tensors.Tensor // in the order of the header's variables
}

// writeCheckpoint writes the variables, which must have values, and the progress.
func writeCheckpoint(w io.Writer, done *progress, variables []*model.Variable, trained map[string]bool) error {
	sum := sha256.New()
	out := io.MultiWriter(w, sum)
	head := header{Progress: *done}
	for _, variable := range variables {
		head.Variables = append(head.Variables, variableHeader{
			Path: variable.Path(), DType: variable.DType().String(),
			Dimensions: variable.Shape().Dimensions,
			Trainable:  variable.Trainable, Trained: trained[variable.Path()],
		})
	}
	text, err := json.Marshal(head)
	if err != nil {
		return fmt.Errorf("encoding the header: %w", err)
	}
	start := binary.LittleEndian.AppendUint64([]byte(magic), uint64(len(text)))
	if _, err := out.Write(append(start, text...)); err != nil {
		return err
	}
	for _, variable := range variables {
		if err := writeValue(out, variable); err != nil {
			return fmt.Errorf("variable %s: %w", variable.Path(), err)
		}
	}
	_, err = w.Write(sum.Sum(nil))
	return err
}

func writeValue(w io.Writer, variable *model.Variable) error {
	value, err := variable.Value()
	if err != nil {
		return err
	}
	var writeErr error
	err = value.ConstBytes(func(data []byte) { _, writeErr = w.Write(data) })
	return errors.Join(err, writeErr)
}

// readCheckpoint reads a checkpoint of the given size. It takes no more memory than that, whatever the file claims.
func readCheckpoint(file io.ReadSeeker, size int64) (*checkpoint, error) {
	if err := verify(file, size); err != nil {
		return nil, err
	}
	if _, err := file.Seek(int64(len(magic)), io.SeekStart); err != nil {
		return nil, err
	}
	content := bufio.NewReader(file)
	var length uint64
	if err := binary.Read(content, binary.LittleEndian, &length); err != nil {
		return nil, err
	}
	rest := size - int64(len(magic)) - 8 - sha256.Size
	if length > uint64(rest) {
		return nil, fmt.Errorf("its header claims %d bytes of %d", length, rest)
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(content, text); err != nil {
		return nil, err
	}
	c := &checkpoint{}
	if err := json.Unmarshal(text, &c.header); err != nil {
		return nil, fmt.Errorf("its header: %w", err)
	}
	return c, c.readValues(content, rest-int64(length))
}

// verify checks magic and checksum of a checkpoint of the given size.
func verify(file io.ReadSeeker, size int64) error {
	if size < int64(len(magic))+8+sha256.Size {
		return fmt.Errorf("it has only %d bytes", size)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	sum := sha256.New()
	start := make([]byte, len(magic))
	if _, err := io.ReadFull(file, start); err != nil {
		return err
	}
	if string(start) != magic {
		return fmt.Errorf("it begins with %q instead of %q", start, magic)
	}
	sum.Write(start)
	if _, err := io.CopyN(sum, file, size-int64(len(magic))-sha256.Size); err != nil {
		return err
	}
	want := make([]byte, sha256.Size)
	if _, err := io.ReadFull(file, want); err != nil {
		return err
	}
	if got := sum.Sum(nil); !bytes.Equal(got, want) {
		return fmt.Errorf("its checksum is %x where its content has %x", want[:4], got[:4])
	}
	return nil
}

// readValues reads the values of the header's variables, which must take size bytes.
func (c *checkpoint) readValues(content io.Reader, size int64) error {
	rest := size
	for _, variable := range c.Variables {
		shape, err := variable.shape(rest)
		if err != nil {
			return fmt.Errorf("variable %q: %w", variable.Path, err)
		}
		value := tensors.FromShape(shape)
		var readErr error
		err = value.MutableBytes(func(data []byte) { _, readErr = io.ReadFull(content, data) })
		if err := errors.Join(err, readErr); err != nil {
			return fmt.Errorf("variable %q: %w", variable.Path, err)
		}
		c.values = append(c.values, value)
		rest -= shape.ByteSize()
	}
	if rest != 0 {
		return fmt.Errorf("its variables leave %d of %d bytes", rest, size)
	}
	return nil
}

// shape returns the shape of the variable, which must take size bytes at most.
func (v *variableHeader) shape(size int64) (shapes.Shape, error) {
	dtype, err := dtypes.DTypeString(v.DType)
	if err != nil || !dtype.IsSupported() {
		return shapes.Shape{}, fmt.Errorf("dtype %q is not known", v.DType)
	}
	if !strings.HasPrefix(v.Path, model.ScopeSeparator) {
		return shapes.Shape{}, errors.New("its path is not absolute")
	}
	count, most := int64(1), 8*size/int64(dtype.Bits())
	for _, dimension := range v.Dimensions {
		if dimension < 1 || count > most/int64(dimension) {
			return shapes.Shape{}, fmt.Errorf("dimensions %v do not fit into %d bytes", v.Dimensions, size)
		}
		count *= int64(dimension)
	}
	if count > most {
		return shapes.Shape{}, fmt.Errorf("it does not fit into %d bytes", size)
	}
	return shapes.Make(dtype, v.Dimensions...), nil
}
