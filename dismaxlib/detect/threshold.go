package detect

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/dismax-go/dismax/internal/quantile"
)

// Threshold separates in- from out-of-distribution scores: an input whose score is below Value is out-of-distribution, any
// other is in-distribution. A larger score is more in-distribution.
type Threshold struct {
	Value float64
	Rule  string // how Value was chosen, in words: "percentile 5 of 10000 scores"
}

// In reports whether a score is in-distribution.
func (t Threshold) In(score float64) bool { return score >= t.Value }

// Refused returns the share of the scores that are out-of-distribution by the threshold; 0 of none.
func (t Threshold) Refused(scores []float64) float64 {
	refused := 0
	for _, score := range scores {
		if !t.In(score) {
			refused++
		}
	}
	return float64(refused) / float64(max(len(scores), 1))
}

// Rule fits a threshold on in-distribution scores, in any order: [Percentile] or [Conformal]. It refuses NaN, naming
// the index, and empty sets.
type Rule func(scores []float64) (Threshold, error)

// PublishedPercentiles returns the 25 percentiles of the in-distribution scores that the published code stores as
// thresholds.
func PublishedPercentiles() []float64 {
	return []float64{
		0, 0.1, 0.2, 0.3, 0.4, 0.5, 1, 2, 3, 4, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 60, 70, 80, 90, 100,
	}
}

// PublishedThresholds returns the threshold at each of the [PublishedPercentiles] of the in-distribution scores.
//
// The scores are those of all images of the set. (The published code lets each window of 32 batches overwrite the one
// before and saves uninitialized memory if there are fewer.)
func PublishedThresholds(scores []float64) ([]Threshold, error) {
	ordered, err := ascending(scores)
	if err != nil {
		return nil, err
	}
	thresholds := make([]Threshold, 0, len(PublishedPercentiles()))
	for _, percentile := range PublishedPercentiles() {
		thresholds = append(thresholds, atPercentile(ordered, percentile))
	}
	return thresholds, nil
}

// Percentile is the rule that takes the percentile, from 0 to 100, of the in-distribution scores, interpolated linearly
// between neighbours as numpy.percentile does. About that percentage of in-distribution inputs will be refused;
// [Conformal] promises it.
func Percentile(percentile float64) Rule {
	return func(scores []float64) (Threshold, error) {
		if !(percentile >= 0 && percentile <= 100) {
			return Threshold{}, fmt.Errorf("detect: percentile is %g, want 0 to 100", percentile)
		}
		ordered, err := ascending(scores)
		if err != nil {
			return Threshold{}, err
		}
		return atPercentile(ordered, percentile), nil
	}
}

func atPercentile(ordered []float64, percentile float64) Threshold {
	return Threshold{
		Value: quantile.Linear(ordered, percentile/100),
		Rule:  fmt.Sprintf("percentile %s of %d scores", short(percentile), len(ordered)),
	}
}

// Conformal is the rule that comes with a guarantee: a new in-distribution input, drawn like the n inputs of the scores
// and as unknown to the model, is refused with a probability of at most the share refused.
//
// It takes the k-th smallest score with k = floor(refused * (n + 1)) (split conformal prediction; Vovk, Gammerman and
// Shafer 2005), the largest of which this is true. The guarantee holds for every n and every distribution, on average
// over the draw of the n inputs. With too few scores to promise the share, k = 0, the threshold is -Inf and refuses
// nothing.
func Conformal(refused float64) Rule {
	return func(scores []float64) (Threshold, error) {
		if !(refused > 0 && refused < 1) {
			return Threshold{}, fmt.Errorf("detect: refused is %g, want a share between 0 and 1", refused)
		}
		ordered, err := ascending(scores)
		if err != nil {
			return Threshold{}, err
		}
		value := math.Inf(-1)
		if k := wholeShare(refused, len(ordered)); k > 0 {
			value = ordered[k-1]
		}
		return Threshold{
			Value: value,
			Rule: fmt.Sprintf("conformal, at most %s%% of in-distribution inputs refused, from %d scores",
				short(100*refused), len(ordered)),
		}, nil
	}
}

// FewestScores returns how many scores [Conformal] needs to promise the share refused by a threshold that refuses
// anything at all: the smallest n with refused * (n + 1) of at least 1. It is math.MaxInt for a share of 0 or less, or of
// less than a billionth, which no number of scores promises.
func FewestScores(refused float64) int {
	const smallest = 1e-9 // below which no set of images is large enough
	if !(refused > smallest) {
		return math.MaxInt
	}
	fewest := max(1, int(math.Ceil(1/refused-1-1e-6)))
	for wholeShare(refused, fewest) < 1 {
		fewest++
	}
	return fewest
}

// wholeShare returns floor(share * (n + 1)), what split conformal prediction may leave out of n scores and a new one.
func wholeShare(share float64, n int) int {
	const rounding = 1e-9 // so that 0.29 * 100 counts as 29
	return int(share*float64(n+1) + rounding)
}

// ascending returns the scores in order and refuses empty sets and NaN.
func ascending(scores []float64) ([]float64, error) {
	if len(scores) == 0 {
		return nil, fmt.Errorf("detect: scores is empty: a threshold is fitted on in-distribution scores")
	}
	for i, score := range scores {
		if math.IsNaN(score) {
			return nil, fmt.Errorf("detect: scores[%d] is NaN", i)
		}
	}
	ordered := slices.Clone(scores)
	slices.Sort(ordered)
	return ordered, nil
}

func short(x float64) string { return strconv.FormatFloat(x, 'g', 6, 64) }
