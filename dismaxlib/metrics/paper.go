package metrics

import "math"

// paper computes the detection metrics as the published code does. The threshold rises past one score at a time, and of
// equal scores past the in-distribution ones first. passedIn and passedOut count the inputs that are still above it:
// the true and the false positives where in-distribution is the positive class.
func (t *tally) paper() Detection {
	passedIn, passedOut := t.totalIn, t.totalOut
	perIn, perOut := 1/float64(t.totalIn), 1/float64(t.totalOut)

	d := Detection{Convention: PaperConvention, DetectionAccuracy: t.detectionAccuracy()}
	nearest := offTarget(passedIn, t.totalIn)
	orderedPairs := 0
	for group := range t.in {
		for range t.in[group] {
			precision := ratio(passedIn, passedIn+passedOut)
			passedIn--
			flaggedOut := t.totalOut - passedOut
			orderedPairs += flaggedOut

			// The curve ends at precision 0, which is also the ratio when nothing is left above the threshold.
			d.AUPRIn += perIn * (precision + ratio(passedIn, passedIn+passedOut)) / 2

			if off := offTarget(passedIn, t.totalIn); off < nearest {
				nearest = off
				d.TNR95 = float64(flaggedOut) * perOut
			}
		}
		flaggedIn := t.totalIn - passedIn
		for range t.out[group] {
			flaggedOut := t.totalOut - passedOut
			passedOut--

			// Here the curve starts at precision 0, while nothing is flagged.
			precision := ratio(flaggedOut, flaggedIn+flaggedOut)
			d.AUPROut += perOut * (precision + ratio(flaggedOut+1, flaggedIn+flaggedOut+1)) / 2
		}
	}
	d.AUROC = float64(orderedPairs) * perIn * perOut
	d.FPR95 = 1 - d.TNR95
	return d
}

// offTarget is the distance between the true positive rate and 95%.
func offTarget(passedIn, totalIn int) float64 {
	return math.Abs(ratio(passedIn, totalIn) - targetRate)
}
