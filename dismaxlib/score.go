package dismaxlib

import (
	"fmt"
	"math"

	"github.com/dismax-go/dismax/internal/registry"
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// Score tells how much an input looks like those of training: the larger, the more in-distribution.
// (Some libraries define their scores the other way round.)
type Score struct {
	// Name is the abbreviation of the paper, Title the words behind it.
	Name, Title string

	// Graph computes the score of each row: logits [batch, classes] to [batch].
	// Apply it to logits that were divided by the temperature, as the heads return them.
	Graph func(logits *Node) *Node
}

var scores = registry.New[*Score]("score")

func init() {
	RegisterScore(&Score{"MPS", "maximum probability score", maximumProbability})
	RegisterScore(&Score{"ES", "entropic score", negativeEntropy})
	RegisterScore(&Score{"MDS", "minimum distance score", maximumLogit})
	RegisterScore(&Score{"MMLS", "max-mean logit score", sum(maximumLogit, meanLogit)})
	RegisterScore(&Score{"MMLES", "max-mean logit entropy score", sum(maximumLogit, meanLogit, negativeEntropy)})
	RegisterScore(&Score{"MMLEPS", "max-mean logit entropy probability score",
		sum(maximumLogit, meanLogit, negativeEntropy, maximumProbability)})
}

// maximumProbability is max_j p_j, where p = softmax(logits).
func maximumProbability(logits *Node) *Node { return ReduceMax(Softmax(logits), -1) }

// negativeEntropy is sum_j p_j log p_j, where p = softmax(logits) and 0 log 0 = 0.
func negativeEntropy(logits *Node) *Node {
	logP := LogSoftmax(logits)
	return ReduceSum(Mul(Exp(logP), logP), -1)
}

// maximumLogit is max_j logit_j: minus the distance to the nearest prototype, for distance-based heads.
func maximumLogit(logits *Node) *Node { return ReduceMax(logits, -1) }

// meanLogit is the mean over j of logit_j.
func meanLogit(logits *Node) *Node { return ReduceMean(logits, -1) }

// sum adds up scores.
func sum(terms ...func(*Node) *Node) func(*Node) *Node {
	return func(logits *Node) *Node {
		total := terms[0](logits)
		for _, term := range terms[1:] {
			total = Add(total, term(logits))
		}
		return total
	}
}

// RegisterScore adds a score of your own, so that the command line, the notebooks and the reports find it by its name.
// It panics if the name is empty or taken.
func RegisterScore(score *Score) { scores.Register(score.Name, score) }

// ScoreByName returns a registered score; the error of an unknown name lists the known ones.
func ScoreByName(name string) (*Score, error) { return scores.ByName(name) }

// ScoreNames returns the names of the registered scores, in the order of the paper's code.
func ScoreNames() []string { return scores.Names() }

// ComputeScores returns the score of each row of logits, floats [batch, classes] of any batch size.
// Logits must be finite: the error names the first row whose score is not.
func ComputeScores(backend compute.Backend, scoreName string, logits *tensors.Tensor) ([]float64, error) {
	score, err := ScoreByName(scoreName)
	if err != nil {
		return nil, err
	}
	shape := logits.Shape()
	if shape.Rank() != 2 || !shape.DType.IsFloat() || shape.Dim(1) < 1 {
		return nil, fmt.Errorf("score %s takes logits of floats shaped [batch, classes], got %s", scoreName, shape)
	}
	if shape.Dim(0) == 0 {
		return nil, nil
	}
	result, err := CallOnce(backend, func(logits *Node) *Node {
		return ConvertDType(score.Graph(atLeastFloat32(logits)), dtypes.Float64)
	}, logits)
	if err != nil {
		return nil, fmt.Errorf("computing score %s of logits %s: %w", scoreName, shape, err)
	}
	values, err := tensors.CopyFlatData[float64](result)
	if err != nil {
		return nil, fmt.Errorf("reading score %s: %w", scoreName, err)
	}
	for row, value := range values {
		if math.IsNaN(value) || math.IsInf(value, 0) {
			return nil, fmt.Errorf("score %s of row %d is %g: its logits are not finite or too large",
				scoreName, row, value)
		}
	}
	return values, nil
}
