package calibrate

import (
	"math"

	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/internal/softmax"
)

// ByNLL returns the temperature in [MinTemperature, MaxTemperature] that minimizes the negative log-likelihood of the
// labels (temperature scaling as in Guo et al. 2017, arXiv 1706.04599).
//
// logits is [rows, classes] and labels [rows]; a temperature that the logits carry is ignored. The likelihood is
// concave in 1/temperature, so the minimum is the only one; it is found by Newton's method inside a bracket. Where it
// lies outside the range, as it does when every row is classified correctly, the nearer end is returned.
func ByNLL(logits metrics.Logits, labels []int32) (Result, error) {
	logits = logits.At(1)
	before, err := metrics.NLL(logits, labels)
	if err != nil {
		return Result{}, err
	}
	temperature := 1 / minimizeNLL(logits, labels)
	after, err := metrics.NLL(logits.At(temperature), labels)
	return Result{Temperature: temperature, Criterion: CriterionNLL, Objective: after, Before: before}, err
}

// minimizeNLL returns the inverse temperature at which the slope of the NLL is 0. The slope only grows with it.
func minimizeNLL(logits metrics.Logits, labels []int32) float64 {
	const relativeTolerance, most = 1e-10, 100
	low, inverse, high := 1/MaxTemperature, 1.0, 1/MinTemperature

	slope, curvature := nllSlope(logits, labels, inverse)
	switch {
	case slope == 0:
		return inverse
	case slope < 0:
		if atEnd, _ := nllSlope(logits, labels, high); atEnd <= 0 {
			return high
		}
	case slope > 0:
		if atEnd, _ := nllSlope(logits, labels, low); atEnd >= 0 {
			return low
		}
	}
	for range most {
		if slope < 0 {
			low = inverse
		} else {
			high = inverse
		}
		next := inverse - slope/curvature
		if !(next > low && next < high) {
			next = math.Sqrt(low * high)
		}
		moved := math.Abs(next - inverse)
		inverse = next
		if moved <= relativeTolerance*inverse {
			break
		}
		slope, curvature = nllSlope(logits, labels, inverse)
	}
	return inverse
}

// nllSlope returns the first and second derivatives of the mean NLL with respect to the inverse temperature b. With
// p = softmax(b*logits), they are the means over the rows of E_p[logit] - logit[label] and of Var_p[logit].
func nllSlope(logits metrics.Logits, labels []int32, inverse float64) (slope, curvature float64) {
	exponentials := make([]float64, logits.Classes)
	for i, label := range labels {
		row := logits.Row(i)
		largest, sum := softmax.Exponentials(exponentials, row, inverse)
		var first, second float64
		for class, e := range exponentials {
			if e == 0 {
				continue // below may be so far down that 0 * below² is NaN
			}
			below := row[class] - row[largest]
			first += e * below
			second += e * below * below
		}
		mean := first / sum
		slope += mean - (row[label] - row[largest])
		curvature += second/sum - mean*mean
	}
	rows := float64(len(labels))
	return slope / rows, curvature / rows
}
