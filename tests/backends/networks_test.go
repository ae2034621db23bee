package backends

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

const (
	sameFirstStep = 1e-5
	// roundingMargin is how many times as far apart as one backend's own float32 gradients two backends' may lie, beyond
	// sameFirstStep: one rounds all of its operations otherwise than the other, where the images are rounded once.
	roundingMargin = 3
)

// The deeper a network, the more of its activations round to the other side of ReLU's corner, where the gradient jumps. So
// the norm of the gradient is compared within 1e-5 in float64, on images so small that XLA, which is slow in float64, does
// it in seconds; and in float32, which other kernels compute, within 1e-5 or what rounding explains: the norms of one
// backend for images whose last bits were moved.
func TestThePapersNetworksStartAlikeOnBothBackends(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: large networks")
	}
	xla, inGo := both(t)
	for _, name := range []string{"resnet34", "wideresnet-28-10", "densenet-bc-100"} {
		t.Run(name, func(t *testing.T) {
			single := firstStep{name, 32, dtypes.Float32}
			step, wantStep := single.on(t, xla), single.on(t, inGo)
			loss, norm := step(ones)
			wantLoss, wantNorm := wantStep(ones)
			checkRelative(t, "the first loss", loss, wantLoss, sameFirstStep)
			rounding := 0.0
			for range 8 {
				_, moved := wantStep(lastBits)
				rounding = max(rounding, math.Abs(moved-wantNorm)/wantNorm)
			}
			t.Logf("images with other last bits have norms up to %.1e apart", rounding)
			checkRelative(t, "the norm of its gradient", norm, wantNorm, sameFirstStep+roundingMargin*rounding)
		})
		t.Run(name+" in float64", func(t *testing.T) {
			double := firstStep{name, 8, dtypes.Float64}
			loss, norm := double.on(t, xla)(ones)
			wantLoss, wantNorm := double.on(t, inGo)(ones)
			checkRelative(t, "the first loss", loss, wantLoss, sameFirstStep)
			checkRelative(t, "the norm of its gradient", norm, wantNorm, sameFirstStep)
		})
	}
}

// firstStep is a network's first step of training with DisMax, on two images.
type firstStep struct {
	model string
	size  int // of the images, in pixels
	dtype dtypes.DType
}

// stepOn computes the loss, and the Euclidean norm of its gradient with respect to all variables, for images that were
// normalized on the host, so that both backends have the same, times what factor returns for each of their numbers.
type stepOn func(factor func() float32) (loss, norm float64)

func ones() float32 { return 1 }

var random = rand.New(rand.NewPCG(1, 2))

// lastBits is 1 or one of the two float32 beside it: as a factor, it moves last bits.
func lastBits() float32 {
	if direction := random.IntN(3) - 1; direction != 0 {
		return math.Nextafter32(1, float32(math.Inf(direction)))
	}
	return 1
}

func (s firstStep) on(t *testing.T, on opened) stepOn {
	t.Helper()
	const batch = 2
	n, set := newNetwork(t, s.model, "dismax"), images(t).Train
	n.Height, n.Width = s.size, s.size
	labels := tensors.FromFlatDataAndDimensions(set.Labels[:batch], batch, 1)
	exec, err := model.NewExec(on.compute, newStore(t), func(scope *model.Scope, images, labels *Node) []*Node {
		scope.Store().SetTraining(images.Graph(), true)
		_, logits := n.FeaturesAndLogits(scope, ConvertDType(images, s.dtype))
		loss := ReduceAllMean(n.Loss.Function([]*Node{labels}, []*Node{logits}))
		squares := ScalarZero(images.Graph(), loss.DType())
		for _, gradient := range scope.BuildTrainableVariablesGradientsGraph(loss) {
			squares = Add(squares, ReduceAllSum(Square(gradient)))
		}
		return []*Node{ConvertDType(loss, dtypes.Float64), ConvertDType(Sqrt(squares), dtypes.Float64)}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(exec.Finalize)
	return func(factor func() float32) (loss, norm float64) {
		normalized := make([]float32, batch*n.PixelBytes())
		for i := range normalized {
			channel := i % n.Channels()
			normalized[i] = (float32(set.Pixels[i])/255 - n.Mean[channel]) / n.Std[channel] * factor()
		}
		images := tensors.FromFlatDataAndDimensions(normalized, batch, n.Height, n.Width, n.Channels())
		results, err := exec.Exec(images, labels)
		if err != nil {
			t.Fatal(err)
		}
		return results[0].Value().(float64), results[1].Value().(float64)
	}
}

func checkRelative(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	difference := math.Abs(got-want) / math.Abs(want)
	if !(difference <= tolerance) {
		t.Errorf("%s: got %.10g, want %.10g to %.1e", what, got, want, tolerance)
	}
	t.Logf("%s: %.10g and %.10g, %.1e apart, allowed %.1e", what, got, want, difference, tolerance)
}
