package dismaxlib

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// The scores of the paper and of its code, and SoftMax's third baseline, Energy (p = softmax(logits)). All are functions
// of the logits alone. Package posthoc has those that the field compares with.
var (
	// MPS is the maximum probability score, max_j p_j.
	MPS = &Score{Name: "MPS", Title: "maximum probability score", Graph: sum(maximumProbability)}

	// ES is the entropic score, the negative entropy sum_j p_j log p_j.
	ES = &Score{Name: "ES", Title: "entropic score", Graph: sum(negativeEntropy)}

	// MDS is the minimum distance score, max_j logit_j: minus the distance to the nearest prototype. For a linear head
	// it is what the field calls MaxLogit (Hendrycks et al. 2022, arXiv 1911.11132). It is not OpenOOD's "MDS", which is
	// posthoc.Mahalanobis.
	MDS = &Score{Name: "MDS", Title: "minimum distance score (MaxLogit)", Graph: sum(maximumLogit)}

	// MMLS is the max-mean logit score, max_j logit_j + mean_j logit_j.
	MMLS = &Score{Name: "MMLS", Title: "max-mean logit score", Graph: sum(maximumLogit, meanLogit)}

	// MMLES is the max-mean logit entropy score, MMLS + ES: the paper's choice for DisMax.
	MMLES = &Score{Name: "MMLES", Title: "max-mean logit entropy score",
		Graph: sum(maximumLogit, meanLogit, negativeEntropy)}

	// MMLEPS is the max-mean logit entropy probability score, MMLS + ES + MPS.
	MMLEPS = &Score{Name: "MMLEPS", Title: "max-mean logit entropy probability score",
		Graph: sum(maximumLogit, meanLogit, negativeEntropy, maximumProbability)}

	// Energy is minus the free energy at temperature 1, log sum_j exp logit_j (Liu et al. 2020, arXiv 2010.03759,
	// equation 4). Libraries whose scores grow with the unknown, as pytorch-ood, return the energy itself.
	Energy = &Score{Name: "Energy", Title: "negative free energy", Graph: sum(logSumExp)}
)

// maxLogitName is the field's name of MDS.
const maxLogitName = "MaxLogit"

func init() {
	for _, score := range []*Score{MPS, ES, MDS, MMLS, MMLES, MMLEPS, Energy, MaxSimilarity} {
		RegisterScore(score)
	}
}

// sum adds up functions of logits [batch, classes] to [batch].
func sum(terms ...func(logits *Node) *Node) func(ScoreInputs) *Node {
	return func(in ScoreInputs) *Node {
		total := terms[0](in.Logits)
		for _, term := range terms[1:] {
			total = Add(total, term(in.Logits))
		}
		return total
	}
}

func maximumProbability(logits *Node) *Node { return ReduceMax(Softmax(logits), -1) }

// negativeEntropy takes 0 log 0 as 0, since it needs no logarithm of p.
func negativeEntropy(logits *Node) *Node {
	logP := LogSoftmax(logits)
	return ReduceSum(Mul(Exp(logP), logP), -1)
}

func maximumLogit(logits *Node) *Node { return ReduceMax(logits, -1) }

func meanLogit(logits *Node) *Node { return ReduceMean(logits, -1) }

// logSumExp rests on log p_max = max logit - log sum exp, whose left side is computed without overflow.
func logSumExp(logits *Node) *Node {
	return Sub(maximumLogit(logits), ReduceMax(LogSoftmax(logits), -1))
}
