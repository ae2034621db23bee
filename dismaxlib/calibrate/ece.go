package calibrate

import (
	"math"

	"github.com/dismax-go/dismax/dismaxlib/metrics"
)

// The search of ByECE: rounds over ranges of temperature that narrow around the best, by the square root of the points
// of a round. Small sets, whose ECE is the most ragged, get all points; a round over a large one reads about budget logits.
const (
	rounds                   = 4
	fewestPoints, mostPoints = 20, 400
	budget                   = 10_000_000
)

// ByECE returns the temperature in [MinTemperature, MaxTemperature] that minimizes the expected calibration error over
// the given number of bins, as the paper does (it uses metrics.DefaultBins).
//
// logits is [rows, classes] and labels [rows]; a temperature that the logits carry is ignored. The ECE jumps wherever
// an image's confidence crosses the edge of a bin and has many minima, so that a descent such as the published L-BFGS-B
// stops early, even where it started. Here it is computed all over the range, at temperatures evenly spaced in their
// logarithm, and then ever more closely around the best. Of equal minima the temperature nearest 1 wins.
func ByECE(logits metrics.Logits, labels []int32, bins int) (Result, error) {
	logits = logits.At(1)
	before, err := metrics.ECE(logits, labels, bins)
	if err != nil {
		return Result{}, err
	}
	best := Result{Temperature: 1, Criterion: CriterionECE, Objective: before, Before: before}
	points := min(max(budget/len(logits.Values), fewestPoints), mostPoints)
	low, high := math.Log(MinTemperature), math.Log(MaxTemperature)
	for range rounds {
		spacing := (high - low) / float64(points-1)
		for i := range points {
			logT := low + float64(i)*spacing
			temperature := min(max(math.Exp(logT), MinTemperature), MaxTemperature)
			ece, err := metrics.ECE(logits.At(temperature), labels, bins)
			if err != nil {
				return Result{}, err
			}
			nearer := math.Abs(logT) < math.Abs(math.Log(best.Temperature))
			if ece < best.Objective || ece == best.Objective && nearer {
				best.Temperature, best.Objective = temperature, ece
			}
		}
		center, half := math.Log(best.Temperature), (high-low)/2/math.Sqrt(float64(points))
		low, high = center-half, center+half
	}
	return best, nil
}
