package show

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/internal/bench"
)

// Runner is one of the computations that [Race] times.
type Runner struct {
	Name string
	Run  func()
}

// Race times the runners in turn, in an order that is drawn anew for each round, so that what slows the machine down
// for a while slows all of them down. It returns the seconds of each round, [runners][rounds]. Two rounds before do not
// count.
func Race(rounds int, runners ...Runner) [][]float64 {
	const warmup = 2
	seconds := make([][]float64, len(runners))
	random := rand.New(rand.NewPCG(1, 0))
	for round := range warmup + rounds {
		for _, i := range random.Perm(len(runners)) {
			start := time.Now()
			runners[i].Run()
			if round >= warmup {
				seconds[i] = append(seconds[i], time.Since(start).Seconds())
			}
		}
	}
	return seconds
}

// Ratio returns how many times as long the first runner took as the second, by their medians, with a 95% interval from
// a bootstrap over the rounds.
func Ratio(first, second []float64) metrics.Interval {
	const resamples = 1000
	random := rand.New(rand.NewPCG(2, 0))
	ratios := make([]float64, resamples)
	a, b := make([]float64, len(first)), make([]float64, len(first))
	for i := range ratios {
		for j := range a {
			round := random.IntN(len(first))
			a[j], b[j] = first[round], second[round]
		}
		ratios[i] = bench.Median(a) / bench.Median(b)
	}
	slices.Sort(ratios)
	return metrics.Interval{
		Value: bench.Median(first) / bench.Median(second),
		Lower: ratios[resamples*25/1000], Upper: ratios[resamples*975/1000-1],
	}
}
