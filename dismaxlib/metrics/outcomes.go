package metrics

import (
	"math"
	"runtime"
	"sync"

	"github.com/dismax-go/dismax/internal/exponential"
)

// outcomes holds what every classification metric needs to know about each image, so that the softmax is computed once.
type outcomes struct {
	confidence []float64 // largest softmax probability
	correct    []float64 // 1 if the most probable class (the first of equals) is the label, else 0
	nll        []float64 // -log of the label's probability
	brier      []float64 // squared distance between the probabilities and the one-hot label
}

// newOutcomes checks its arguments and computes the outcomes of all rows, on all cores.
func newOutcomes(logits Logits, labels []int32) (*outcomes, error) {
	if err := logits.Check(labels); err != nil {
		return nil, err
	}
	rows := logits.Rows()
	storage := make([]float64, 4*rows)
	o := &outcomes{
		confidence: storage[:rows],
		correct:    storage[rows : 2*rows],
		nll:        storage[2*rows : 3*rows],
		brier:      storage[3*rows:],
	}
	inParallel(rows, len(logits.Values), func(from, to int) {
		for i := from; i < to; i++ {
			o.set(i, logits.Row(i), int(labels[i]), 1/logits.Temperature())
		}
	})
	return o, nil
}

// set computes the outcome of one row. The largest logit is subtracted first, so that no exponential overflows.
func (o *outcomes) set(i int, row []float64, label int, inverseTemperature float64) {
	best := argMax(row)
	largest := row[best]
	var sum, sumOfSquares float64
	for _, logit := range row {
		e := exponential.OfNegative((logit - largest) * inverseTemperature)
		sum += e
		sumOfSquares += e * e
	}
	labelLogit := (row[label] - largest) * inverseTemperature
	labelProbability := exponential.OfNegative(labelLogit) / sum

	o.confidence[i] = 1 / sum
	if best == label {
		o.correct[i] = 1
	}
	o.nll[i] = math.Log(sum) - labelLogit
	o.brier[i] = max(0, sumOfSquares/(sum*sum)-2*labelProbability+1)
}

func argMax(row []float64) int {
	best := 0
	for class, logit := range row {
		if logit > row[best] {
			best = class
		}
	}
	return best
}

// inParallel calls f on ranges that cover [0, n). The work, in units of some nanoseconds, decides over how many cores.
func inParallel(n, work int, f func(from, to int)) {
	const worthACore = 50_000
	workers := min(runtime.GOMAXPROCS(0), n, 1+work/worthACore)
	if workers <= 1 {
		f(0, n)
		return
	}
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() { f(w*n/workers, (w+1)*n/workers) })
	}
	group.Wait()
}
