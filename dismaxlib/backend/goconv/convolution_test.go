package goconv_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	timage "github.com/gomlx/gomlx/core/tensors/images"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/direct"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/kerneltest"
)

// convolutionCase is a convolution that GoMLX accepts and differentiates.
type convolutionCase struct {
	input, kernel                            shapes.Shape
	channelsFirst                            bool
	strides, kernelDilations, inputDilations []int
	paddings                                 [][2]int
	channelGroups                            int
}

func (c convolutionCase) String() string {
	return fmt.Sprintf("%s * %s, channels first %v, strides %v, paddings %v, dilations %v of the input %v, %d groups",
		c.input, c.kernel, c.channelsFirst, c.strides, c.paddings, c.kernelDilations, c.inputDilations, c.channelGroups)
}

// drawConvolution draws small convolutions of all kinds: 1-D and 2-D, both layouts, stride or dilation, groups.
func drawConvolution(random *rand.Rand, dtype dtypes.DType) convolutionCase {
	oneIn := func(n int) bool { return random.IntN(n) == 0 }
	c := convolutionCase{channelsFirst: oneIn(5), channelGroups: 1}
	batch, in, out := 1+random.IntN(4), 1+random.IntN(6), 1+random.IntN(6)
	if oneIn(10) {
		c.channelGroups, in, out = 2, 2*in, 2*out
	}
	dilate, dilateInput := oneIn(3), oneIn(8)
	var sizes, taps []int
	for range 1 + random.IntN(2) {
		tap, size, stride, dilation, inputDilation := 1+random.IntN(4), 1+random.IntN(9), 1, 1, 1
		if oneIn(5) {
			tap = 1
		}
		if dilate {
			dilation = 1 + random.IntN(3)
		} else {
			stride = 1 + random.IntN(3)
		}
		if dilateInput {
			inputDilation = 1 + random.IntN(3)
		}
		reach := (tap-1)*dilation + 1
		// GoMLX cannot differentiate a convolution with more padding than this in front.
		padding := [2]int{random.IntN((reach-1)/2*2 + 1), random.IntN(reach)}
		for (size-1)*inputDilation+1+padding[0]+padding[1] < reach {
			size++
		}
		sizes, taps = append(sizes, size), append(taps, tap)
		c.strides, c.kernelDilations = append(c.strides, stride), append(c.kernelDilations, dilation)
		c.paddings = append(c.paddings, padding)
		if dilateInput {
			c.inputDilations = append(c.inputDilations, inputDilation)
		}
	}
	if c.channelsFirst {
		c.input = shapes.Make(dtype, slices.Concat([]int{batch, in}, sizes)...)
		c.kernel = shapes.Make(dtype, slices.Concat([]int{out, in / c.channelGroups}, taps)...)
	} else {
		c.input = shapes.Make(dtype, slices.Concat([]int{batch}, sizes, []int{in})...)
		c.kernel = shapes.Make(dtype, slices.Concat(taps, []int{in / c.channelGroups, out})...)
	}
	return c
}

func (c convolutionCase) convolve(x, kernel *graph.Node) *graph.Node {
	convolve := graph.Convolve(x, kernel)
	if c.channelsFirst {
		convolve = convolve.ChannelsAxis(timage.ChannelsFirst)
	}
	return convolve.StridePerAxis(c.strides...).DilationPerAxis(c.kernelDilations...).
		InputDilationPerAxis(c.inputDilations...).PaddingPerDim(c.paddings).ChannelGroupCount(c.channelGroups).Done()
}

// graph convolves and differentiates Σ weight·y² with respect to both operands.
func (c convolutionCase) graph(operands []*graph.Node) []*graph.Node {
	x, kernel := operands[0], operands[1]
	y := c.convolve(x, kernel)
	weight := graph.AddScalar(graph.Sin(graph.IotaFull(x.Graph(), y.Shape())), 0.25)
	loss := graph.ReduceAllSum(graph.Mul(graph.Square(y), weight))
	return append([]*graph.Node{y}, graph.Gradient(loss, x, kernel)...)
}

var outputNames = []string{"value", "gradient of the input", "gradient of the kernel"}

// inOtherDType is the same convolution of other numbers.
func (c convolutionCase) inOtherDType(dtype dtypes.DType) convolutionCase {
	c.input, c.kernel = shapes.Make(dtype, c.input.Dimensions...), shapes.Make(dtype, c.kernel.Dimensions...)
	return c
}

