package calibrate

import (
	"cmp"
	"math"
	"slices"

	"github.com/dismax-go/dismax/dismaxlib/metrics"
)

// The search of ByECE. Its cost is fixed but for the size of the logits.
const (
	coarsePoints = 4000       // temperatures, spaced evenly in their logarithm, at which the ECE is estimated first
	finePoints   = 32         // estimates inside each piece between coarse points that may hold the minimum
	finePieces   = 128        // such pieces at most
	exactBudget  = 50_000_000 // logits that may be read to find the best of the estimates, about 0.3 s
	exactAtLeast = 4          // estimates that are computed exactly however large the logits are
)

// ByECE returns the temperature in [MinTemperature, MaxTemperature] that minimises the expected calibration error over
// the given number of bins, as the paper does (it uses metrics.DefaultBins).
//
// logits is [rows, classes] and labels [rows]; a temperature that the logits carry is ignored. The ECE jumps wherever an
// image's confidence crosses the edge of a bin and has many minima, so that a descent such as the published L-BFGS-B
// stops early, even where it started. Here it is scanned over the whole range, then more finely where it is nearly as
// small as anywhere. Among equal minima the temperature nearest 1 wins.
func ByECE(logits metrics.Logits, labels []int32, bins int) (Result, error) {
	logits, err := check(logits, labels)
	if err != nil {
		return Result{}, err
	}
	before, err := metrics.ECE(logits, labels, bins)
	if err != nil {
		return Result{}, err
	}
	best := Result{Temperature: 1, Criterion: CriterionECE, Objective: before, Before: before}
	exact := max(exactBudget/len(logits.Values), exactAtLeast)
	for _, temperature := range promising(newCurves(logits, labels), bins, exact) {
		ece, err := metrics.ECE(logits.At(temperature), labels, bins)
		if err != nil {
			return Result{}, err
		}
		if ece < best.Objective {
			best.Temperature, best.Objective = temperature, ece
		}
	}
	return best, nil
}

// estimate is an ECE at the inverse temperature exp(position).
type estimate struct{ position, ece float64 }

// promising returns at most limit temperatures at which the estimated ECE is smallest, best first.
func promising(c *curves, bins, limit int) []float64 {
	low, high := c.lowest(), c.highest()
	step := (high - low) / (coarsePoints - 1)
	scan := newScan(c, bins)
	coarse := make([]estimate, coarsePoints)
	for i := range coarse {
		position := low + float64(i)*step
		coarse[i] = estimate{position, scan.ece(position)}
	}
	sortByECE(coarse)

	fine := slices.Clone(coarse)
	margin := coarse[0].ece + 4/float64(c.rows) // what two images that cross an edge can change
	for i := 0; i < finePieces && coarse[i].ece <= margin; i++ {
		for k := 1; k < finePoints; k++ {
			position := coarse[i].position + (float64(k)/finePoints-0.5)*step
			fine = append(fine, estimate{position, scan.ece(position)})
		}
	}
	sortByECE(fine)
	temperatures := make([]float64, min(limit, len(fine)))
	for i := range temperatures {
		temperatures[i] = min(max(math.Exp(-fine[i].position), MinTemperature), MaxTemperature)
	}
	return temperatures
}

// sortByECE puts the smallest first and, of equals, the temperature nearest 1.
func sortByECE(estimates []estimate) {
	slices.SortFunc(estimates, func(a, b estimate) int {
		return cmp.Or(cmp.Compare(a.ece, b.ece), cmp.Compare(math.Abs(a.position), math.Abs(b.position)))
	})
}
