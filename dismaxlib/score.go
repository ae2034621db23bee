package dismaxlib

import (
	"slices"
	"strings"

	"github.com/dismax-go/dismax/internal/registry"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	. "github.com/gomlx/gomlx/support/exceptions"
)

// Score measures how much an input looks like those of training: the larger, the more in-distribution.
// (Some libraries define their scores the other way round.)
//
// A score of your own is a value of this type. It works as it is, with [Score.Apply] inside a graph and with [Scorer]
// on stored outputs; [RegisterScore] makes it appear by its name everywhere.
type Score struct {
	// Name is the abbreviation of the paper, Title the words behind it: "MMLES", "max-mean logit entropy score".
	Name, Title string

	// Parameters are the numbers that the score was built with, for records: {"temperature": 1000}. Nil if it has none.
	Parameters map[string]float64

	// Needs says what Graph reads besides the logits.
	Needs Needs

	// Fit computes the state of the score from the network's outputs on its training set; [FitScores] calls it. It is
	// nil for a score without state.
	Fit func(training TrainingOutputs) (Fitted, error)

	// Graph computes the score of each row, [batch], from that row alone. Its inputs are in float64. Like all
	// graph-building code it panics on errors.
	Graph func(in ScoreInputs) *Node
}

// Needs is a set of what a score reads besides the logits.
type Needs uint8

// The elements of [Needs].
const (
	NeedsFeatures     Needs = 1 << iota // ScoreInputs.Features
	NeedsHead                           // ScoreInputs.Head: the score changes features
	NeedsImages                         // ScoreInputs.Images and Network: the score follows a gradient or changes images
	NeedsLinearHead                     // TrainingOutputs.Weights and Bias: the score is defined for linear heads alone
	NeedsSimilarities                   // ScoreInputs.Similarities: the score is defined for heads with Loss.Similarities
)

// AllNeeds holds every element.
const AllNeeds = NeedsFeatures | NeedsHead | NeedsImages | NeedsLinearHead | NeedsSimilarities

// Has reports whether the set holds all of the elements.
func (n Needs) Has(elements Needs) bool { return n&elements == elements }

// String lists the elements: "features, head".
func (n Needs) String() string {
	var names []string
	for i, name := range []string{"features", "head", "images", "linear head", "similarities"} {
		if n.Has(1 << i) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// Fitted is the state of a score that was fitted on a training set, by name. Scores without state have nil.
type Fitted map[string]*tensors.Tensor

// ScoreInputs is what a score is computed from. Logits are always there, the rest where the score needs it.
type ScoreInputs struct {
	Logits   *Node            // [batch, classes], raw: not divided by any temperature
	Features *Node            // [batch, features]
	Fitted   map[string]*Node // the state, with the names and shapes that Fit gave it

	// Head is the network's head: features [batch, features] to raw logits [batch, classes].
	Head func(features *Node) (logits *Node)

	// Similarities are those of the head, features [batch, features] to [batch, classes]; see [Loss.Similarities].
	Similarities func(features *Node) *Node

	Images *Node // normalized [batch, height, width, channels]

	// Network is all of the network, in evaluation mode. The gradient of what it returns with respect to its images
	// exists; that of the field Logits need not.
	Network func(images *Node) (features, logits *Node)
}

// AppliesTo reports whether the score is defined for networks trained with the loss: one that needs a linear head, or
// similarities, is not, unless the loss has them.
func (s *Score) AppliesTo(loss *Loss) bool {
	return (loss.LinearHead || !s.Needs.Has(NeedsLinearHead)) && (loss.Similarities != nil || !s.Needs.Has(NeedsSimilarities))
}

// Apply adds the score to a graph: [batch] in float64, from inputs of any precision. Logits must be raw. It panics if
// the inputs lack what the score needs.
func (s *Score) Apply(in ScoreInputs) *Node {
	if missing := s.Needs &^ NeedsLinearHead &^ in.has(); missing != 0 {
		Panicf("score %s needs more than logits, and was not given: %s", s.Name, missing)
	}
	if s.Fit != nil && in.Fitted == nil {
		Panicf("score %s has to be fitted first, on outputs of the training set: see dismaxlib.FitScores", s.Name)
	}
	score := s.Graph(in.inFloat64())
	batch := in.Logits.Shape().Dim(0)
	if score.Rank() != 1 || score.Shape().Dim(0) != batch {
		Panicf("score %s must be one number for each row, [%d], and its graph returned %s", s.Name, batch, score.Shape())
	}
	return toFloat64(score)
}

// has returns the needs that the inputs meet.
func (in ScoreInputs) has() Needs {
	var has Needs
	if in.Features != nil {
		has |= NeedsFeatures
	}
	if in.Head != nil {
		has |= NeedsHead
	}
	if in.Similarities != nil {
		has |= NeedsSimilarities
	}
	if in.Images != nil && in.Network != nil {
		has |= NeedsImages
	}
	return has
}

// inFloat64 converts all that a score calculates with, so that a score does not depend on how a backend adds up
// float32. The network itself goes on in its own precision.
func (in ScoreInputs) inFloat64() ScoreInputs {
	out := in
	out.Logits = toFloat64(in.Logits)
	out.Fitted = make(map[string]*Node, len(in.Fitted))
	for name, value := range in.Fitted {
		out.Fitted[name] = toFloat64(value)
	}
	if in.Features != nil {
		out.Features = toFloat64(in.Features)
	}
	if in.Head != nil && in.Features != nil {
		out.Head = func(features *Node) *Node {
			return toFloat64(in.Head(ConvertDType(features, in.Features.DType())))
		}
	}
	if in.Similarities != nil && in.Features != nil {
		out.Similarities = func(features *Node) *Node {
			return toFloat64(in.Similarities(ConvertDType(features, in.Features.DType())))
		}
	}
	if in.Network != nil && in.Images != nil {
		out.Network = func(images *Node) (features, logits *Node) {
			features, logits = in.Network(ConvertDType(images, in.Images.DType()))
			return toFloat64(features), toFloat64(logits)
		}
	}
	return out
}

// toFloat64 converts floats and leaves integers as they are.
func toFloat64(x *Node) *Node {
	if !x.DType().IsFloat() {
		return x
	}
	return ConvertDType(x, dtypes.Float64)
}

var scores = registry.New[*Score]("score")

// RegisterScore adds a score of your own, so that the command line, the notebooks and the reports find it by its name.
// It panics if the score is nil or has no Graph, or if its name is empty or taken.
func RegisterScore(score *Score) {
	if score == nil {
		Panicf("dismaxlib.RegisterScore: the score is nil")
	}
	if score.Graph == nil {
		Panicf("dismaxlib.RegisterScore: the score %q has no Graph", score.Name)
	}
	scores.Register(score.Name, score)
}

// ScoreByName returns a registered score; the error of an unknown name lists the known ones and wraps [ErrUnknown].
// "MaxLogit" is another name of [MDS].
func ScoreByName(name string) (*Score, error) {
	if name == maxLogitName {
		name = MDS.Name
	}
	return scores.ByName(name)
}

// ScoreNames returns the names of the registered scores, those of the paper first and in the order of its code.
func ScoreNames() []string { return scores.Names() }

// Scores returns the registered scores that need no more than the set has, in the order of [ScoreNames]. Scores(0)
// are those of logits alone; [AllNeeds] lists every one.
func Scores(has Needs) []*Score {
	return slices.DeleteFunc(scores.Values(), func(s *Score) bool { return !has.Has(s.Needs) })
}
