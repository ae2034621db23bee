package golden

import (
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
)

// imagesShape is the shape of small images, for losses that want to see images mixed.
func imagesShape(dtype dtypes.DType, batch int) shapes.Shape {
	return shapes.Make(dtype, batch, 2, 2, 1)
}

// tensorOf returns float64 values as a tensor of float32 or float64.
func tensorOf(values []float64, dtype dtypes.DType, dimensions ...int) *tensors.Tensor {
	if dtype == dtypes.Float64 {
		return tensors.FromFlatDataAndDimensions(values, dimensions...)
	}
	rounded := make([]float32, len(values))
	for i, value := range values {
		rounded[i] = float32(value)
	}
	return tensors.FromFlatDataAndDimensions(rounded, dimensions...)
}

// valuesOf returns the values of a float32 or float64 tensor.
func valuesOf(t testing.TB, tensor *tensors.Tensor) []float64 {
	t.Helper()
	if tensor.DType() == dtypes.Float64 {
		return tensors.MustCopyFlatData[float64](tensor)
	}
	rounded := tensors.MustCopyFlatData[float32](tensor)
	values := make([]float64, len(rounded))
	for i, value := range rounded {
		values[i] = float64(value)
	}
	return values
}
