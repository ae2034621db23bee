package metrics

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
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

// metricCount is how many metrics a Detection has, and an Evaluation.
const metricCount = 6

// sample holds the metrics on one resample.
type sample [metricCount]float64

// add adds the metrics of run 0 and subtracts those of run 1.
func (s *sample) add(run int, values ...float64) {
	for i, value := range values {
		if run == 0 {
			s[i] += value
		} else {
			s[i] -= value
		}
	}
}

// intervals draws the resamples on all cores and sums up each metric. newWorker returns a function that draws one, with
// scratch memory of its own; images is how many it draws.
func (b Bootstrap) intervals(original sample, images int, newWorker func() func(*rand.Rand) sample) (
	intervals [metricCount]Interval, err error) {

	if b.Resamples == 0 {
		b.Resamples = 1000
	}
	if b.Confidence == 0 {
		b.Confidence = 0.95
	}
	if b.Resamples < 2 || !(b.Confidence > 0 && b.Confidence < 1) {
		return intervals, fmt.Errorf(
			"metrics: a bootstrap of %d resamples at confidence %g: want at least 2, and a confidence between 0 and 1",
			b.Resamples, b.Confidence)
	}
	samples := make([]sample, b.Resamples)
	inParallel(b.Resamples, b.Resamples*images, func(from, to int) {
		draw := newWorker()
		for i := from; i < to; i++ {
			samples[i] = draw(rand.New(rand.NewPCG(b.Seed, uint64(i))))
		}
	})
	values := make([]float64, b.Resamples)
	for metric := range intervals {
		for i, s := range samples {
			values[i] = s[metric]
		}
		intervals[metric] = b.interval(original[metric], values)
	}
	return intervals, nil
}

// interval sorts the values in place.
func (b Bootstrap) interval(original float64, values []float64) Interval {
	slices.Sort(values)
	sum, squares := 0.0, 0.0
	for _, value := range values {
		sum += value - original
		squares += (value - original) * (value - original)
	}
	n := float64(len(values))
	variance := (squares - sum*sum/n) / (n - 1)
	tail := (1 - b.Confidence) / 2
	return Interval{
		Value:         original,
		Lower:         quantile(values, tail),
		Upper:         quantile(values, 1-tail),
		StandardError: math.Sqrt(max(variance, 0)),
	}
}

// quantile interpolates linearly between the ascending values.
func quantile(values []float64, share float64) float64 {
	position := share * float64(len(values)-1)
	below := int(position)
	above := min(below+1, len(values)-1)
	return values[below] + (position-float64(below))*(values[above]-values[below])
}
