package show

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"sync"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/internal/quantile"
	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/tensors"
	"gonum.org/v1/gonum/stat"
)

// Backend returns the backend that GOMLX_BACKEND or the machine suggests, the same one throughout a cell.
func Backend() compute.Backend {
	compute, _ := opened()
	return compute
}

// ComputesOn names that backend as records do: "goconv", "xla:cpu", …
func ComputesOn() string {
	_, choice := opened()
	return choice.Config
}

var opened = sync.OnceValues(func() (compute.Backend, backend.Choice) {
	compute, choice, err := backend.Open("")
	Check(err)
	return compute, choice
})

// Scores returns the registered score of that name for each row of the logits, which are taken raw, whatever temperature
// they are read at.
func Scores(name string, logits metrics.Logits) []float64 {
	return ScoresOf(Must(dismaxlib.ScoreByName(name)), logits)
}

// ScoresOf is [Scores] for a score that need not be registered.
func ScoresOf(score *dismaxlib.Score, logits metrics.Logits) []float64 {
	if scorers[score] == nil {
		scorers[score] = Must(dismaxlib.NewScorer(Backend(), []*dismaxlib.Score{score}, nil, nil))
	}
	rows := tensors.FromFlatDataAndDimensions(logits.Values, logits.Rows(), logits.Classes)
	return Must(scorers[score].Compute(dismaxlib.Outputs{Logits: rows}))[0]
}

// scorers keep what was compiled, since a cell asks for the same scores of many runs.
var scorers = map[*dismaxlib.Score]*dismaxlib.Scorer{}

// MeanAndDeviation returns the mean and the sample standard deviation, which is 0 of a single value.
func MeanAndDeviation(values []float64) (mean, deviation float64) {
	mean, deviation = stat.MeanStdDev(values, nil)
	if math.IsNaN(deviation) {
		deviation = 0
	}
	return mean, deviation
}

// OverSeeds writes the values of a loss's seeds as their mean with, from two seeds up, their standard deviation: "0.640 ±
// 0.012"; "–" if there are none.
func OverSeeds(values []float64, decimals int) string {
	if len(values) == 0 {
		return "–"
	}
	mean, deviation := MeanAndDeviation(values)
	if len(values) == 1 {
		return fmt.Sprintf("%.*f", decimals, mean)
	}
	return fmt.Sprintf("%.*f ± %.*f", decimals, mean, decimals, deviation)
}

// Quantile returns the value below which the share of the values lies.
func Quantile(values []float64, share float64) float64 {
	return quantile.Linear(slices.Sorted(slices.Values(values)), share)
}

// Around returns the ends of an axis that is to hold all the values, with a margin: for plots that share it.
func Around(values ...float64) (from, to float64) {
	from, to = slices.Min(values), slices.Max(values)
	margin := 0.05 * (to - from)
	return from - margin, to + margin
}

// ShareBelow is the inverse of [Quantile] for values in ascending order: the share of them below the value, interpolated
// linearly between neighbours.
func ShareBelow(ascending []float64, value float64) float64 {
	n := sort.SearchFloat64s(ascending, value)
	if n == 0 || n == len(ascending) {
		return float64(n) / float64(len(ascending))
	}
	low, high := ascending[n-1], ascending[n]
	return (float64(n-1) + (value-low)/(high-low)) / float64(len(ascending)-1)
}
