package goconv_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/direct"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/kerneltest"
)

// Packages direct and winograd test their kernels likewise. Here convolutions go through GoMLX's graphs and gradients,
// and goconv chooses the kernel.
func TestRandomConvolutionsAreTheSumsThatDefineThem(t *testing.T) {
	inFloat32 := kerneltest.Precision{Unit: 0x1p-24, Factor: 3}
	// The sums that it is compared with are of the same precision.
	inFloat64 := kerneltest.Precision{Unit: 0x1p-53, Factor: 2 * 3}
	inBFloat16 := kerneltest.Precision{Unit: 0x1p-24, Factor: 3, Result: 0x1p-8}
	for _, family := range []struct {
		name, options string
		dtype         dtypes.DType
		axes          int
		precision     kerneltest.Precision
	}{
		{"2-D", "", dtypes.Float32, 2, inFloat32},
		{"1-D", "", dtypes.Float32, 1, inFloat32},
		{"matrix product", "im2col", dtypes.Float32, 2, inFloat32},
		{"matrix product with columns made twice", "im2col,columns=0", dtypes.Float32, 2, inFloat32},
		{"float64", "", dtypes.Float64, 2, inFloat64},
		{"bfloat16", "", dtypes.BFloat16, 2, inBFloat16},
	} {
		t.Run(family.name, func(t *testing.T) {
			backend := open(t, family.options)
			name := family.name + ", with gradients"
			kerneltest.Family(t, name, 50, func(random *rand.Rand) (excess float64, convolution string) {
				c := drawConvolution(random, family.dtype)
				for c.channelsFirst || c.channelGroups > 1 || len(c.strides) != family.axes {
					c = drawConvolution(random, family.dtype)
				}
				d := c.direct()
				x := operand(random, kerneltest.ImagesLen(d), family.dtype)
				w := operand(random, kerneltest.KernelLen(d), family.dtype)
				dy := operand(random, kerneltest.ResultsLen(d), family.dtype)
				got := call(t, backend, c.sum, tensors.FromFlatDataAndDimensions(x, c.input.Dimensions...),
					tensors.FromFlatDataAndDimensions(w, c.kernel.Dimensions...), tensors.FromValue(dy))
				for o, want := range []*kerneltest.Sums{
					kerneltest.Forward(d, x, w), kerneltest.InputGradient(d, w, dy), kerneltest.KernelGradient(d, x, dy),
				} {
					if outputNames[o] == "gradient of the input" && c.gradientIsShifted() {
						continue
					}
					if e := kerneltest.Excess(family.precision, got[o], want); e > excess {
						excess, convolution = e, fmt.Sprintf("%s: %s", c, outputNames[o])
					}
				}
				return excess, convolution
			})
		})
	}
}

// sum convolves x by w in the convolution's dtype, and differentiates the sum of the products with dy, whose order is
// that of the convolution's result.
func (c convolutionCase) sum(operands []*graph.Node) []*graph.Node {
	for i := range operands {
		operands[i] = graph.ConvertDType(operands[i], c.input.DType)
	}
	x, w := operands[0], operands[1]
	y := c.convolve(x, w)
	dy := graph.Reshape(operands[2], y.Shape().Dimensions...)
	results := append([]*graph.Node{y}, graph.Gradient(graph.ReduceAllSum(graph.Mul(y, dy)), x, w)...)
	for i := range results {
		results[i] = graph.ConvertDType(results[i], dtypes.Float64)
	}
	return results
}

// gradientIsShifted reports whether GoMLX asks for another convolution than the gradient of the input, as it does where
// the taps reach over an even number of pixels: see UPSTREAM.md.
func (c convolutionCase) gradientIsShifted() bool {
	for i, dilation := range c.kernelDilations {
		if (c.kernel.Dim(i)-1)*dilation%2 == 1 {
			return true
		}
	}
	return false
}

// direct describes the convolution with channels last and without groups, in the order of its arrays.
func (c convolutionCase) direct() direct.Convolution {
	unit := direct.Spatial{Size: 1, Taps: 1, Positions: 1, Stride: 1, Dilation: 1, InputDilation: 1}
	d := direct.Convolution{
		Batch: c.input.Dim(0), In: c.input.Dim(-1), Out: c.kernel.Dim(-1), Axes: [2]direct.Spatial{unit, unit},
	}
	for i := range c.strides {
		axis := direct.Spatial{
			Size: c.input.Dim(1 + i), Taps: c.kernel.Dim(i), Stride: c.strides[i], Dilation: c.kernelDilations[i],
			Pad: c.paddings[i][0], InputDilation: 1,
		}
		if c.inputDilations != nil {
			axis.InputDilation = c.inputDilations[i]
		}
		padded := (axis.Size-1)*axis.InputDilation + 1 + c.paddings[i][0] + c.paddings[i][1]
		axis.Positions = (padded-(axis.Taps-1)*axis.Dilation-1)/axis.Stride + 1
		d.Axes[i+2-len(c.strides)] = axis
	}
	return kerneltest.Ordered(d)
}

// operand is normally distributed, of numbers that the dtype has.
func operand(random *rand.Rand, n int, dtype dtypes.DType) []float64 {
	values := make([]float64, n)
	for i := range values {
		values[i] = random.NormFloat64()
		switch dtype {
		case dtypes.Float32:
			values[i] = float64(float32(values[i]))
		case dtypes.BFloat16: // the upper half of a float32
			values[i] = float64(math.Float32frombits(math.Float32bits(float32(values[i])) &^ 0xffff))
		}
	}
	return values
}
