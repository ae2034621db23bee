package metrics

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/dismax-go/dismax/internal/quantile"
)

// Bootstrap says how sure a metric of one run is, given only that run's images: it draws as many images with
// replacement, again and again, and looks how far the metric moves (Efron's percentile interval). It knows how the
// metric varies over images, not over training runs: for that, train with several seeds.
//
// The zero Bootstrap takes 1,000 resamples, 95% confidence and seed 0. The same seed gives the same intervals on any
// number of cores.
type Bootstrap struct {
	Resamples  int     // 0 means 1,000
	Confidence float64 // of the intervals, in (0, 1); 0 means 0.95
	Seed       uint64
}

// mostResamples bounds the memory that resamples take.
const mostResamples = 10_000_000

// Interval is a metric with its confidence interval.
//
// The ECE and the MCE of a resample are larger on average than those of the set, because noise in a bin only adds to
// them. Value may then lie at or below Lower, most of all in small sets.
type Interval struct {
	Value         float64 // on all images
	Lower, Upper  float64
	StandardError float64 // standard deviation over the resamples
}

// Contains reports whether x lies in the interval. If the interval of a difference does not contain 0, the two runs
// differ at this confidence.
func (i Interval) Contains(x float64) bool { return i.Lower <= x && x <= i.Upper }

// draws holds the metrics M of one run, or of two that are compared: of all images and of each resample.
type draws[M any] struct {
	confidence float64
	original   []M   // [runs]
	resampled  [][]M // [resamples][runs]
}

// draw draws the resamples on all cores. newWorker returns a function that draws one, with scratch memory of its own;
// images is how many it draws.
func draw[M any](b Bootstrap, original []M, images int, newWorker func() func(*rand.Rand) []M) (*draws[M], error) {
	if b.Resamples == 0 {
		b.Resamples = 1000
	}
	if b.Confidence == 0 {
		b.Confidence = 0.95
	}
	if b.Resamples < 2 || b.Resamples > mostResamples || !(b.Confidence > 0 && b.Confidence < 1) {
		return nil, fmt.Errorf(
			"metrics: a bootstrap of %d resamples at confidence %g: want 2 to %d, and a confidence between 0 and 1",
			b.Resamples, b.Confidence, mostResamples)
	}
	d := &draws[M]{b.Confidence, original, make([][]M, b.Resamples)}
	inBlocks(b.Resamples, b.Resamples*images, func(from, to int) {
		resample := newWorker()
		for i := from; i < to; i++ {
			d.resampled[i] = resample(rand.New(rand.NewPCG(b.Seed, uint64(i))))
		}
	})
	return d, nil
}

// interval returns the interval of a metric, or of its difference between the first run and the second.
func (d *draws[M]) interval(metric func(M) float64) Interval {
	value := func(runs []M) float64 {
		if len(runs) == 1 {
			return metric(runs[0])
		}
		return metric(runs[0]) - metric(runs[1])
	}
	original, values := value(d.original), make([]float64, len(d.resampled))
	sum, squares := 0.0, 0.0
	for i, runs := range d.resampled {
		values[i] = value(runs)
		sum += values[i] - original
		squares += (values[i] - original) * (values[i] - original)
	}
	slices.Sort(values)
	n := float64(len(values))
	variance := (squares - sum*sum/n) / (n - 1)
	tail := (1 - d.confidence) / 2
	return Interval{
		Value:         original,
		Lower:         quantile.Linear(values, tail),
		Upper:         quantile.Linear(values, 1-tail),
		StandardError: math.Sqrt(max(variance, 0)),
	}
}
