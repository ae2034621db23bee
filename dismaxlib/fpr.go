package dismaxlib

import (
	"math"

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
// Images are [batch, height, width, channels], at least 2 by 2; of an odd height (width) the upper (left) part is the
// smaller one. Of an odd batch the second half is the larger one; a batch of one stays as it is. Shuffle the batch
// before, as any training loop does: the partners of an image are its neighbours.
//
// Call it in training graphs only, on normalized images, before the backbone, and train with [FPRLoss].
// [Loss.Images] does so.
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
// loss is the EntropicLoss. Inputs are those of [SoftMaxLoss]; alpha must be finite and not negative, and is 1 in the
// published code.
//
// A training graph whose images were not mixed is refused, because its targets would be wrong.
func FPRLoss(alpha float64) train.LossFn {
	if !(alpha >= 0) || math.IsInf(alpha, 1) {
		Panicf("dismaxlib.FPRLoss takes a finite alpha that is not negative, got %g", alpha)
	}
	return func(labels, predictions []*Node) *Node {
		classes, logits := lossInputs("FPRLoss", labels, predictions)
		if batch := logits.Shape().Dim(0); !isTraining(logits) || batch == 1 {
			return EntropicLoss(labels, predictions)
		}
		if _, mixed := model.GetGraphParam(logits, mixedParam); !mixed {
			Panicf("dismaxlib.FPRLoss needs images of mixed quadrants: begin the model function with " +
				"images = loss.Images(scope, images)")
		}
		return fractionalLoss(classes, MulScalar(logits, EntropicScale), alpha)
	}
}

// fractionalLoss is (CE of the first half + alpha KL of the second half) / 2, for batches of two and more.
func fractionalLoss(labels, logits *Node, alpha float64) *Node {
	logProbabilities := LogSoftmax(logits)
	targets := oneHot(labels, logProbabilities)
	plain := logits.Shape().Dim(0) / 2
	first := func(x *Node) *Node { return Slice(x, AxisRange(0, plain)) }
	second := func(x *Node) *Node { return Slice(x, AxisRange(plain)) }

	ce := crossEntropy(first(targets), first(logProbabilities))
	fractional := quarters(second(targets))
	kl := Sub(crossEntropy(fractional, second(logProbabilities)), entropy(fractional))
	return DivScalar(Add(ce, MulScalar(kl, alpha)), 2)
}

// quarters returns the target distribution of the mixed images: a quarter of each quadrant's one-hot label.
func quarters(oneHot *Node) *Node {
	sum := oneHot
	for shift := 1; shift <= 3; shift++ {
		sum = Add(sum, roll(oneHot, shift))
	}
	return DivScalar(sum, 4)
}

// entropy returns the mean over rows of -sum p log p, where 0 log 0 is 0. It is meant for constants: p gets no gradient
// of use where it is 0.
func entropy(p *Node) *Node {
	logP := Log(Where(Equal(p, ZerosLike(p)), OnesLike(p), p))
	return Neg(ReduceAllMean(ReduceSum(Mul(p, logP), -1)))
}
