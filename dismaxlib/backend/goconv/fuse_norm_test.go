package goconv_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/layers/activation"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/batchnorm"
)

// normalizedNetwork is a network of x, scale and offset; normalize is the batch normalization of them. It returns what is
// compared first, and then what lies between the operations that are fused: returning it keeps them apart.
type normalizedNetwork func(normalize func(x *Node) *Node, x *Node) (results, between []*Node)

var normalizedNetworks = map[string]normalizedNetwork{
	"rectified": func(normalize func(x *Node) *Node, x *Node) (results, between []*Node) {
		y := normalize(x)
		return []*Node{activation.Relu(y)}, []*Node{y}
	},
	"plus a residual": func(normalize func(x *Node) *Node, x *Node) (results, between []*Node) {
		residual := Sin(x)
		y := normalize(x)
		return []*Node{MulScalar(Add(y, residual), 3)}, []*Node{y}
	},
	"plus a residual, rectified": func(normalize func(x *Node) *Node, x *Node) (results, between []*Node) {
		y := normalize(x)
		sum := Add(y, x)
		return []*Node{activation.Relu(sum)}, []*Node{y, sum}
	},
	"two, added and rectified": func(normalize func(x *Node) *Node, x *Node) (results, between []*Node) {
		y, z := normalize(x), normalize(Sin(x))
		sum := Add(y, z)
		return []*Node{activation.Relu(sum)}, []*Node{y, z, sum}
	},
	"dense": func(normalize func(x *Node) *Node, x *Node) (results, between []*Node) {
		y := normalize(x)
		rectified := activation.Relu(y)
		return []*Node{Concatenate([]*Node{x, Sin(rectified)}, -1)}, []*Node{y}
	},
}

// TestFusedNormalizationsAreBitForBitTheUnfusedOnes compares values and gradients, on all cores and on one. Some numbers
// are not finite.
func TestFusedNormalizationsAreBitForBitTheUnfusedOnes(t *testing.T) {
	fused, apart := open(t, ""), open(t, "parallelism=1")
	random := rand.New(rand.NewPCG(41, 42))
	for name, network := range normalizedNetworks {
		for _, dimensions := range [][]int{{2, 5, 6, 3}, {4, 8, 8, 16}, {3, 7, 7, 36}, {9, 16, 16, 20}} {
			for _, training := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s/%v/training=%t", name, dimensions, training), func(t *testing.T) {
					features := graphShape(dimensions[3])
					operands := []*tensors.Tensor{
						randomTensor(random, graphShape(dimensions...)), randomTensor(random, features), randomTensor(random, features),
					}
					operands[0].MustMutableFlatData(func(flat any) {
						x := flat.([]float32)
						x[len(x)/2] = 0
						if !training {
							x[3], x[len(x)-1] = float32(math.NaN()), float32(math.Inf(-1))
						}
					})
					graphOf := func(isApart bool) func(operands []*Node) []*Node {
						return func(operands []*Node) []*Node { return network.graph(operands, training, isApart) }
					}
					got, want := call(t, fused, graphOf(false), operands...), call(t, apart, graphOf(true), operands...)
					for i := range got {
						checkSame(t, fmt.Sprintf("result %d", i), got[i], want[i])
					}
				})
			}
		}
	}
}

// graph normalizes by scale and offset in training or in inference, and in training differentiates.
func (n normalizedNetwork) graph(operands []*Node, training, apart bool) []*Node {
	x, scale, offset := operands[0], operands[1], operands[2]
	normalize := func(x *Node) *Node {
		if training {
			y, _, _ := InternalBatchNormForTraining(x, scale, offset, batchNormEpsilon, -1)
			return y
		}
		return InternalBatchNormForInference(x, scale, offset, offset, Square(scale), batchNormEpsilon, -1)
	}
	results, between := n(normalize, x)
	if training {
		loss := ScalarZero(x.Graph(), x.DType())
		for _, result := range results {
			loss = Add(loss, weightedLoss(result))
		}
		results = append(results, Gradient(loss, operands...)...)
		if apart {
			between = append(between, Gradient(loss, between...)...)
		}
	}
	if apart {
		results = append(results, between...)
	}
	return results
}

