package dismaxlib

import (
	"math"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// Similarity says how a head compares a feature with the prototype of a class, for [GODIN].
type Similarity string

// The similarities of GODIN's paper, by its letters.
const (
	Cosine    Similarity = "cosine"    // C: unit(feature) · unit(prototype_j)
	Inner     Similarity = "inner"     // I: feature · prototype_j + bias_j
	Euclidean Similarity = "euclidean" // E: -‖feature - prototype_j‖²
)

// ScaledCosine is the head of "Hyperparameter-free out-of-distribution detection using cosine similarity" (Techapanurak
// et al. 2019, arXiv 1905.10628, equations 2 and 3): cosines between the feature and the prototypes, times a scale that
// the feature chooses for itself,
//
//	logit_j = scale cosine_j / temperature
//	cosine_j = unit(feature) · unit(prototype_j)
//	scale = exp(normalize(weights · feature + bias))
//
// where normalize is a batch normalization of this one number. Prototypes start as N(0, 2/features), the weights and the
// bias of the scale uniform in ±1/sqrt(features). It is trained with [SoftMaxLoss]; its score is [MaxSimilarity], the
// largest cosine. The paper spares the prototypes the weight decay, which here is the optimizer's and takes all.
func ScaledCosine(scope *model.Scope, features *Node, numClasses int) *Head {
	return newHead(scope, features, numClasses, func(h *Head) *Node {
		return Mul(Exp(MinScalar(h.ownNumber("scale"), largestExponent)), h.similarities(Cosine))
	})
}

// GODIN is the head of Generalized ODIN (Hsu et al. 2020, arXiv 2002.11297, equations 4 to 7), without its preprocessing
// of images: similarities h_j between the feature and the prototypes, divided by a number g that the feature chooses for
// itself,
//
//	logit_j = h_j / g / temperature
//	g = sigmoid(normalize(weights · feature + bias))
//
// where normalize is a batch normalization of this one number, and h_j a [Similarity]; the paper's first choice is the
// cosine. Initial values are those of [ScaledCosine], and the bias of Inner starts at 0. It is trained with
// [SoftMaxLoss]; its score is [MaxSimilarity], max_j h_j. The published code averages the square of Euclidean over the
// features, where the paper's equation adds it up, and spares the prototypes the weight decay, which here is the
// optimizer's and takes all.
func GODIN(scope *model.Scope, features *Node, numClasses int, similarity Similarity) *Head {
	return newHead(scope, features, numClasses, func(h *Head) *Node {
		return Div(h.similarities(similarity), Sigmoid(MaxScalar(h.ownNumber("divisor"), -largestExponent)))
	})
}

// largestExponent bounds what the scale and the divisor are exponentials of, so that logits of features as no training
// has them stay finite in float32.
const largestExponent = 80

// similarities are the similarities of the features and the prototypes, [batch, classes].
func (h *Head) similarities(similarity Similarity) *Node {
	width := h.features.Shape().Dim(1)
	prototypes := h.prototypes("prototypes", normal(math.Sqrt(2/float64(width))))
	switch similarity {
	case Cosine:
		return Einsum("bf,cf->bc", unit(h.features), unit(prototypes))
	case Inner:
		bias := zeros(h.features.Graph(), h.scope, "prototype_bias", shapes.Make(h.features.DType(), h.classes))
		return Add(Einsum("bf,cf->bc", h.features, prototypes), InsertAxes(bias.NodeValue(h.features), 0))
	case Euclidean:
		return Neg(Square(distances(h.features, prototypes)))
	}
	Panicf("dismaxlib: unknown similarity %q: choose one of %s, %s, %s", similarity, Cosine, Inner, Euclidean)
	return nil
}

// ownNumber is a linear function of the feature, normalized over the batch, [batch, 1].
func (h *Head) ownNumber(name string) *Node {
	g, dtype, width := h.features.Graph(), h.features.DType(), h.features.Shape().Dim(1)
	scope, draw := h.scope.In("%s", name), uniform(1/math.Sqrt(float64(width)))
	weights := draw(g, scope, "weights", shapes.Make(dtype, 1, width)).NodeValue(g)
	bias := draw(g, scope, "bias", shapes.Make(dtype, 1)).NodeValue(g)
	number := Add(Einsum("bf,of->bo", h.features, weights), InsertAxes(bias, 0))
	return normalizeOverBatch(scope.In("normalization"), number)
}

// What PyTorch's batch normalization adds to a variance, and how much its running statistics take of a batch.
const (
	normalizationEpsilon  = 1e-5
	normalizationMomentum = 0.1
)

// normalizeOverBatch is a batch normalization of one number, x [batch, 1], as PyTorch's: in training graphs by the mean
// and the variance of the batch, else by their running averages, of which that of the variance is unbiased. It is made
// of plain operations, so that it has a gradient in evaluation graphs too.
func normalizeOverBatch(scope *model.Scope, x *Node) *Node {
	g, shape := x.Graph(), shapes.Make(x.DType(), 1)
	variable := func(name string, initial model.VariableInitializer) *model.Variable {
		return scope.WithInitializer(initial).VariableWithShape(name, shape)
	}
	scale, offset := variable("scale", initializer.One).NodeValue(g), variable("offset", initializer.Zero).NodeValue(g)
	runningMean := variable("mean", initializer.Zero).SetTrainable(false)
	runningVariance := variable("variance", initializer.One).SetTrainable(false)
	mean, variance := runningMean.NodeValue(g), runningVariance.NodeValue(g)
	if scope.IsTraining(g) {
		mean = ReduceMean(x, 0)
		variance = ReduceMean(Square(Sub(x, InsertAxes(mean, 0))), 0)
		batch := float64(x.Shape().Dim(0))
		moveTowards(runningMean, mean)
		moveTowards(runningVariance, MulScalar(variance, batch/max(batch-1, 1)))
	}
	normalized := Div(Sub(x, InsertAxes(mean, 0)), InsertAxes(Sqrt(AddScalar(variance, normalizationEpsilon)), 0))
	return Add(Mul(normalized, InsertAxes(scale, 0)), InsertAxes(offset, 0))
}

// moveTowards moves a running average towards the value of a batch.
func moveTowards(running *model.Variable, batch *Node) {
	old := running.NodeValue(batch.Graph())
	running.SetNodeValue(Add(MulScalar(old, 1-normalizationMomentum), MulScalar(StopGradient(batch), normalizationMomentum)))
}

// similaritiesOf makes a function of Loss.
func similaritiesOf(similarity Similarity) func(*model.Scope, *Node, int) *Node {
	return func(scope *model.Scope, features *Node, numClasses int) *Node {
		h := newHead(scope, features, numClasses, nil)
		h.scope = scope.In(HeadScope)
		return h.similarities(similarity)
	}
}

// MaxSimilarity is the score of heads that scale or divide similarities by a number of their own for each input, which
// has no part in it: max_j cosine_j of [ScaledCosine] and max_j h_j of [GODIN].
var MaxSimilarity = &Score{
	Name: "MaxSimilarity", Title: "largest similarity, before the head scales it",
	Needs: NeedsFeatures | NeedsSimilarities,
	Graph: func(in ScoreInputs) *Node { return ReduceMax(in.Similarities(in.Features), -1) },
}

// godinName is the name of GODIN with cosines. Any other similarity follows it: "godin:inner".
const godinName = "godin"

// scaledCosine is the loss of ScaledCosine.
var scaledCosine = &Loss{
	Name: "scaled-cosine", Title: "Scaled Cosine", Head: done(ScaledCosine), Function: SoftMaxLoss,
	Similarities: similaritiesOf(Cosine), Scores: []*Score{MaxSimilarity, MPS},
}

// godin is the loss of GODIN with the similarity.
func godin(similarity Similarity) *Loss {
	loss := &Loss{
		Name: godinName, Title: "GODIN", Function: SoftMaxLoss,
		Head: func(scope *model.Scope, features *Node, numClasses int) *Node {
			return GODIN(scope, features, numClasses, similarity).Done()
		},
		Similarities: similaritiesOf(similarity), Scores: []*Score{MaxSimilarity, MPS},
	}
	if similarity != Cosine {
		loss.Name += ":" + string(similarity)
		loss.Title += " (" + string(similarity) + ")"
	}
	return loss
}
