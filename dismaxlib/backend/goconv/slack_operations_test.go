//go:build unix && goexperiment.simd && amd64

package goconv_test

import (
	"fmt"
	"simd/archsimd"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// vectorOperation is an operation of the inner backend on operands that fill their buffers and do not fill vectors.
type vectorOperation struct {
	name      string
	dtype     dtypes.DType
	operands  [][]int // dimensions
	fn        func(x []*Node) *Node
	readsPast bool // on this processor, if it has AVX2; the others may or may not
}

func (o *vectorOperation) String() string { return fmt.Sprintf("%s of %s", o.name, o.dtype) }

const (
	f32, f64 = dtypes.Float32, dtypes.Float64
	i32, u32 = dtypes.Int32, dtypes.Uint32
	i64, u64 = dtypes.Int64, dtypes.Uint64
	b16, f16 = dtypes.BFloat16, dtypes.Float16
)

// operationTable collects operations of one kind for the dtypes that they have vectors for.
type operationTable []*vectorOperation

// add makes an operation of each function and dtype, whose operands are operands times a vector of 48 bytes.
func (o *operationTable) add(
	operands int, types []dtypes.DType, readsPast bool, functions map[string]func(x []*Node) *Node,
) {
	for name, fn := range functions {
		for _, dtype := range types {
			made := &vectorOperation{name: name, dtype: dtype, fn: fn, readsPast: readsPast && dtype.Size() >= 4}
			for range operands {
				made.operands = append(made.operands, []int{48 / dtype.Size()})
			}
			*o = append(*o, made)
		}
	}
}

func vectorOperations() operationTable {
	var table operationTable
	table.addElementwise()
	table.addActivations()
	table.addReductions()
	return table
}

func (o *operationTable) addElementwise() {
	numbers := []dtypes.DType{f32, f64, i32, u32, b16, f16}
	o.add(2, append(numbers, i64, u64), true, map[string]func(x []*Node) *Node{
		"Add":          func(x []*Node) *Node { return Add(x[0], x[1]) },
		"Sub":          func(x []*Node) *Node { return Sub(x[0], x[1]) },
		"Add a number": func(x []*Node) *Node { return AddScalar(x[0], 3) },
		"Sub a number": func(x []*Node) *Node { return SubScalar(x[0], 3) },
	})
	o.add(2, numbers, true, map[string]func(x []*Node) *Node{
		"Mul":          func(x []*Node) *Node { return Mul(x[0], x[1]) },
		"Max":          func(x []*Node) *Node { return Max(x[0], x[1]) },
		"Min":          func(x []*Node) *Node { return Min(x[0], x[1]) },
		"Mul a number": func(x []*Node) *Node { return MulScalar(x[0], 3) },
		"Max a number": func(x []*Node) *Node { return MaxScalar(x[0], 3) },
		"Add a row": func(x []*Node) *Node {
			return Add(Reshape(x[0], 2, -1), Slice(Reshape(x[1], 2, -1), AxisRange(0, 1)))
		},
	})
	o.add(2, []dtypes.DType{f32, f64, b16, f16}, true, map[string]func(x []*Node) *Node{
		"Div":      func(x []*Node) *Node { return Div(x[0], x[1]) },
		"Exp":      func(x []*Node) *Node { return Exp(x[0]) },
		"Sqrt":     func(x []*Node) *Node { return Sqrt(x[0]) },
		"Rsqrt":    func(x []*Node) *Node { return Rsqrt(x[0]) },
		"Tanh":     func(x []*Node) *Node { return Tanh(x[0]) },
		"Logistic": func(x []*Node) *Node { return Logistic(x[0]) },
		"Erf":      func(x []*Node) *Node { return Erf(x[0]) },
	})
	o.add(1, []dtypes.DType{f32, f64, i32}, true, map[string]func(x []*Node) *Node{
		"Abs":  func(x []*Node) *Node { return Abs(x[0]) },
		"Neg":  func(x []*Node) *Node { return Neg(x[0]) },
		"Sign": func(x []*Node) *Node { return Sign(x[0]) },
	})
	o.add(2, numbers, false, map[string]func(x []*Node) *Node{
		"Where": func(x []*Node) *Node { return Where(GreaterThan(x[0], x[1]), x[0], x[1]) },
	})
}

func (o *operationTable) addActivations() {
	floats := []dtypes.DType{f32, f64, b16, f16}
	for activation := compute.ActivationRelu; activation <= compute.ActivationGeluApproximate; activation++ {
		config := compute.ActivationConfig{Type: activation}
		// Some have kernels of their own in float32 and 16 bits.
		o.add(1, floats, false, map[string]func(x []*Node) *Node{
			fmt.Sprint("activation ", activation): func(x []*Node) *Node { return BackendFusedActivation(x[0], config) },
		})
		o.add(3, floats, true, map[string]func(x []*Node) *Node{
			fmt.Sprint("gradient of activation ", activation): func(x []*Node) *Node {
				return BackendFusedActivationVJP(x[0], x[1], x[2], config)
			},
		})
		o.add(2, floats, false, map[string]func(x []*Node) *Node{
			fmt.Sprint("dense layer with ", activation): func(x []*Node) *Node {
				return BackendFusedDense(Reshape(x[0], 1, -1), Reshape(x[1], -1, 1), nil,
					compute.DenseConfig{Activation: config})
			},
		})
	}
	o.add(2, floats, false, map[string]func(x []*Node) *Node{
		"SwiGLU": func(x []*Node) *Node {
			return BackendFusedActivation(x[0], compute.ActivationConfig{Type: compute.ActivationSwiGLU})
		},
	})
}

func (o *operationTable) addReductions() {
	singles, others := []dtypes.DType{f32, i32, u32}, []dtypes.DType{f64, b16, f16}
	for name, reduce := range map[string]func(x *Node, axes ...int) *Node{
		"maximum": ReduceMax, "minimum": ReduceMin, "product": ReduceMultiply, "sum": ReduceSum,
	} {
		sum := name == "sum" // of which there are kernels in assembly
		columns := map[string]func(x []*Node) *Node{name + " over rows": func(x []*Node) *Node {
			return reduce(Reshape(Concatenate(x, 0), 2, -1), 0)
		}}
		o.add(2, append(singles, f64), !sum, columns)
		o.add(2, []dtypes.DType{b16, f16}, false, columns)
		over := func(columns int) map[string]func(x []*Node) *Node {
			return map[string]func(x []*Node) *Node{fmt.Sprintf("%s over %d columns", name, columns): func(x []*Node) *Node {
				return reduce(Reshape(x[0], -1, columns), 1)
			}}
		}
		// Where there is AVX-512, fewer than 12 columns of float32 are read one by one; elsewhere so is what 12 leave.
		wide := archsimd.X86.AVX512()
		o.add(1, []dtypes.DType{i32, u32}, !sum, over(6))
		o.add(1, []dtypes.DType{f32}, !sum && !wide, over(6))
		o.add(1, []dtypes.DType{f32}, !sum && wide, over(12))
		o.add(1, others, false, over(6))
	}
	for name, scatter := range map[string]func(operand, indices, updates *Node, sorted, unique bool) *Node{
		"ScatterSum": ScatterSum, "ScatterMax": ScatterMax, "ScatterMin": ScatterMin,
	} {
		o.add(2, []dtypes.DType{f32, f64, i32, u32}, true, map[string]func(x []*Node) *Node{
			name: func(x []*Node) *Node {
				first := Zeros(x[0].Graph(), shapes.Make(i32, 1, 1))
				return scatter(Reshape(x[0], 1, -1), first, Reshape(x[1], 1, -1), false, false)
			},
		})
	}
	o.add(3, []dtypes.DType{f32, f64}, false, map[string]func(x []*Node) *Node{
		"LayerNorm": func(x []*Node) *Node { return BackendFusedLayerNorm(x[0], []int{0}, 1e-5, x[1], x[2]) },
		"Softmax":   func(x []*Node) *Node { return BackendFusedSoftmax(x[0], 0) },
		"product": func(x []*Node) *Node {
			return Dot(Reshape(x[0], 2, -1), Reshape(x[1], -1, 2)).Product()
		},
	})
}
