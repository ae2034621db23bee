package goconv_test

import (
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/layers/activation"
)

func TestGradientOfReluIsThatOfItsOperand(t *testing.T) {
	x := []float32{-2, -0.5, float32(math.Copysign(0, -1)), 0, 1e-30, 0.5, 2, float32(math.Inf(1)), float32(math.Inf(-1))}
	gradient := func(operands []*graph.Node) []*graph.Node {
		x := operands[0]
		weights := graph.AddScalar(graph.IotaFull(x.Graph(), x.Shape()), 1)
		y := graph.Mul(graph.MinScalar(activation.Relu(x), 1e6), weights)
		return graph.Gradient(graph.ReduceAllSum(y), x)
	}
	got := call(t, open(t, ""), gradient, tensors.FromValue(x))[0]
	for i, want := range []float64{0, 0, 0, 0, 5, 6, 7, 0, 0} {
		if got[i] != want {
			t.Errorf("at %g: gradient %g, want %g", x[i], got[i], want)
		}
	}
}
