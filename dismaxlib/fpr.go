package dismaxlib

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// mixedParam marks the graphs whose images went through MixQuadrants.
const mixedParam = model.ScopeSeparator + "dismax_mixed_quadrants"

// MixQuadrants builds the images of fractional probability regularization (FPR, Figure 1 of the paper). The first half
// of the batch stays as it is. In the second half, image i keeps its top-left quadrant and takes the bottom-left one
// of image i-1, the top-right one of i-2 and the bottom-right one of i-3, counted cyclically within that half.
//
// Images are [batch, height, width, channels] of any dtype, at least 2 by 2, and so is the result; of an odd height
// (width) the upper (left) part is the smaller one. Of an odd batch the second half is the larger one; a batch of one
// stays as it is. Shuffle the batch before, as any training loop does: the partners of an image are its neighbours.
//
// Call it in training graphs only, before the backbone, and train with [FPRLoss]. [Loss.Images] does so. It moves pixels
// and changes none, so that it may come before or after a normalization of each channel. Like all graph-building code it
// panics on errors, such as images of another rank, which GoMLX returns.
func MixQuadrants(images *Node) *Node {
	shape := images.Shape()
	if shape.Rank() != 4 || shape.Dim(0) < 1 || shape.Dim(1) < 2 || shape.Dim(2) < 2 {
		Panicf("dismaxlib.MixQuadrants takes images [batch, height, width, channels] of at least 2x2 pixels, got %s",
			shape)
	}
	model.SetGraphParam(images.Graph(), mixedParam, true)
	batch, height, width := shape.Dim(0), shape.Dim(1), shape.Dim(2)
	plain := batch / 2
	if batch-plain == 1 {
		return images
	}
	top, bottom := AxisRange(0, height/2), AxisRange(height/2)
	left, right := AxisRange(0, width/2), AxisRange(width/2)
	quadrant := func(rows, columns SliceAxisSpec, shift int) *Node {
		return roll(Slice(images, AxisRange(plain), rows, columns), shift)
	}
	mixed := Concatenate([]*Node{
		Concatenate([]*Node{quadrant(top, left, 0), quadrant(top, right, 2)}, 2),
		Concatenate([]*Node{quadrant(bottom, left, 1), quadrant(bottom, right, 3)}, 2),
	}, 1)
	return Concatenate([]*Node{Slice(images, AxisRange(0, plain)), mixed}, 0)
}

// roll moves the rows of the first axis by shift places, cyclically: row i of the result is row i-shift of x.
func roll(x *Node, shift int) *Node {
	size := x.Shape().Dim(0)
	shift %= size
	if shift == 0 {
		return x
	}
	return Concatenate([]*Node{Slice(x, AxisRange(size-shift)), Slice(x, AxisRange(0, size-shift))}, 0)
}

// FPRLoss returns the DisMax loss with fractional probability regularization: in training graphs
//
//	loss = (CE + alpha KL) / 2
//
// CE is the [EntropicLoss] of the first half of the batch. KL is the mean over the second half, whose images
// [MixQuadrants] mixed, of the Kullback-Leibler divergence of the probabilities softmax(10 logits) from the targets
// made of a quarter for each quadrant's label. In evaluation graphs the loss is the EntropicLoss of the whole batch.
//
// An odd batch has floor(batch/2) plain and ceil(batch/2) mixed images. A batch of one has nothing to mix, and its
// loss is the EntropicLoss. Inputs, result and panics are those of [SoftMaxLoss]. FPRLoss itself panics unless alpha,
// which is 1 in the published code, is finite and not negative.
//
// A training graph whose images were not mixed is refused, because its targets would be wrong.
func FPRLoss(alpha float64) train.LossFn {
	if !isWeight(alpha) {
		Panicf("dismaxlib.FPRLoss takes a finite alpha that is not negative, got %g", alpha)
	}
	return func(labels, predictions []*Node) *Node {
		classes, logits := lossInputs("FPRLoss", labels, predictions)
		if !isTraining(logits) || logits.Shape().Dim(0) == 1 {
			return EntropicLoss(labels, predictions)
		}
		if _, mixed := model.GetGraphParam(logits, mixedParam); !mixed {
			Panicf("dismaxlib.FPRLoss needs images of mixed quadrants: begin the model function with " +
				"images = loss.Images(scope, images)")
		}
		return Add(fractionalLoss(classes, logits, alpha), nanUnlessClasses(classes, logits))
	}
}

