// Package npy reads and writes NumPy arrays of untrusted origin: the header is compared with the size of the file before
// any memory is taken. The format itself is GoMLX's. Start with [Read].
package npy

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/numpy"
)

// magic begins every file; the version and the header's length follow.
const magic = "\x93NUMPY"

var (
	descrPattern = regexp.MustCompile(`'descr':\s*'[<>|=]([a-z])(\d+)'`)
	shapePattern = regexp.MustCompile(`'shape':\s*\(([\d,\s]*)\)`)
)

// Read returns the array of a file's content. A file that is cut, or whose header claims another size than it has, is
// an error.
func Read(content []byte) (value *tensors.Tensor, err error) {
	if err := check(content); err != nil {
		return nil, fmt.Errorf("not a NumPy array, or damaged: %w", err)
	}
	defer func() { // GoMLX's reader panics on some headers
		if failure := recover(); failure != nil {
			value, err = nil, fmt.Errorf("not a NumPy array, or damaged: %v", failure)
		}
	}()
	return numpy.FromNpyReader(bytes.NewReader(content))
}

// Write returns the content of a file that holds the array.
func Write(value *tensors.Tensor) ([]byte, error) {
	var content bytes.Buffer
	err := numpy.ToNpyWriter(value, &content)
	return content.Bytes(), err
}

// check compares the size that the header claims with that of the content.
func check(content []byte) error {
	const fixed = len(magic) + 2 + 2 // of version 1, which is what GoMLX writes
	if len(content) < fixed || string(content[:len(magic)]) != magic {
		return errors.New("it does not begin like one")
	}
	if content[len(magic)] != 1 {
		return fmt.Errorf("version %d of the format is not read, only 1", content[len(magic)])
	}
	start := fixed + int(binary.LittleEndian.Uint16(content[len(magic)+2:]))
	if start > len(content) {
		return errors.New("its header is cut")
	}
	header := string(content[fixed:start])
	descr, shape := descrPattern.FindStringSubmatch(header), shapePattern.FindStringSubmatch(header)
	if descr == nil || shape == nil {
		return errors.New("its header names no type or no shape")
	}
	size, err := strconv.Atoi(descr[2])
	if err != nil {
		return err
	}
	for _, text := range strings.Split(shape[1], ",") {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		dimension, err := strconv.Atoi(text)
		if err != nil || dimension < 0 || dimension > 0 && size > len(content)/dimension {
			return fmt.Errorf("its header claims more than its %d bytes", len(content))
		}
		size *= dimension
	}
	if size != len(content)-start {
		return fmt.Errorf("its header claims %d bytes of numbers, and there are %d", size, len(content)-start)
	}
	return nil
}
