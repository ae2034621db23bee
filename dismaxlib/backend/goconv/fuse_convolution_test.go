package goconv_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/layers/activation"
	"github.com/gomlx/gomlx/ml/layers/norm"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/gomlx/gomlx/ml/train/loss"
	"github.com/gomlx/gomlx/ml/train/optimizer"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/batchnorm"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/direct"
)

// normalizedConvolution is a convolution of odd or even images by a square kernel, whose result is normalized.
type normalizedConvolution struct {
	batch, height, width, in, out int
	taps, stride                  int
}

// convolve is a convolution of x that keeps the size of its images if its stride is 1.
func (c *normalizedConvolution) convolve(x, kernel *Node) *Node {
	return Convolve(x, kernel).Strides(c.stride).PadSame().Done()
}

// TestConvolutionsNormalizeTheirResultsBitForBit compares with the same operations kept apart, on all cores and on one,
// by every family of kernels. Some pixels are not finite.
func TestConvolutionsNormalizeTheirResultsBitForBit(t *testing.T) {
	random := rand.New(rand.NewPCG(51, 52))
	for _, options := range []string{"", "winograd=0"} {
		fused, apart := open(t, options), open(t, options+",parallelism=1")
		for _, c := range []normalizedConvolution{
			{2, 9, 7, 40, 16, 3, 1}, {5, 8, 8, 32, 64, 3, 1}, {3, 33, 5, 33, 48, 3, 1}, {1, 16, 16, 256, 144, 3, 1},
			{3, 7, 7, 5, 16, 3, 1}, {4, 17, 16, 16, 16, 3, 1}, {2, 11, 11, 64, 48, 3, 2}, {2, 7, 9, 16, 32, 1, 2},
			{1, 4, 4, 250, 16, 1, 1}, {7, 1, 1, 3, 80, 1, 1}, {2, 9, 9, 8, 12, 3, 1}, {2, 9, 9, 40, 24, 3, 1},
			{3, 9, 9, 16, 40, 3, 2}, {2, 9, 9, 48, 8, 3, 1},
		} {
			operands := c.operands(random)
			for _, adds := range []bool{false, true} {
				for _, rectifies := range []bool{false, true} {
					t.Run(fmt.Sprintf("%s/%+v/adds=%t/rectifies=%t", options, c, adds, rectifies), func(t *testing.T) {
						graphOf := func(isApart bool) func(v []*Node) []*Node {
							return func(v []*Node) []*Node { return c.graph(v, adds, rectifies, isApart) }
						}
						got, want := call(t, fused, graphOf(false), operands...), call(t, apart, graphOf(true), operands...)
						checkSame(t, "the result", got[0], want[0])
					})
				}
			}
		}
	}
}

// operands are x, the kernel, scale, offset and mean, the root of the variance, and a residual.
func (c *normalizedConvolution) operands(random *rand.Rand) []*tensors.Tensor {
	x := randomTensor(random, graphShape(c.batch, c.height, c.width, c.in))
	x.MustMutableFlatData(func(flat any) {
		pixels := flat.([]float32)
		pixels[len(pixels)/2], pixels[len(pixels)-1] = float32(math.NaN()), float32(math.Inf(-1))
	})
	operands := []*tensors.Tensor{x, randomTensor(random, graphShape(c.taps, c.taps, c.in, c.out))}
	for range 4 {
		operands = append(operands, randomTensor(random, graphShape(c.out)))
	}
	height, width := (c.height+c.stride-1)/c.stride, (c.width+c.stride-1)/c.stride
	return append(operands, randomTensor(random, graphShape(c.batch, height, width, c.out)))
}

// graph returns the result, and if it is to be apart what lies between the operations.
func (c *normalizedConvolution) graph(v []*Node, adds, rectifies, apart bool) []*Node {
	convolved := c.convolve(v[0], v[1])
	y := InternalBatchNormForInference(convolved, v[2], v[3], v[4], Square(v[5]), batchNormEpsilon, -1)
	between := []*Node{convolved, y}
	if adds {
		y = Add(v[6], y)
		between = append(between, y)
	}
	if rectifies {
		y = activation.Relu(y)
	}
	if apart {
		return append([]*Node{y}, between...)
	}
	return []*Node{y}
}

