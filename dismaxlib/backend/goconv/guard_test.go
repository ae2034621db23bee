package goconv_test

import (
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// withMuchElse adds a convolution, so that the computation is cut in segments, and many independent operations, so that
// the inner backend has something to run in parallel.
func withMuchElse(failing *graph.Node) []*graph.Node {
	g := failing.Graph()
	image := graph.IotaFull(g, graphShape(1, 8, 8, 2))
	y := graph.Convolve(image, graph.Ones(g, graphShape(3, 3, 2, 2))).PadSame().Done()
	outputs := []*graph.Node{failing, y}
	for i := range 30 {
		outputs = append(outputs, graph.Sin(graph.AddScalar(y, i)), graph.Exp(graph.MulScalar(image, -i)))
	}
	return outputs
}

func TestOperationsThatFailGiveErrors(t *testing.T) {
	integers := func(values ...int32) *tensors.Tensor { return tensors.FromValue(values) }
	indices := func(index int32) *tensors.Tensor { return tensors.FromValue([][]int32{{index}}) }
	tests := []struct {
		name       string
		fn         func(x *graph.Node) *graph.Node
		good, evil *tensors.Tensor // evil makes it fail; nil if everything does
		says       string
	}{
		{
			name: "integer division by zero",
			fn:   func(x *graph.Node) *graph.Node { return graph.Div(graph.OnesLike(x), x) },
			good: integers(1, 2), evil: integers(1, 0), says: "divide by zero",
		},
		{
			name: "integer remainder by zero",
			fn:   func(x *graph.Node) *graph.Node { return graph.Mod(graph.OnesLike(x), x) },
			good: integers(1, 2), evil: integers(0, 1), says: "divide by zero",
		},
		{
			name: "scatter out of range",
			fn: func(x *graph.Node) *graph.Node {
				g := x.Graph()
				return graph.ScatterSum(graph.Zeros(g, graphShape(3)), x, graph.Ones(g, graphShape(1)), false, false)
			},
			good: indices(2), evil: indices(9), says: "out of range",
		},
		{
			name: "dtype without an executor",
			fn: func(x *graph.Node) *graph.Node {
				return graph.Softmax(graph.ConvertDType(x, dtypes.BFloat16))
			},
			evil: integers(1, 2), says: "not implemented",
		},
	}
	backend := open(t, "")
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			exec, err := graph.NewExec(backend, func(x *graph.Node) []*graph.Node { return withMuchElse(test.fn(x)) })
			if err != nil {
				t.Fatal(err)
			}
			defer exec.Finalize()
			// Good data first, and often, as in training.
			for range 3 {
				if test.good == nil {
					break
				}
				if _, err := exec.Call(test.good); err != nil {
					t.Fatalf("good data: %v", err)
				}
			}
			for range 20 {
				if _, err := exec.Call(test.evil); err == nil || !strings.Contains(err.Error(), test.says) {
					t.Fatalf("got error %v, want one that says %q", err, test.says)
				}
			}
			if test.good == nil {
				return
			}
			if _, err := exec.Call(test.good); err != nil {
				t.Errorf("good data after a failure: %v", err)
			}
		})
	}
}
