package metrics

// field computes the detection metrics as scikit-learn and the benchmarks built on it do: thresholds lie between
// distinct scores, and every curve is a straight line from one to the next.
func (t *tally) field() Detection {
	findIn, findOut := t.retrieveIn(), t.retrieveOut()
	return Detection{
		Convention:        FieldConvention,
		AUROC:             t.orderedShare(),
		AUPRIn:            findIn.trapezoid,
		AUPROut:           findOut.trapezoid,
		TNR95:             1 - findIn.falsePositiveRate,
		FPR95:             findOut.falsePositiveRate,
		DetectionAccuracy: t.detectionAccuracy(),
	}
}

// orderedShare is the share of (in, out) pairs whose in-distribution score is the larger one; a tie counts half. It is
// the area under the ROC curve and the Mann-Whitney U statistic.
func (t *tally) orderedShare() float64 {
	halves, flaggedOut := 0, 0
	for group := range t.in {
		halves += int(t.in[group]) * (2*flaggedOut + int(t.out[group]))
		flaggedOut += int(t.out[group])
	}
	return float64(halves) / 2 / float64(t.totalIn) / float64(t.totalOut)
}

// retrieval is what one learns by going through the groups from the most positive to the least.
type retrieval struct {
	trapezoid         float64 // area under the precision-recall curve, which starts at recall 0 and precision 1
	steps             float64 // average precision: the same area, each precision held over the recall it added
	falsePositiveRate float64 // when recall first reaches 95%
}

// retrieveIn has in-distribution as the positive class: the threshold falls.
func (t *tally) retrieveIn() retrieval {
	last := len(t.in) - 1
	return retrieve(len(t.in), t.totalIn, t.totalOut, func(i int) (positives, negatives int32) {
		return t.in[last-i], t.out[last-i]
	})
}

// retrieveOut has out-of-distribution as the positive class: the threshold rises.
func (t *tally) retrieveOut() retrieval {
	return retrieve(len(t.in), t.totalOut, t.totalIn, func(i int) (positives, negatives int32) {
		return t.out[i], t.in[i]
	})
}

func retrieve(groups, totalPositives, totalNegatives int, group func(i int) (int32, int32)) retrieval {
	var r retrieval
	truePositives, falsePositives := 0, 0
	recall, precision := 0.0, 1.0
	for i := range groups {
		positives, negatives := group(i)
		if positives == 0 && negatives == 0 {
			continue // a score that a bootstrap resample does not hold
		}
		truePositives += int(positives)
		falsePositives += int(negatives)
		newPrecision := ratio(truePositives, truePositives+falsePositives)
		newRecall := ratio(truePositives, totalPositives)

		r.trapezoid += (newRecall - recall) * (precision + newPrecision) / 2
		r.steps += (newRecall - recall) * newPrecision
		if recall < targetRate && newRecall >= targetRate {
			r.falsePositiveRate = ratio(falsePositives, totalNegatives)
		}
		recall, precision = newRecall, newPrecision
	}
	return r
}

// AveragePrecision returns scikit-learn's average precision with in-distribution and with out-of-distribution as the
// positive class: the sum of precision times recall gained over the distinct thresholds. Under ties it differs from
// the AUPR of both conventions, which is why it has a name of its own.
func AveragePrecision(in, out []float64) (asIn, asOut float64, err error) {
	if err := checkBothScores(in, out); err != nil {
		return 0, 0, err
	}
	t := newTally(in, out)
	return t.retrieveIn().steps, t.retrieveOut().steps, nil
}
