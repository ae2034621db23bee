package statedict

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/dtypes/float16"
	"github.com/gomlx/gomlx/core/tensors"
)

// kernelRank is the rank of the kernels of convolutions on images, which are transposed.
const kernelRank = 4

// The axes of a kernel in the layout of the other side.
var (
	toGoMLX   = [kernelRank]int{2, 3, 1, 0} // [out, in, height, width] to [height, width, in, out]
	toPyTorch = [kernelRank]int{3, 2, 0, 1} // and back
)

// array holds the floats of a tensor in row-major order. Every float of fewer bits is exact in float64.
type array struct {
	values     []float64
	dimensions []int
}

// arrayOf copies the values of a tensor of floats.
func arrayOf(t *tensors.Tensor) (array, error) {
	a := array{make([]float64, 0, t.Size()), t.Shape().Dimensions}
	known := true
	err := t.ConstFlatData(func(flat any) {
		switch flat := flat.(type) {
		case []float64:
			a.values = append(a.values, flat...)
		case []float32:
			for _, value := range flat {
				a.values = append(a.values, float64(value))
			}
		case []float16.Float16:
			for _, value := range flat {
				a.values = append(a.values, value.Float64())
			}
		case []bfloat16.BFloat16:
			for _, value := range flat {
				a.values = append(a.values, value.Float64())
			}
		default:
			known = false
		}
	})
	if err == nil && !known {
		err = fmt.Errorf("dtype %s, want floats", t.DType())
	}
	return a, err
}

// tensor returns the values as float32 or float64, rounded to nearest.
func (a array) tensor(dtype dtypes.DType) (*tensors.Tensor, error) {
	switch dtype {
	case dtypes.Float64:
		return tensors.FromFlatDataAndDimensions(a.values, a.dimensions...), nil
	case dtypes.Float32:
		values := make([]float32, len(a.values))
		for i, value := range a.values {
			values[i] = float32(value)
		}
		return tensors.FromFlatDataAndDimensions(values, a.dimensions...), nil
	}
	return nil, fmt.Errorf("dtype %s, want variables of Float32 or Float64", dtype)
}

// transposed returns the array with its axes in the given order, and an array that is no kernel as it is.
func (a array) transposed(order [kernelRank]int) array {
	if len(a.dimensions) != kernelRank {
		return a
	}
	var strides, dimensions [kernelRank]int
	for i, axis := range order {
		dimensions[i], strides[i] = a.dimensions[axis], 1
		for _, dimension := range a.dimensions[axis+1:] {
			strides[i] *= dimension
		}
	}
	values := make([]float64, 0, len(a.values))
	for i := range dimensions[0] {
		for j := range dimensions[1] {
			for k := range dimensions[2] {
				start := i*strides[0] + j*strides[1] + k*strides[2]
				for l := range dimensions[3] {
					values = append(values, a.values[start+l*strides[3]])
				}
			}
		}
	}
	return array{values, dimensions[:]}
}

// isSingle reports whether the array holds one value with at most one axis: [1] in PyTorch, a scalar here.
func isSingle(dimensions []int) bool {
	return len(dimensions) == 0 || len(dimensions) == 1 && dimensions[0] == 1
}
