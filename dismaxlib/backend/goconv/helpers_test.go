package goconv_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv"
)

// open returns the backend under test, with options of its own or of the inner backend.
func open(t testing.TB, options string) compute.Backend {
	t.Helper()
	backend, err := goconv.New(options)
	if err != nil {
		t.Fatalf("goconv.New(%q): %v", options, err)
	}
	t.Cleanup(backend.Finalize)
	return backend
}

// call builds and runs a graph once and returns its outputs as float64.
func call(
	t testing.TB, backend compute.Backend, fn func(operands []*graph.Node) []*graph.Node, inputs ...*tensors.Tensor,
) [][]float64 {
	t.Helper()
	exec, err := graph.NewExec(backend, fn)
	if err != nil {
		t.Fatalf("%s: %v", backend, err)
	}
	defer exec.Finalize()
	arguments := make([]any, len(inputs))
	for i, input := range inputs {
		clone, err := input.LocalClone() // because a tensor lives on one backend only
		if err != nil {
			t.Fatal(err)
		}
		arguments[i] = clone
	}
	outputs, err := exec.Call(arguments...)
	if err != nil {
		t.Fatalf("%s: %v", backend, err)
	}
	values := make([][]float64, len(outputs))
	for i, output := range outputs {
		values[i] = float64s(output)
	}
	return values
}

func float64s(tensor *tensors.Tensor) []float64 {
	var values []float64
	tensor.MustConstFlatData(func(flat any) {
		switch flat := flat.(type) {
		case []float64:
			values = append(values, flat...)
		case []float32:
			for _, v := range flat {
				values = append(values, float64(v))
			}
		}
	})
	return values
}

func asFloat64(tensor *tensors.Tensor) *tensors.Tensor {
	return tensors.FromFlatDataAndDimensions(float64s(tensor), tensor.Shape().Dimensions...)
}

// randomTensor is normally distributed, in float32 or float64.
func randomTensor(random *rand.Rand, shape shapes.Shape) *tensors.Tensor {
	values := make([]float64, shape.Size())
	for i := range values {
		values[i] = random.NormFloat64()
	}
	if shape.DType == dtypes.Float64 {
		return tensors.FromFlatDataAndDimensions(values, shape.Dimensions...)
	}
	singles := make([]float32, len(values))
	for i, v := range values {
		singles[i] = float32(v)
	}
	return tensors.FromFlatDataAndDimensions(singles, shape.Dimensions...)
}

// relativeError is the largest difference over the largest magnitude.
func relativeError(got, want []float64) float64 {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	var difference, magnitude float64
	for i := range want {
		if math.IsNaN(got[i]) != math.IsNaN(want[i]) {
			return math.Inf(1)
		}
		difference = max(difference, math.Abs(got[i]-want[i]))
		magnitude = max(magnitude, math.Abs(want[i]))
	}
	if magnitude == 0 {
		return difference
	}
	return difference / magnitude
}

// graphShape is a float32 shape.
func graphShape(dimensions ...int) shapes.Shape { return shapes.Make(dtypes.Float32, dimensions...) }
