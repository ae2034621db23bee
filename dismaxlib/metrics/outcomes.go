package metrics

import (
	"math"
	"runtime"

	"github.com/dismax-go/dismax/internal/parallel"
	"github.com/dismax-go/dismax/internal/softmax"
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
	inBlocks(rows, len(logits.Values), func(from, to int) {
		exponentials := make([]float64, logits.Classes)
		for i := from; i < to; i++ {
			o.set(i, logits.Row(i), int(labels[i]), 1/logits.Temperature(), exponentials)
		}
	})
	return o, nil
}

// set computes the outcome of one row; exponentials is scratch.
func (o *outcomes) set(i int, row []float64, label int, inverseTemperature float64, exponentials []float64) {
	predicted, sum := softmax.Exponentials(exponentials, row, inverseTemperature)
	sumOfSquares := 0.0
	for _, e := range exponentials {
		sumOfSquares += e * e
	}
	o.confidence[i] = 1 / sum
	if predicted == label {
		o.correct[i] = 1
	}
	o.nll[i] = math.Log(sum) - (row[label]-row[predicted])*inverseTemperature
	o.brier[i] = max(0, sumOfSquares/(sum*sum)-2*exponentials[label]/sum+1)
}

// inBlocks calls f on ranges that cover [0, n), on all processors if the work, in units of some nanoseconds, is worth it.
func inBlocks(n, work int, f func(from, to int)) {
	const worthABlock, perProcessor = 50_000, 4
	blocks := min(n, 1+work/worthABlock, perProcessor*runtime.GOMAXPROCS(0))
	_ = parallel.For(blocks, func(i int) error {
		f(i*n/blocks, (i+1)*n/blocks)
		return nil
	})
}
