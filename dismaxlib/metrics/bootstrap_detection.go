package metrics

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// DetectionIntervals holds an interval for each metric of [Detection].
type DetectionIntervals struct {
	Convention                                              Convention
	AUROC, AUPRIn, AUPROut, TNR95, FPR95, DetectionAccuracy Interval
}

// Scores are one run's scores of the in- and the out-of-distribution images.
type Scores struct{ In, Out []float64 }

// Detection returns the detection metrics of a run with their intervals. In- and out-of-distribution images are drawn
// separately, so that every resample has as many of each as the sets.
func (b Bootstrap) Detection(in, out []float64, convention Convention) (DetectionIntervals, error) {
	return b.detection(convention, Scores{in, out})
}

// CompareDetection returns by how much the metrics of the first run exceed those of the second, with the intervals of
// the difference. Both runs scored the same images in the same order and are resampled together, which makes the
// intervals much narrower than the two runs' own intervals suggest.
func (b Bootstrap) CompareDetection(first, second Scores, convention Convention) (DetectionIntervals, error) {
	if len(first.In) != len(second.In) || len(first.Out) != len(second.Out) {
		return DetectionIntervals{}, fmt.Errorf(
			"metrics: the first run has %d and %d scores, the second %d and %d: a paired comparison needs the same images",
			len(first.In), len(first.Out), len(second.In), len(second.Out))
	}
	return b.detection(convention, first, second)
}

// detection measures one run, or the difference of two.
func (b Bootstrap) detection(convention Convention, runs ...Scores) (DetectionIntervals, error) {
	if err := convention.check(); err != nil {
		return DetectionIntervals{}, err
	}
	ranked := make([]rankedRun, len(runs))
	for i, run := range runs {
		if err := checkBothScores(run.In, run.Out); err != nil {
			return DetectionIntervals{}, err
		}
		ranked[i] = newRankedRun(run)
	}
	measure := func(tallies []*tally) (detections []Detection) {
		for _, t := range tallies {
			detections = append(detections, t.detect(convention))
		}
		return detections
	}
	originals, cost := make([]*tally, len(runs)), 0
	for i, run := range ranked {
		originals[i] = run.tally
		cost += run.totalIn + run.totalOut
	}
	draws, err := draw(b, measure(originals), cost, func() func(*rand.Rand) []Detection {
		redraw := newRedraw(ranked)
		return func(random *rand.Rand) []Detection { return measure(redraw(random)) }
	})
	if err != nil {
		return DetectionIntervals{}, err
	}
	return DetectionIntervals{
		Convention:        convention,
		AUROC:             draws.interval(func(d Detection) float64 { return d.AUROC }),
		AUPRIn:            draws.interval(func(d Detection) float64 { return d.AUPRIn }),
		AUPROut:           draws.interval(func(d Detection) float64 { return d.AUPROut }),
		TNR95:             draws.interval(func(d Detection) float64 { return d.TNR95 }),
		FPR95:             draws.interval(func(d Detection) float64 { return d.FPR95 }),
		DetectionAccuracy: draws.interval(func(d Detection) float64 { return d.DetectionAccuracy }),
	}, nil
}

// rankedRun knows where each image's score lies in the tally, so that resampling needs no sorting.
type rankedRun struct {
	*tally
	rankIn, rankOut []int32 // index into tally.scores of each image
}

func newRankedRun(run Scores) rankedRun {
	t := newTally(run.In, run.Out)
	rank := func(scores []float64) []int32 {
		ranks := make([]int32, len(scores))
		for i, score := range scores {
			position, _ := slices.BinarySearch(t.scores, score)
			ranks[i] = int32(position)
		}
		return ranks
	}
	return rankedRun{tally: t, rankIn: rank(run.In), rankOut: rank(run.Out)}
}

// newRedraw returns a function that draws the images of all runs anew, the same for each run. The tallies that it
// returns are overwritten by its next call.
func newRedraw(runs []rankedRun) func(random *rand.Rand) []*tally {
	drawn := make([]*tally, len(runs))
	for i, run := range runs {
		drawn[i] = &tally{
			scores: run.scores, totalIn: run.totalIn, totalOut: run.totalOut,
			in: make([]int32, len(run.in)), out: make([]int32, len(run.out)),
		}
	}
	return func(random *rand.Rand) []*tally {
		for _, t := range drawn {
			clear(t.in)
			clear(t.out)
		}
		for range runs[0].totalIn {
			image := random.IntN(runs[0].totalIn)
			for i, run := range runs {
				drawn[i].in[run.rankIn[image]]++
			}
		}
		for range runs[0].totalOut {
			image := random.IntN(runs[0].totalOut)
			for i, run := range runs {
				drawn[i].out[run.rankOut[image]]++
			}
		}
		return drawn
	}
}
