package goconv_test

import (
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

const batchNormEpsilon = 1e-3

// weightedLoss is Σ sin(i)·y³, which depends on every element of y in another way.
func weightedLoss(y *graph.Node) *graph.Node {
	weight := graph.Sin(graph.IotaFull(y.Graph(), y.Shape()))
	return graph.ReduceAllSum(graph.Mul(weight, graph.Mul(graph.Square(y), y)))
}

func TestBatchNormGradientsAgreeWithFiniteDifferences(t *testing.T) {
	backend := open(t, "")
	for _, featureAxis := range []int{-1, 1} {
		random := rand.New(rand.NewPCG(3, 4))
		inputs := []*tensors.Tensor{
			randomTensor(random, shapes.Make(dtypes.Float64, 3, 4, 4)),
			randomTensor(random, shapes.Make(dtypes.Float64, 4)),
			randomTensor(random, shapes.Make(dtypes.Float64, 4)),
		}
		loss := func(operands []*graph.Node) *graph.Node {
			y, _, _ := graph.InternalBatchNormForTraining(operands[0], operands[1], operands[2], batchNormEpsilon, featureAxis)
			return weightedLoss(y)
		}
		gradients := call(t, backend, func(operands []*graph.Node) []*graph.Node {
			return graph.Gradient(loss(operands), operands...)
		}, inputs...)
		for i, name := range []string{"operand", "scale", "offset"} {
			want := finiteDifferences(t, backend, loss, inputs, i)
			if e := relativeError(gradients[i], want); e > 1e-7 {
				t.Errorf("feature axis %d: gradient of the %s is off by %.2g relative", featureAxis, name, e)
			}
		}
	}
}

// finiteDifferences differentiates a loss with respect to one input by central differences.
func finiteDifferences(
	t *testing.T, backend compute.Backend, loss func([]*graph.Node) *graph.Node, inputs []*tensors.Tensor, of int,
) []float64 {
	t.Helper()
	const step = 1e-5
	values := float64s(inputs[of])
	at := func(i int, shift float64) float64 {
		moved := append([]float64(nil), values...)
		moved[i] += shift
		arguments := append([]*tensors.Tensor(nil), inputs...)
		arguments[of] = tensors.FromFlatDataAndDimensions(moved, inputs[of].Shape().Dimensions...)
		return call(t, backend, func(operands []*graph.Node) []*graph.Node {
			return []*graph.Node{loss(operands)}
		}, arguments...)[0][0]
	}
	gradient := make([]float64, len(values))
	for i := range gradient {
		gradient[i] = (at(i, step) - at(i, -step)) / (2 * step)
	}
	return gradient
}

func TestBatchNormNormalizesAndReportsItsStatistics(t *testing.T) {
	x := tensors.FromValue([][]float32{{1, 10}, {2, 20}, {3, 60}})
	scale := tensors.FromValue([]float32{1, 2})
	offset := tensors.FromValue([]float32{0, 5})
	got := call(t, open(t, ""), func(operands []*graph.Node) []*graph.Node {
		y, mean, variance := graph.InternalBatchNormForTraining(operands[0], operands[1], operands[2], 1e-12, -1)
		inference := graph.InternalBatchNormForInference(operands[0], operands[1], operands[2], mean, variance, 1e-12, -1)
		return []*graph.Node{y, mean, variance, inference}
	}, x, scale, offset)

	wantMean, wantVariance := []float64{2, 30}, []float64{2. / 3, 1400. / 3}
	if e := relativeError(got[1], wantMean); e > 1e-6 {
		t.Errorf("mean = %v, want %v", got[1], wantMean)
	}
	if e := relativeError(got[2], wantVariance); e > 1e-6 {
		t.Errorf("variance = %v, want %v (the biased one)", got[2], wantVariance)
	}
	const unit = 1.224744871 // 1/√(2/3)
	wantY := []float64{-unit, 5 - 2*0.925820100, 0, 5 - 2*0.462910050, unit, 5 + 2*1.388730150}
	for i, name := range map[int]string{0: "training", 3: "inference"} {
		if e := relativeError(got[i], wantY); e > 1e-6 {
			t.Errorf("normalized for %s = %v, want %v", name, got[i], wantY)
		}
	}
}

func TestBatchNormOfFloat32AgreesWithFloat64(t *testing.T) {
	fn := func(operands []*graph.Node) []*graph.Node {
		x, scale, offset := operands[0], operands[1], operands[2]
		y, mean, variance := graph.InternalBatchNormForTraining(x, scale, offset, batchNormEpsilon, -1)
		inference := graph.InternalBatchNormForInference(x, scale, offset, mean, variance, batchNormEpsilon, -1)
		return append([]*graph.Node{y, mean, variance, inference}, graph.Gradient(weightedLoss(y), operands...)...)
	}
	names := []string{"y", "mean", "variance", "inference", "gradient of x", "gradient of scale", "gradient of offset"}
	random := rand.New(rand.NewPCG(19, 20))
	for _, dimensions := range [][]int{{64, 16}, {3, 7, 5, 3}, {2, 9, 9, 36}, {70, 50, 24}, {5, 130}, {1, 8}, {4, 4, 1}} {
		features := dimensions[len(dimensions)-1]
		inputs := []*tensors.Tensor{
			randomTensor(random, graphShape(dimensions...)), randomTensor(random, graphShape(features)),
			randomTensor(random, graphShape(features)),
		}
		// A mean far from 0 must cost no accuracy.
		inputs[0].MustMutableFlatData(func(flat any) {
			values := flat.([]float32)
			for i := range values {
				values[i] += float32(20 * (i % features % 5))
			}
		})
		var exact []*tensors.Tensor
		for _, input := range inputs {
			exact = append(exact, asFloat64(input))
		}
		got, want := call(t, open(t, ""), fn, inputs...), call(t, open(t, ""), fn, exact...)
		for i, name := range names {
			if len(dimensions) == 2 && dimensions[0] == 1 && i >= 4 {
				continue // of one row, the gradients are differences of equal numbers
			}
			if e := relativeError(got[i], want[i]); e > 5e-5 {
				t.Errorf("%v: %s is off by %.2g relative", dimensions, name, e)
			}
		}
	}
}
