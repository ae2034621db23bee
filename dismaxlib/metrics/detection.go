package metrics

import (
	"fmt"
	"slices"
)

// Detection holds how well scores separate in- from out-of-distribution inputs. All are shares in [0, 1]; what the
// [Convention] decides is said there and below.
type Detection struct {
	// Convention is the definition behind the numbers.
	Convention Convention

	// AUROC is the probability that an in-distribution score is larger than an out-of-distribution one. A tie counts 0
	// (paper) or half (field).
	AUROC float64

	// AUPRIn is the area under the precision-recall curve with in-distribution as the positive class.
	AUPRIn float64

	// AUPROut is that area with out-of-distribution as the positive class: the AUPR of the paper's tables.
	AUPROut float64

	// TNR95 is the share of out-of-distribution inputs that are flagged by the threshold that lets 95% of the
	// in-distribution inputs pass: the threshold whose share is nearest 95% (paper; the lower of two equally near), or
	// the first whose share is at least 95% as the threshold falls (field).
	TNR95 float64

	// FPR95 is in the paper's convention 1 - TNR95, the share of out-of-distribution inputs that pass. In the field's
	// it is another quantity, because there out-of-distribution is the positive class: the share of in-distribution
	// inputs that are flagged by the first threshold, as it rises, that flags at least 95% of the others.
	FPR95 float64

	// DetectionAccuracy is the largest mean of the true positive and the true negative rate at any threshold. Both
	// conventions agree on it.
	DetectionAccuracy float64
}

// Detect measures how well the scores separate the two sets. A larger score is more in-distribution.
//
// in [n] and out [m] are the scores of the in- and of the out-of-distribution inputs, in any order, possibly infinite.
func Detect(in, out []float64, convention Convention) (Detection, error) {
	if err := checkBothScores(in, out); err != nil {
		return Detection{}, err
	}
	if err := convention.check(); err != nil {
		return Detection{}, err
	}
	return newTally(in, out).detect(convention), nil
}

func (c Convention) check() error {
	if c != PaperConvention && c != FieldConvention {
		return fmt.Errorf("metrics: convention is %v: choose PaperConvention or FieldConvention", c)
	}
	return nil
}

// tally counts the in- and out-of-distribution inputs at each distinct score, in ascending order. Every detection
// metric is a function of these counts, and a bootstrap resample is other counts of the same scores.
type tally struct {
	scores            []float64
	in, out           []int32 // as many as scores
	totalIn, totalOut int
}

func newTally(in, out []float64) *tally {
	in, out = sorted(in), sorted(out)
	t := &tally{
		scores:  make([]float64, 0, len(in)+len(out)),
		in:      make([]int32, 0, len(in)+len(out)),
		out:     make([]int32, 0, len(in)+len(out)),
		totalIn: len(in), totalOut: len(out),
	}
	for i, o := 0, 0; i < len(in) || o < len(out); {
		score := nextScore(in[i:], out[o:])
		i0, o0 := i, o
		for i < len(in) && in[i] == score {
			i++
		}
		for o < len(out) && out[o] == score {
			o++
		}
		t.scores = append(t.scores, score)
		t.in = append(t.in, int32(i-i0))
		t.out = append(t.out, int32(o-o0))
	}
	return t
}

// nextScore returns the smaller of the first entries of two ascending slices, one of which may be empty.
func nextScore(in, out []float64) float64 {
	switch {
	case len(in) == 0:
		return out[0]
	case len(out) == 0:
		return in[0]
	}
	return min(in[0], out[0])
}

// detectionAccuracy is the largest mean of the share of in-distribution inputs that pass and of the share of
// out-of-distribution inputs that are flagged, over all thresholds. It does not depend on how ties count: a threshold
// that separates equal scores, the in-distribution ones first, is never better than the one above them all.
func (t *tally) detectionAccuracy() float64 {
	best := 0.5
	flaggedIn, flaggedOut := 0, 0
	for group := range t.in {
		flaggedIn += int(t.in[group])
		flaggedOut += int(t.out[group])
		best = max(best, (ratio(t.totalIn-flaggedIn, t.totalIn)+ratio(flaggedOut, t.totalOut))/2)
	}
	return best
}

func (t *tally) detect(convention Convention) Detection {
	if convention == PaperConvention {
		return t.paper()
	}
	return t.field()
}

// targetRate is the 95% in TNR95 and FPR95.
const targetRate float64 = 0.95

func sorted(values []float64) []float64 {
	values = slices.Clone(values)
	slices.Sort(values)
	return values
}

// ratio is a / b, and 0 where b is 0.
func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}