// TestResidualsOfConvolutionsAreThereWhenTheyAreAdded compares blocks of networks, whose residuals are made before, in
// between and after, with matrix products.
func TestResidualsOfConvolutionsAreThereWhenTheyAreAdded(t *testing.T) {
	blocks := map[string]func(x *Node, normalized func(x *Node) *Node) *Node{
		"the images": func(x *Node, normalized func(x *Node) *Node) *Node { return Add(normalized(x), x) },
		"the result of another": func(x *Node, normalized func(x *Node) *Node) *Node {
			shortcut := normalized(Sin(x))
			return Add(normalized(activation.Relu(normalized(x))), shortcut)
		},
		"the result of a later one": func(x *Node, normalized func(x *Node) *Node) *Node {
			y := normalized(activation.Relu(normalized(x)))
			return Add(y, normalized(Sin(x)))
		},
		"what a later segment makes": func(x *Node, normalized func(x *Node) *Node) *Node {
			y := normalized(x)
			return Add(y, Tanh(y))
		},
		"the convolution's own result": func(x *Node, normalized func(x *Node) *Node) *Node {
			return Add(normalized(x), Cos(normalized(x)))
		},
	}
	fused, whole := open(t, ""), open(t, "im2col")
	random := rand.New(rand.NewPCG(53, 54))
	for name, block := range blocks {
		t.Run(name, func(t *testing.T) {
			graph := func(v []*Node) []*Node {
				normalized := func(x *Node) *Node {
					y := Convolve(x, v[1]).PadSame().Done()
					return InternalBatchNormForInference(y, v[2], v[2], v[2], Square(v[2]), batchNormEpsilon, -1)
				}
				return []*Node{activation.Relu(block(activation.Relu(block(v[0], normalized)), normalized))}
			}
			operands := []*tensors.Tensor{
				randomTensor(random, graphShape(3, 9, 7, 16)), randomTensor(random, graphShape(3, 3, 16, 16)),
				randomTensor(random, graphShape(16)),
			}
			got, want := call(t, fused, graph, operands...), call(t, whole, graph, operands...)
			if e := relativeError(got[0], want[0]); e > 1e-5 {
				t.Errorf("got results off by %.2g relative, want at most 1e-5", e)
			}
		})
	}
}

