package models

import (
	"math"

	"github.com/dismax-go/dismax/internal/initial"
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/distributed"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/compute/support/xslices"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers/activation"
	"github.com/gomlx/gomlx/ml/model"
)

const (
	batchNormEpsilon  = 1e-5
	batchNormMomentum = 0.1
)

// kaimingStd is the standard deviation of the initial kernels of the paper's networks: sqrt(2 / fan-out), with fan-out
// the output channels times the kernel's area. GoMLX's own He initializer divides by the fan-in.
func kaimingStd(kernelSize, channels int) float64 {
	return math.Sqrt(2 / float64(kernelSize*kernelSize*channels))
}

// variableDType is what variables are kept, and statistics and means computed, in: float32 for activations x of fewer
// bits.
func variableDType(x *Node) dtypes.DType {
	if x.DType() == dtypes.Float64 {
		return dtypes.Float64
	}
	return dtypes.Float32
}

// convolution is a square convolution without bias on x, [batch, height, width, in], that keeps the image size at
// stride 1. A 3x3 kernel of stride 2 pads like PyTorch's padding 1. It is GoMLX's layer but for the dtype of the
// kernel, which there is that of x.
func convolution(scope *model.Scope, x *Node, channels, kernelSize, stride int) *Node {
	shape := shapes.Make(variableDType(x), kernelSize, kernelSize, x.Shape().Dim(-1), channels)
	kernel := initial.Normal(x.Graph(), scope, "weights", shape, kaimingStd(kernelSize, channels))
	return Convolve(x, ConvertDType(kernel.NodeValue(x.Graph()), x.DType())).Strides(stride).PadSame().Done()
}

// biasedConvolution is a convolution with a bias that starts at 0 and is added in the dtype of the variables.
func biasedConvolution(scope *model.Scope, x *Node, channels, kernelSize, stride int) *Node {
	y := convolution(scope, x, channels, kernelSize, stride)
	variable := initial.Constant(x.Graph(), scope, "biases", shapes.Make(variableDType(x), channels), 0)
	bias := ExpandLeftToRank(variable.NodeValue(x.Graph()), y.Rank())
	return ConvertDType(Add(ConvertDType(y, bias.DType()), bias), x.DType())
}

// normalization is a batch normalization over all axes of x but the last, with PyTorch's semantics: the running
// statistics start at mean 0 and variance 1 and move by a fixed momentum, and the running variance is the unbiased
// one. GoMLX's layer debiases the momentum and keeps the biased variance, so that networks trained by the two would
// differ in evaluation.
type normalization struct {
	scope        *model.Scope
	x            *Node
	momentum     float64
	initialScale float64
}

func batchNorm(scope *model.Scope, x *Node) *normalization {
	return &normalization{scope: scope, x: x, momentum: batchNormMomentum, initialScale: 1}
}

// Momentum sets the weight of the new batch in the running statistics (PyTorch's sense; 1 minus GoMLX's).
func (n *normalization) Momentum(momentum float64) *normalization {
	n.momentum = momentum
	return n
}

// ZeroScale makes the scale start at 0, so that a residual block starts as the identity.
func (n *normalization) ZeroScale() *normalization {
	n.initialScale = 0
	return n
}

// Done returns the normalized x, in the dtype of x, computed in that of the variables.
func (n *normalization) Done() *Node {
	x := ConvertDType(n.x, variableDType(n.x))
	return ConvertDType(n.normalize(x), n.x.DType())
}

func (n *normalization) normalize(x *Node) *Node {
	g, channels := x.Graph(), x.Shape().Dim(-1)
	variable := func(name string, value float64) *model.Variable {
		return initial.Constant(g, n.scope, name, shapes.Make(x.DType(), channels), value)
	}
	scale := variable("scale", n.initialScale).NodeValue(g)
	offset := variable("offset", 0).NodeValue(g)
	mean := variable("mean", 0).SetTrainable(false)
	variance := variable("variance", 1).SetTrainable(false)

	if !n.scope.IsTraining(g) {
		if isDifferentiable(g) {
			factor := Div(scale, Sqrt(AddScalar(variance.NodeValue(g), batchNormEpsilon)))
			return Add(Mul(Sub(x, lastAxis(mean.NodeValue(g), x)), lastAxis(factor, x)), lastAxis(offset, x))
		}
		return InternalBatchNormForInference(x, scale, offset, mean.NodeValue(g), variance.NodeValue(g),
			batchNormEpsilon, -1)
	}
	normalized, batchMean, batchVariance := normalizeByBatch(x, scale, offset)
	count := float64(x.Shape().Size() / channels)
	n.updateRunning(mean, batchMean)
	n.updateRunning(variance, MulScalar(batchVariance, count/max(count-1, 1)))
	return normalized
}

// normalizeByBatch returns x normalized by the mean and the biased variance of the batch, and these, [channels].
func normalizeByBatch(x, scale, offset *Node) (normalized, mean, variance *Node) {
	if x.Graph().DistributedStrategy() == distributed.None {
		return InternalBatchNormForTraining(x, scale, offset, batchNormEpsilon, -1)
	}
	// XLA does not divide the fused op among devices, but gathers the whole batch on each of them.
	axes := xslices.Iota(0, x.Rank()-1)
	mean = ReduceMean(x, axes...)
	centred := Sub(x, lastAxis(mean, x))
	variance = ReduceMean(Square(centred), axes...)
	factor := Mul(scale, Reciprocal(Sqrt(AddScalar(variance, batchNormEpsilon))))
	return Add(Mul(centred, lastAxis(factor, x)), lastAxis(offset, x)), mean, variance
}

// updateRunning moves a running statistic towards the one of the batch.
func (n *normalization) updateRunning(running *model.Variable, batch *Node) {
	old := running.NodeValue(batch.Graph())
	batch = StopGradient(batch)
	running.SetNodeValue(Add(MulScalar(old, 1-n.momentum), MulScalar(batch, n.momentum)))
}

// relu is max(x, 0), whose derivative at 0 is 0 as in PyTorch. GoMLX's is that where the backend has a fused one; the
// derivative of its composed one is 1. Blocks that start as the identity have many activations of exactly 0.
func relu(x *Node) *Node {
	if x.Graph().Backend().Capabilities().Operations[compute.OpTypeFusedActivationVJP] {
		return activation.Relu(x)
	}
	return Max(ZerosLike(x), x) // of equals, the first has the gradient
}

// globalMean averages over the pixels, [batch, height, width, channels] to [batch, channels], in the dtype of the
// variables.
func globalMean(x *Node) *Node { return ReduceMean(ConvertDType(x, variableDType(x)), 1, 2) }
