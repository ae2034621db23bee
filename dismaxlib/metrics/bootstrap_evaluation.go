package metrics

import "math/rand/v2"

// EvaluationIntervals holds an interval for each metric of [Evaluation].
type EvaluationIntervals struct {
	Accuracy, NLL, Brier, ECE, MCE, OverconfidenceError Interval
}

// Evaluation returns the classification metrics of a run with their intervals.
func (b Bootstrap) Evaluation(logits Logits, labels []int32, bins int) (EvaluationIntervals, error) {
	return b.evaluation(labels, bins, logits)
}

// CompareEvaluation returns by how much the metrics of the first run exceed those of the second on the same images in
// the same order, with the intervals of the difference.
func (b Bootstrap) CompareEvaluation(first, second Logits, labels []int32, bins int) (EvaluationIntervals, error) {
	return b.evaluation(labels, bins, first, second)
}

// evaluation measures one run, or the difference of two.
func (b Bootstrap) evaluation(labels []int32, bins int, runs ...Logits) (EvaluationIntervals, error) {
	if err := checkBins(bins); err != nil {
		return EvaluationIntervals{}, err
	}
	all := make([]*outcomes, len(runs))
	for i, run := range runs {
		var err error
		if all[i], err = newOutcomes(run, labels); err != nil {
			return EvaluationIntervals{}, err
		}
	}
	edges := binEdges(bins)
	measure := func(times []int32) (evaluations []Evaluation) {
		for _, o := range all {
			evaluation := o.evaluate(times, edges)
			evaluation.Reliability = nil // not needed, and large
			evaluations = append(evaluations, evaluation)
		}
		return evaluations
	}
	draws, err := draw(b, measure(nil), len(runs)*len(labels), func() func(*rand.Rand) []Evaluation {
		times := make([]int32, len(labels))
		return func(random *rand.Rand) []Evaluation {
			clear(times)
			for range labels {
				times[random.IntN(len(labels))]++
			}
			return measure(times)
		}
	})
	if err != nil {
		return EvaluationIntervals{}, err
	}
	return EvaluationIntervals{
		Accuracy:            draws.interval(func(e Evaluation) float64 { return e.Accuracy }),
		NLL:                 draws.interval(func(e Evaluation) float64 { return e.NLL }),
		Brier:               draws.interval(func(e Evaluation) float64 { return e.Brier }),
		ECE:                 draws.interval(func(e Evaluation) float64 { return e.ECE }),
		MCE:                 draws.interval(func(e Evaluation) float64 { return e.MCE }),
		OverconfidenceError: draws.interval(func(e Evaluation) float64 { return e.OverconfidenceError }),
	}, nil
}
