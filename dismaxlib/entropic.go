package dismaxlib

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// EntropicScale multiplies the logits of distance-based heads inside the loss while training, and only there: the
// probabilities of evaluation then have high entropy.
const EntropicScale = 10.0

// SoftMaxLoss is the mean cross entropy,
//
//	loss = mean over the batch of -log softmax(logits)[label]
//
// computed from the log-softmax, so that it stays finite for any finite logits. It is a train.LossFn: labels[0] holds
// integers [batch, 1] or [batch], predictions[0] the logits [batch, classes], floats of any precision. The result is a
// scalar in the dtype of the logits, float32 if these have 16 bits. A label outside of [0, classes) makes it NaN, which
// stops the training loop. Like all graph-building code it panics on errors, such as other shapes, which GoMLX returns.
func SoftMaxLoss(labels, predictions []*Node) *Node {
	classes, logits := lossInputs("SoftMaxLoss", labels, predictions)
	return meanCrossEntropy(classes, logits, 1)
}

// EntropicLoss is the loss of IsoMax, IsoMax+ and DisMax: the mean cross entropy of logits times [EntropicScale] in
// training graphs, and of the plain logits in evaluation graphs:
//
//	loss = mean over the batch of -log softmax(10 logits)[label]
//
// A graph is one of training if train.Trainer or scope.SetTraining marked it so. Inputs, result and
// panics are those of [SoftMaxLoss].
func EntropicLoss(labels, predictions []*Node) *Node {
	classes, logits := lossInputs("EntropicLoss", labels, predictions)
	if isTraining(logits) {
		return meanCrossEntropy(classes, logits, EntropicScale)
	}
	return meanCrossEntropy(classes, logits, 1)
}

// meanCrossEntropy returns the mean over the batch of -log softmax(scale logits)[label], a scalar.
func meanCrossEntropy(labels, logits *Node, scale float64) *Node {
	crossEntropies := crossEntropies(oneHot(labels, logits), logits, scale)
	return Add(ReduceAllMean(crossEntropies), nanUnlessClasses(labels, logits))
}

// crossEntropies returns -sum_c t_c log p_c [batch] of targets t [batch, classes] that sum to 1 and of
// p = softmax(scale logits).
func crossEntropies(targets, logits *Node, scale float64) *Node {
	return Neg(ReduceSum(Mul(targets, LogSoftmax(MulScalar(logits, scale))), -1))
}

// oneHot returns labels [batch] as rows shaped like the logits.
func oneHot(labels, logits *Node) *Node {
	return OneHot(labels, logits.Shape().Dim(1), logits.DType())
}

// nanUnlessClasses is 0 if all labels lie in [0, classes), else NaN: a graph cannot return an error.
func nanUnlessClasses(labels, logits *Node) *Node {
	numClasses := logits.Shape().Dim(1)
	isClass := LogicalAnd(
		GreaterOrEqual(labels, ZerosLike(labels)),
		LessThan(labels, Scalar(labels.Graph(), labels.DType(), numClasses)))
	zero, nan := ScalarZero(logits.Graph(), logits.DType()), Scalar(logits.Graph(), logits.DType(), math.NaN())
	return Where(LogicalAll(isClass), zero, nan)
}

// lossInputs returns labels [batch] and logits [batch, classes], and panics if a trainer passed something else.
func lossInputs(name string, labels, predictions []*Node) (classes, logits *Node) {
	if len(labels) != 1 || len(predictions) != 1 {
		Panicf("dismaxlib.%s takes one labels tensor and one of logits, got %d and %d",
			name, len(labels), len(predictions))
	}
	classes, logits = labels[0], predictions[0]
	if logits.Rank() != 2 || !logits.DType().IsFloat() || logits.Shape().Dim(0) < 1 || logits.Shape().Dim(1) < 1 {
		Panicf("dismaxlib.%s takes logits of floats shaped [batch, classes], got %s", name, logits.Shape())
	}
	batch := logits.Shape().Dim(0)
	isColumn := classes.Rank() == 2 && classes.Shape().Dim(1) == 1
	if !classes.DType().IsInt() || !(classes.Rank() == 1 || isColumn) || classes.Shape().Dim(0) != batch {
		Panicf("dismaxlib.%s takes labels of integers shaped [%d, 1], one for each row of the logits %s, got %s",
			name, batch, logits.Shape(), classes.Shape())
	}
	return ConvertDType(Reshape(classes, batch), dtypes.Int32), atLeastFloat32(logits)
}

// isTraining reports whether a node belongs to a training graph.
func isTraining(node *Node) bool {
	value, found := model.GetGraphParam(node, model.ScopeSeparator+model.GraphParamIsTraining)
	training, isBool := value.(bool)
	return found && isBool && training
}
