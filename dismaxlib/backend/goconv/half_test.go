package goconv_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
)

func TestOperationsOf16BitsAreThoseOfFloat32Rounded(t *testing.T) {
	convolve := func(x, kernel *graph.Node) *graph.Node {
		return graph.Convolve(x, kernel).Strides(2).PadSame().Done()
	}
	operations := map[string]func(x, kernel *graph.Node) *graph.Node{
		"convolution": convolve,
		"gradient of the kernel": func(x, kernel *graph.Node) *graph.Node {
			return graph.Gradient(graph.ReduceAllSum(convolve(x, kernel)), kernel)[0]
		},
		"maximum": func(x, _ *graph.Node) *graph.Node { return graph.MaxPool(x).Window(3).Strides(2).Done() },
		"sum":     func(x, _ *graph.Node) *graph.Node { return graph.SumPool(x).Window(3).Strides(2).Done() },
		"dense layer with an activation": func(x, kernel *graph.Node) *graph.Node {
			return graph.BackendFusedDense(graph.Reshape(x, -1, 3), graph.Reshape(kernel, 3, -1), nil,
				compute.DenseConfig{Activation: compute.ActivationConfig{Type: compute.ActivationSigmoid}})
		},
		"dense layer with a bias and an activation": func(x, kernel *graph.Node) *graph.Node {
			weights := graph.Reshape(kernel, 3, -1)
			bias := graph.Reshape(graph.Slice(weights, graph.AxisRange(0, 1)), -1)
			return graph.BackendFusedDense(graph.Reshape(x, -1, 3), weights, bias,
				compute.DenseConfig{Activation: compute.ActivationConfig{Type: compute.ActivationTanh}})
		},
	}
	random := rand.New(rand.NewPCG(31, 32))
	x, kernel := randomTensor(random, graphShape(2, 9, 9, 5)), randomTensor(random, graphShape(3, 3, 5, 7))
	for _, options := range []string{"", "im2col"} {
		backend := open(t, options)
		for _, dtype := range []dtypes.DType{dtypes.BFloat16, dtypes.Float16} {
			for name, operation := range operations {
				outputs := call(t, backend, func(operands []*graph.Node) []*graph.Node {
					x, kernel := graph.ConvertDType(operands[0], dtype), graph.ConvertDType(operands[1], dtype)
					half := operation(x, kernel)
					wide := operation(graph.ConvertDType(x, dtypes.Float32), graph.ConvertDType(kernel, dtypes.Float32))
					if half.DType() != dtype {
						t.Errorf("options %q: %s of %s is %s", options, name, dtype, half.DType())
					}
					rounded := graph.ConvertDType(wide, dtype)
					return []*graph.Node{graph.ConvertDType(half, dtypes.Float32), graph.ConvertDType(rounded, dtypes.Float32)}
				}, x, kernel)
				if got, want := outputs[0], outputs[1]; !slices.Equal(got, want) {
					t.Errorf("options %q: %s of %s differs from that of float32 rounded, by %.2g of the largest",
						options, name, dtype, relativeError(got, want))
				}
			}
		}
	}
}