// HalfLoss returns the control of [FPRLoss]: in training graphs, the [EntropicLoss] of the first floor(batch/2) images
// of a batch, times the weight. The other images pass through the network, and so through the statistics of its batch
// normalization, and add nothing to the loss. Weight 1/2 is what FPRLoss gives its plain images, so that it tells what
// the mixed ones add; weight 1 is the step of a plain loss. In evaluation graphs, and for a batch of one, the loss is
// the EntropicLoss. Inputs, result and panics are those of [SoftMaxLoss]. HalfLoss itself panics unless the weight is
// finite and not negative.
func HalfLoss(weight float64) train.LossFn {
	if !isWeight(weight) {
		Panicf("dismaxlib.HalfLoss takes a finite weight that is not negative, got %g", weight)
	}
	return func(labels, predictions []*Node) *Node {
		classes, logits := lossInputs("HalfLoss", labels, predictions)
		plain := logits.Shape().Dim(0) / 2
		if !isTraining(logits) || plain == 0 {
			return EntropicLoss(labels, predictions)
		}
		half := meanCrossEntropy(Slice(classes, AxisRange(0, plain)), Slice(logits, AxisRange(0, plain)), EntropicScale)
		return Add(MulScalar(half, weight), nanUnlessClasses(classes, logits))
	}
}

func isWeight(alpha float64) bool { return alpha >= 0 && !math.IsInf(alpha, 1) }

// fractionalLoss is (CE of the first half + alpha KL of the second half) / 2. The cross entropy of a one-hot target is
// its divergence, so each row adds the divergence of the probabilities from its target, times a weight.
func fractionalLoss(labels, logits *Node, alpha float64) *Node {
	sources, shares, weights := quadrants(logits.Shape().Dim(0), alpha)
	targets := Einsum("ij,jc->ic", constantLike(logits, shares), oneHot(labels, logits))
	quadrantLabels := Gather(labels, InsertAxes(Const(labels.Graph(), sources), -1))
	divergences := Sub(
		crossEntropies(targets, logits, EntropicScale),
		entropies(quadrantLabels, logits.DType()))
	return ReduceAllSum(Mul(constantLike(logits, weights), divergences))
}

// entropies returns -sum_c t_c log t_c of the targets made of a quarter for each of four labels [batch, 4]: the mean of
// -log t at the four labels.
func entropies(labels *Node, dtype dtypes.DType) *Node {
	same := ConvertDType(Equal(InsertAxes(labels, -1), InsertAxes(labels, 1)), dtype)
	return Neg(ReduceMean(Log(ReduceMean(same, -1)), -1))
}

// quadrants returns which images the quadrants of each image of a mixed batch come from, [batch, 4], the shares that
// follow, [batch, batch], and how much each row weighs in the loss, [batch].
func quadrants(batch int, alpha float64) (sources [][]int32, shares [][]float64, weights []float64) {
	plain := batch / 2
	mixed := batch - plain
	sources, shares, weights = make([][]int32, batch), make([][]float64, batch), make([]float64, batch)
	for i := range batch {
		sources[i], shares[i] = make([]int32, 4), make([]float64, batch)
		for shift := range 4 {
			source := i
			if i >= plain {
				source = plain + (i-plain+3*mixed-shift)%mixed
			}
			sources[i][shift] = int32(source)
			shares[i][source] += 0.25
		}
		weights[i] = 0.5 / float64(plain)
		if i >= plain {
			weights[i] = 0.5 * alpha / float64(mixed)
		}
	}
	return sources, shares, weights
}

func constantLike(x *Node, value any) *Node {
	return Const(x.Graph(), shapes.CastAsDType(value, x.DType()))
}
