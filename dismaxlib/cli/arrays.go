package cli

import (
	"fmt"
	"math"
	"os"

	"github.com/dismax-go/dismax/internal/npy"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
)

// largestArray bounds what a file of NumPy may take of memory.
const largestArray = 8 << 30

// readFloats reads an array of float32 or float64 of the given rank from a file of NumPy.
func readFloats(flag, path string, rank int) (*tensors.Tensor, error) {
	array, err := readArray(flag, path)
	if err != nil {
		return nil, err
	}
	shape := array.Shape()
	if shape.Rank() != rank {
		return nil, fmt.Errorf("%s %s has the shape %v: want %d axes", flag, path, shape.Dimensions, rank)
	}
	if shape.DType != dtypes.Float32 && shape.DType != dtypes.Float64 {
		return nil, fmt.Errorf("%s %s holds numbers of type %s: save it as float32", flag, path, shape.DType)
	}
	return array, nil
}

// readLabels reads integers of any width from a file of NumPy.
func readLabels(flag, path string) ([]int32, error) {
	array, err := readArray(flag, path)
	if err != nil {
		return nil, err
	}
	shape := array.Shape()
	if shape.Rank() != 1 {
		return nil, fmt.Errorf("%s %s has the shape %v: want one class number for each row of logits (of one-hot labels "+
			"it is argmax(axis=1))", flag, path, shape.Dimensions)
	}
	var labels []int32
	var areIntegers, inRange bool
	if err := array.ConstFlatData(func(flat any) { labels, areIntegers, inRange = asClasses(flat) }); err != nil {
		return nil, fmt.Errorf("%s %s: %w", flag, path, err)
	}
	switch {
	case !areIntegers:
		return nil, fmt.Errorf("%s %s holds numbers of type %s: save it as int64", flag, path, shape.DType)
	case !inRange:
		return nil, fmt.Errorf("%s %s holds a number that is no class: want 0 up to one less than there are logits", flag, path)
	}
	return labels, nil
}

// asClasses converts a slice of integers to int32. It reports whether it is one, and whether all of them fit.
func asClasses(flat any) (labels []int32, areIntegers, inRange bool) {
	switch flat := flat.(type) {
	case []int64:
		labels, inRange = narrow(flat)
	case []int32:
		labels, inRange = narrow(flat)
	case []int16:
		labels, inRange = narrow(flat)
	case []int8:
		labels, inRange = narrow(flat)
	case []uint64:
		labels, inRange = narrow(flat)
	case []uint32:
		labels, inRange = narrow(flat)
	case []uint16:
		labels, inRange = narrow(flat)
	case []uint8:
		labels, inRange = narrow(flat)
	default:
		return nil, false, false
	}
	return labels, true, inRange
}

// narrow converts integers to int32 and reports whether all of them are classes: from 0, and no larger than int32 holds.
func narrow[T int64 | int32 | int16 | int8 | uint64 | uint32 | uint16 | uint8](values []T) (labels []int32, inRange bool) {
	labels, inRange = make([]int32, len(values)), true
	for i, value := range values {
		inRange = inRange && value >= 0 && uint64(value) <= math.MaxInt32
		labels[i] = int32(value)
	}
	return labels, inRange
}

func readArray(flag, path string) (*tensors.Tensor, error) {
	if err := checkPath(flag, path); err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > largestArray {
		return nil, fmt.Errorf("%s %s is no file, or larger than %d bytes", flag, path, int64(largestArray))
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	array, err := npy.Read(content)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w (numpy.save writes such a file)", flag, path, err)
	}
	return array, nil
}
