package calibrate

import (
	"cmp"
	"math"
	"slices"

	"github.com/dismax-go/dismax/dismaxlib/metrics"
)

// The search of ByECE. It estimates the ECE at coarsePoints temperatures, spaced evenly in their logarithm, and between
// the most promising of them at finePoints more each; computes it exactly where the estimates are smallest; and looks
// around the best of these in zoomRounds ever smaller neighbourhoods. The budgets keep its time within a second or so:
// small sets, whose ECE is the most ragged, get the thorough search they need, large ones the short one they need.
const (
	coarsePoints = 4000
	finePoints   = 32
	scanBudget   = 100_000_000 // images whose confidence is estimated, all points together

	exactBudget  = 20_000_000 // logits that are read to compute exact ECEs
	exactAtLeast = 4          // such ECEs, however large the logits are
	exactAtMost  = 1000

	zoomRounds = 4
	zoomPoints = 16
)

// ByECE returns the temperature in [MinTemperature, MaxTemperature] that minimises the expected calibration error over
// the given number of bins, as the paper does (it uses metrics.DefaultBins).
//
// logits is [rows, classes] and labels [rows]; a temperature that the logits carry is ignored. The ECE jumps wherever
// an image's confidence crosses the edge of a bin and has many minima, so that a descent such as the published L-BFGS-B
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
	try := func(temperature float64) (err error) {
		temperature = min(max(temperature, MinTemperature), MaxTemperature)
		ece, err := metrics.ECE(logits.At(temperature), labels, bins)
		if err == nil && ece < best.Objective {
			best.Temperature, best.Objective = temperature, ece
		}
		return err
	}
	affordable := exactBudget / len(logits.Values)
	for _, temperature := range promising(newCurves(logits, labels), bins, max(affordable, exactAtLeast)) {
		if err := try(temperature); err != nil {
			return Result{}, err
		}
	}
	if affordable >= zoomRounds*zoomPoints {
		err = zoom(&best, try)
	}
	return best, err
}

// zoom tries the neighbourhood of the best temperature, which moves as a better one is found.
func zoom(best *Result, try func(temperature float64) error) error {
	width := spacing / finePoints
	for range zoomRounds {
		center := best.Temperature
		for k := range zoomPoints + 1 {
			if err := try(center * math.Exp(width*(2*float64(k)/zoomPoints-1))); err != nil {
				return err
			}
		}
		width *= 2.0 / zoomPoints
	}
	return nil
}

// estimate is an ECE at the temperature exp(-position).
type estimate struct{ position, ece float64 }

// spacing is the distance between two coarse points.
var spacing = math.Log(MaxTemperature/MinTemperature) / (coarsePoints - 1)

// promising returns at most limit temperatures at which the estimated ECE is smallest, best first.
func promising(c *curves, bins, limit int) []float64 {
	scan := newScan(c, bins)
	estimates := make([]estimate, coarsePoints)
	for i := range estimates {
		position := c.lowest() + float64(i)*spacing
		estimates[i] = estimate{position, scan.ece(position)}
	}
	sortByECE(estimates)

	pieces := min(max(scanBudget/c.rows-coarsePoints, 0)/finePoints, coarsePoints)
	for _, center := range slices.Clone(estimates[:pieces]) {
		for k := 1; k < finePoints; k++ {
			position := center.position + (float64(k)/finePoints-0.5)*spacing
			estimates = append(estimates, estimate{position, scan.ece(position)})
		}
	}
	sortByECE(estimates)

	temperatures := make([]float64, min(limit, exactAtMost))
	for i := range temperatures {
		temperatures[i] = math.Exp(-estimates[i].position)
	}
	return temperatures
}

// sortByECE puts the smallest first and, of equals, the temperature nearest 1.
func sortByECE(estimates []estimate) {
	slices.SortFunc(estimates, func(a, b estimate) int {
		return cmp.Or(cmp.Compare(a.ece, b.ece), cmp.Compare(math.Abs(a.position), math.Abs(b.position)))
	})
}
