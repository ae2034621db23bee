package backends

import (
	"math"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

const sameFirstLoss = 1e-5

// The deeper a network, the more of its activations round to the other side of ReLU's corner, where the gradient jumps: of
// DenseNet-BC-100, two arithmetics have gradients so far apart that their norms say nothing, and are not compared.
func TestThePapersNetworksStartAlikeOnBothBackends(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: large networks")
	}
	xla, inGo := both(t)
	for _, test := range []struct {
		name     string
		sameNorm float64
	}{
		{"resnet34", 1e-5},
		{"wideresnet-28-10", 1e-4},
		{"densenet-bc-100", math.Inf(1)},
	} {
		t.Run(test.name, func(t *testing.T) {
			loss, norm := firstStep(t, xla, test.name)
			wantLoss, wantNorm := firstStep(t, inGo, test.name)
			checkRelative(t, "the first loss", loss, wantLoss, sameFirstLoss)
			checkRelative(t, "the norm of its gradient", norm, wantNorm, test.sameNorm)
		})
	}
}

// firstStep returns the loss of DisMax of the first two images, and the Euclidean norm of its gradient.
func firstStep(t *testing.T, on opened, modelName string) (loss, norm float64) {
	t.Helper()
	const batch = 2
	n, set := newNetwork(t, modelName, "dismax"), images(t).Train
	pixels := tensors.FromFlatDataAndDimensions(set.Pixels[:batch*n.PixelBytes()], batch, n.Height, n.Width, n.Channels())
	labels := tensors.FromFlatDataAndDimensions(set.Labels[:batch], batch, 1)
	results, err := model.CallOnceN(on.compute, newStore(t), func(scope *model.Scope, images, labels *Node) []*Node {
		scope.Store().SetTraining(images.Graph(), true)
		loss := ReduceAllMean(n.Loss.Function([]*Node{labels}, []*Node{n.Logits(scope, images)}))
		squares := ScalarZero(images.Graph(), loss.DType())
		for _, gradient := range scope.BuildTrainableVariablesGradientsGraph(loss) {
			squares = Add(squares, ReduceAllSum(Square(gradient)))
		}
		return []*Node{loss, Sqrt(squares)}
	}, pixels, labels)
	if err != nil {
		t.Fatal(err)
	}
	return float64(results[0].Value().(float32)), float64(results[1].Value().(float32))
}

func checkRelative(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	difference := math.Abs(got-want) / math.Abs(want)
	if !(difference <= tolerance) {
		t.Errorf("%s: got %.8g, want %.8g to %.0e", what, got, want, tolerance)
	}
	t.Logf("%s: %.8g and %.8g, %.1e apart", what, got, want, difference)
}