func TestNormalizationsTakeInWhatStandsBehindThem(t *testing.T) {
	if !batchnorm.Available() {
		t.Skip("this build or processor has no kernels of batch normalization")
	}
	image, features := graphShape(2, 4, 4, 8), graphShape(8)
	relu := compute.ActivationConfig{Type: compute.ActivationRelu}
	tests := []struct {
		name  string
		build func(main compute.Function, x, v compute.Value) []compute.Value
		want  int
	}{
		{"rectified for training", func(main compute.Function, x, v compute.Value) []compute.Value {
			y, _, _ := must3(main.BatchNormForTraining(x, v, v, 1e-3, 3))
			return []compute.Value{must(main.FusedActivation(y, relu))}
		}, 1},
		{"added and rectified for inference", func(main compute.Function, x, v compute.Value) []compute.Value {
			y := must(main.BatchNormForInference(x, v, v, v, v, 1e-3, 3))
			return []compute.Value{must(main.FusedActivation(must(main.Add(x, y)), relu))}
		}, 1},
		{"with another user", func(main compute.Function, x, v compute.Value) []compute.Value {
			y := must(main.BatchNormForInference(x, v, v, v, v, 1e-3, 3))
			return []compute.Value{must(main.FusedActivation(y, relu)), must(main.Sin(y))}
		}, 3},
		{"returned", func(main compute.Function, x, v compute.Value) []compute.Value {
			y := must(main.BatchNormForInference(x, v, v, v, v, 1e-3, 3))
			return []compute.Value{must(main.FusedActivation(y, relu)), y}
		}, 2},
		{"added to what is made after it", func(main compute.Function, x, v compute.Value) []compute.Value {
			y, mean, _ := must3(main.BatchNormForTraining(x, v, v, 1e-3, 3))
			late := must(main.BroadcastInDim(mean, image, []int{3}))
			return []compute.Value{must(main.Add(y, late))}
		}, 3},
		{"the gradient of a rectified one, added", func(main compute.Function, x, v compute.Value) []compute.Value {
			y, mean, variance := must3(main.BatchNormForTraining(x, v, v, 1e-3, 3))
			z := must(main.FusedActivation(y, relu))
			dy := must(main.FusedActivationVJP(z, y, x, relu))
			dx, dscale, doffset := must3(main.BatchNormGradient(x, v, mean, variance, dy, 1e-3, 3))
			return []compute.Value{z, must(main.Add(x, dx)), dscale, doffset}
		}, 2},
		{"the gradient of one that another epsilon made", func(main compute.Function, x, v compute.Value) []compute.Value {
			y, mean, variance := must3(main.BatchNormForTraining(x, v, v, 1e-3, 3))
			z := must(main.FusedActivation(y, relu))
			dy := must(main.FusedActivationVJP(z, y, x, relu))
			dx, dscale, doffset := must3(main.BatchNormGradient(x, v, mean, variance, dy, 1e-2, 3))
			return []compute.Value{z, dx, dscale, doffset}
		}, 3},
	}
	backend := open(t, "")
	for _, test := range tests {
		builder := backend.Builder(test.name)
		main := builder.Main()
		x, v := must(main.Parameter("x", image, nil)), must(main.Parameter("v", features, nil))
		if err := main.Return(test.build(main, x, v), nil); err != nil {
			t.Fatal(err)
		}
		if got := must(goconv.OperationsLeft(builder)); got != test.want {
			t.Errorf("%s: %d operations are left, want %d", test.name, got, test.want)
		}
	}
}

func must3[A, B, C any](a A, b B, c C, err error) (A, B, C) {
	if err != nil {
		panic(err)
	}
	return a, b, c
}