// TestConvolutionsNormalizeWhatTheyReadBitForBit compares values and gradients with those of normalizations that are
// computed on their own, because what they make is returned, too; on all cores and on one.
func TestConvolutionsNormalizeWhatTheyReadBitForBit(t *testing.T) {
	random := rand.New(rand.NewPCG(55, 56))
	for _, options := range []string{"", "winograd=0"} {
		fused, apart := open(t, options), open(t, options+",parallelism=1")
		for _, c := range []normalizedConvolution{
			{4, 8, 8, 36, 48, 1, 1}, {3, 16, 16, 24, 48, 1, 1}, {5, 8, 8, 16, 16, 3, 1}, {2, 9, 8, 32, 40, 3, 1},
			{3, 8, 8, 64, 24, 3, 2}, {2, 6, 10, 20, 12, 3, 1}, {2, 5, 5, 13, 7, 1, 1}, {2, 8, 8, 16, 32, 1, 2},
		} {
			operands := c.operands(random)
			operands[2], operands[3] = randomTensor(random, graphShape(c.in)), randomTensor(random, graphShape(c.in))
			for _, training := range []bool{false, true} {
				for _, convolutions := range []int{1, 2} {
					t.Run(fmt.Sprintf("%s/%+v/training=%t/convolutions=%d", options, c, training, convolutions), func(t *testing.T) {
						graphOf := func(isApart bool) func(v []*Node) []*Node {
							return func(v []*Node) []*Node { return c.readingGraph(v[:4], training, convolutions, isApart) }
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
}

// readingGraph returns convolutions of what is normalized and rectified by scale and offset, and for training gradients.
// If it is to be apart it returns what the convolutions read, too.
func (c *normalizedConvolution) readingGraph(v []*Node, training bool, convolutions int, apart bool) []*Node {
	x, kernel, scale, offset := v[0], v[1], v[2], v[3]
	if training { // its statistics are of all pixels
		x = Where(IsFinite(x), x, ZerosLike(x))
	}
	var y *Node
	if training {
		y, _, _ = InternalBatchNormForTraining(x, scale, offset, batchNormEpsilon, -1)
	} else {
		y = InternalBatchNormForInference(x, scale, offset, offset, Square(scale), batchNormEpsilon, -1)
	}
	y = activation.Relu(y)
	var results []*Node
	for i := range convolutions {
		results = append(results, c.convolve(y, AddScalar(kernel, float64(i))))
	}
	if training {
		loss := weightedLoss(results[0])
		for _, result := range results[1:] {
			loss = Add(loss, weightedLoss(result))
		}
		results = append(results, Gradient(loss, x, kernel, scale, offset)...)
	}
	if apart {
		results = append(results, y)
	}
	return results
}

// Images of one axis.
func TestConvolutionsOfSequencesNormalizeWhatTheyReadBitForBit(t *testing.T) {
	random := rand.New(rand.NewPCG(57, 58))
	c := normalizedConvolution{stride: 1}
	operands := []*tensors.Tensor{
		randomTensor(random, graphShape(3, 16, 36)), randomTensor(random, graphShape(3, 36, 24)),
		randomTensor(random, graphShape(36)), randomTensor(random, graphShape(36)),
	}
	fused, apart := open(t, ""), open(t, "parallelism=1")
	for _, training := range []bool{false, true} {
		graphOf := func(isApart bool) func(v []*Node) []*Node {
			return func(v []*Node) []*Node { return c.readingGraph(v, training, 1, isApart) }
		}
		got, want := call(t, fused, graphOf(false), operands...), call(t, apart, graphOf(true), operands...)
		for i := range got {
			checkSame(t, fmt.Sprintf("training %t, result %d", training, i), got[i], want[i])
		}
	}
}

// Scale, offset and kernel are written over where they are read last: by convolutions and gradients that normalize.
func TestTrainingIsTheSameWhereConvolutionsNormalizeBitForBit(t *testing.T) {
	trained := func(apart bool) map[string][]float64 {
		random := rand.New(rand.NewPCG(59, 60))
		store := model.NewStore()
		if err := store.SetRNGStateFromSeed(1); err != nil {
			t.Fatal(err)
		}
		network := func(scope *model.Scope, _ any, inputs []*Node) []*Node {
			x := activation.Relu(norm.BatchNorm(scope.In("norm"), inputs[0], -1).Done())
			y := layers.Convolution(scope.In("convolution"), x).Channels(24).KernelSize(1).UseBias(false).Done()
			if apart { // another reader, which adds nothing
				y = Add(y, MulScalar(Slice(x, AxisRange(), AxisRange(), AxisRange(), AxisRange(0, 24)), 0))
			}
			return []*Node{layers.Dense(scope.In("logits"), ReduceMean(y, 1, 2), true, 3)}
		}
		trainer := train.NewTrainer(open(t, ""), store, network, loss.SparseCategoricalCrossEntropyLogits,
			optimizer.Adam().LearningRate(0.01).Done(), nil, nil)
		for range 4 {
			labels := tensors.FromFlatDataAndDimensions([]int32{0, 1, 2, 0, 1}, 5, 1)
			_, err := trainer.TrainStep(train.Batch{
				Inputs: []*tensors.Tensor{randomTensor(random, graphShape(5, 8, 8, 36))}, Labels: []*tensors.Tensor{labels},
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		return variablesOf(store)
	}
	together, apart := trained(false), trained(true)
	if len(together) < 10 {
		t.Fatalf("the network has %d variables, want those of all layers and of the optimizer", len(together))
	}
	for name, want := range apart {
		checkSame(t, name, together[name], want)
	}
}

func TestConvolutionsTakeInTheNormalizationsAroundThem(t *testing.T) {
	if !batchnorm.Available() || !direct.Available() {
		t.Skip("this build or processor has no kernels of both")
	}
	channelsLast := compute.ConvolveAxesConfig{
		InputBatch: 0, InputSpatial: []int{1, 2}, InputChannels: 3,
		KernelSpatial: []int{0, 1}, KernelInputChannels: 2, KernelOutputChannels: 3,
		OutputBatch: 0, OutputSpatial: []int{1, 2}, OutputChannels: 3,
	}
	ofKernel := compute.ConvolveAxesConfig{ // as GoMLX's gradient of the kernel has them
		InputBatch: 3, InputSpatial: []int{1, 2}, InputChannels: 0,
		KernelSpatial: []int{1, 2}, KernelInputChannels: 0, KernelOutputChannels: 3,
		OutputBatch: 2, OutputSpatial: []int{0, 1}, OutputChannels: 3,
	}
	relu := compute.ActivationConfig{Type: compute.ActivationRelu}
	normalized := func(main compute.Function, y, v compute.Value) compute.Value {
		return must(main.BatchNormForInference(y, v, v, v, v, 1e-3, 3))
	}
	kernels := 0
	convolved := func(main compute.Function, z compute.Value) compute.Value {
		kernels++
		kernel := must(main.Parameter(fmt.Sprint("kernel", kernels), graphShape(1, 1, 16, 16), nil))
		return must(main.ConvGeneral(z, kernel, channelsLast, nil, nil, nil, nil, 1, 1))
	}
	tests := []struct {
		name     string
		channels int
		build    func(main compute.Function, x, y, v compute.Value) []compute.Value
		want     int // operations that are left
		reads    int // convolutions among them that normalize what they read
	}{
		{"normalized", 16, func(main compute.Function, x, y, v compute.Value) []compute.Value {
			return []compute.Value{normalized(main, y, v)}
		}, 1, 0},
		{"normalized, added and rectified", 16, func(main compute.Function, x, y, v compute.Value) []compute.Value {
			return []compute.Value{must(main.FusedActivation(must(main.Add(x, normalized(main, y, v))), relu))}
		}, 1, 0},
		{"with another user", 16, func(main compute.Function, x, y, v compute.Value) []compute.Value {
			return []compute.Value{normalized(main, y, v), must(main.Sin(y))}
		}, 3, 0},
		{"added to the normalization", 16, func(main compute.Function, x, y, v compute.Value) []compute.Value {
			return []compute.Value{must(main.Add(y, normalized(main, y, v)))}
		}, 2, 0},
		{"returned", 16, func(main compute.Function, x, y, v compute.Value) []compute.Value {
			return []compute.Value{normalized(main, y, v), y}
		}, 2, 0},
		{"normalized for training", 16, func(main compute.Function, x, y, v compute.Value) []compute.Value {
			z, _, _ := must3(main.BatchNormForTraining(y, v, v, 1e-3, 3))
			return []compute.Value{z}
		}, 2, 0},
		{"with channels that fill vectors, but no pairs of them", 24, func(main compute.Function, x, y, v compute.Value) []compute.Value {
			return []compute.Value{normalized(main, y, v)}
		}, 1, 0},
		{"normalized, read and normalized", 16, func(main compute.Function, x, y, v compute.Value) []compute.Value {
			z := must(main.FusedActivation(normalized(main, y, v), relu))
			return []compute.Value{normalized(main, convolved(main, z), v)}
		}, 2, 0},
		{"a normalized residual, read", 16, func(main compute.Function, x, y, v compute.Value) []compute.Value {
			z := normalized(main, must(main.Add(x, y)), v)
			return []compute.Value{convolved(main, z)}
		}, 3, 1},
		{"normalized for training and read twice", 16, func(main compute.Function, x, y, v compute.Value) []compute.Value {
			z, _, _ := must3(main.BatchNormForTraining(x, v, v, 1e-3, 3))
			return []compute.Value{convolved(main, z), must(main.Sin(convolved(main, z)))}
		}, 4, 2},
		{"normalized for training and rectified, with the gradient of a kernel", 16,
			func(main compute.Function, x, y, v compute.Value) []compute.Value {
				z, _, _ := must3(main.BatchNormForTraining(x, v, v, 1e-3, 3))
				z = must(main.FusedActivation(z, relu))
				dy := convolved(main, z)
				return []compute.Value{must(main.ConvGeneral(z, dy, ofKernel, nil, nil, nil, nil, 1, 1))}
			}, 3, 2},
		{"read by a convolution and by another operation", 16, func(main compute.Function, x, y, v compute.Value) []compute.Value {
			z := normalized(main, x, v)
			return []compute.Value{convolved(main, z), must(main.Sin(z))}
		}, 3, 0},
		{"with channels that fill no vectors", 20, func(main compute.Function, x, y, v compute.Value) []compute.Value {
			return []compute.Value{normalized(main, y, v)}
		}, 2, 0},
	}
	backend := open(t, "")
	for _, test := range tests {
		builder := backend.Builder(test.name)
		main := builder.Main()
		x := must(main.Parameter("x", graphShape(2, 4, 4, test.channels), nil))
		w := must(main.Parameter("w", graphShape(1, 1, test.channels, test.channels), nil))
		v := must(main.Parameter("v", graphShape(test.channels), nil))
		y := must(main.ConvGeneral(x, w, channelsLast, nil, nil, nil, nil, 1, 1))
		if err := main.Return(test.build(main, x, y, v), nil); err != nil {
			t.Fatal(err)
		}
		if got := must(goconv.OperationsLeft(builder)); got != test.want {
			t.Errorf("%s: %d operations are left, want %d", test.name, got, test.want)
		}
		if got := must(goconv.Readers(builder)); got != test.reads {
			t.Errorf("%s: %d convolutions normalize what they read, want %d", test.name, got, test.reads)
		}
	}
}