func TestRandomConvolutionsAgreeWithTheInnerBackend(t *testing.T) {
	usual := 1000
	if testing.Short() {
		usual = 100
	}
	cases := kerneltest.Cases(t, usual)
	inner, err := gobackend.New("")
	if err != nil {
		t.Fatal(err)
	}
	for _, options := range []string{"", "im2col", "im2col,columns=0", "parallelism=1"} {
		backend := open(t, options)
		random := rand.New(rand.NewPCG(1, 2))
		for i := range cases {
			dtype := dtypes.Float32
			if i%4 == 0 {
				dtype = dtypes.Float64
			}
			c := drawConvolution(random, dtype)
			x, kernel := randomTensor(random, c.input), randomTensor(random, c.kernel)
			want := call(t, inner, c.graph, x, kernel)
			got := call(t, backend, c.graph, x, kernel)
			for o := range want {
				if e := relativeError(got[o], want[o]); e > 1e-5 {
					t.Errorf("options %q, case %d, %s: %s is off by %.2g relative, want at most 1e-5",
						options, i, c, outputNames[o], e)
				}
			}
		}
	}
}

func TestConvolutionsOfRealSizeAgreeWithFloat64(t *testing.T) {
	same := func(strides ...int) convolutionCase {
		return convolutionCase{strides: strides, kernelDilations: []int{1, 1}, channelGroups: 1,
			paddings: [][2]int{{1, 1}, {1, 1}}}
	}
	sized := func(c convolutionCase, input, kernel []int) convolutionCase {
		c.input, c.kernel = graphShape(input...), graphShape(kernel...)
		return c
	}
	pointwise := same(2, 2)
	pointwise.paddings = make([][2]int, 2)
	cases := []convolutionCase{
		sized(same(1, 1), []int{3, 16, 16, 16}, []int{3, 3, 16, 16}),
		sized(same(2, 2), []int{3, 16, 16, 16}, []int{3, 3, 16, 32}),
		sized(same(1, 1), []int{2, 4, 4, 256}, []int{3, 3, 256, 48}),
		sized(pointwise, []int{3, 16, 16, 24}, []int{1, 1, 24, 36}),
		sized(same(1, 1), []int{3, 16, 16, 64}, []int{3, 3, 64, 64}),
		sized(same(1, 1), []int{4, 9, 7, 50}, []int{3, 3, 50, 33}),
	}
	exact, err := gobackend.New("")
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(9, 10))
	for _, c := range cases {
		x, kernel := randomTensor(random, c.input), randomTensor(random, c.kernel)
		inFloat64 := c.inOtherDType(dtypes.Float64)
		want := call(t, exact, inFloat64.graph, asFloat64(x), asFloat64(kernel))
		for _, options := range []string{"", "winograd=0", "im2col", "im2col,columns=0"} {
			got := call(t, open(t, options), c.graph, x, kernel)
			for o := range want {
				if e := relativeError(got[o], want[o]); e > 1e-5 {
					t.Errorf("options %q, %s: %s is off by %.2g relative", options, c, outputNames[o], e)
				}
			}
		}
	}
}

// TestWinogradCanBeSwitchedOff tells by the rounding, which is another one.
func TestWinogradCanBeSwitchedOff(t *testing.T) {
	c := convolutionCase{
		strides: []int{1, 1}, kernelDilations: []int{1, 1}, channelGroups: 1, paddings: [][2]int{{1, 1}, {1, 1}},
		input: graphShape(4, 16, 16, 64), kernel: graphShape(3, 3, 64, 64),
	}
	random := rand.New(rand.NewPCG(13, 14))
	x, kernel := randomTensor(random, c.input), randomTensor(random, c.kernel)
	byDefault, on := call(t, open(t, ""), c.graph, x, kernel), call(t, open(t, "winograd=1"), c.graph, x, kernel)
	off := call(t, open(t, "winograd=0"), c.graph, x, kernel)
	for o := range off {
		if !slices.Equal(byDefault[o], on[o]) {
			t.Errorf("%s: got other bits by default than with winograd=1", outputNames[o])
		}
		if changed := !slices.Equal(on[o], off[o]); changed != direct.Available() {
			t.Errorf("%s: winograd=0 changed the bits: got %v, want %v", outputNames[o], changed, direct.Available())
		}
	}
	if _, err := goconv.New("winograd=maybe"); err == nil || !strings.Contains(err.Error(), "winograd=maybe") {
		t.Errorf("winograd=maybe: got error %v, want one that names it", err)
	}
}
