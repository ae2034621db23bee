package experiment

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/dismax-go/dismax/dismaxlib/metrics"
)

// mean returns the logarithms of the mean probabilities of the members on one set, which are logits of the ensemble, and
// the labels. The members are read at temperature 1, or at their own.
func (m members) mean(set string, calibrated bool) (metrics.Logits, []int32, error) {
	var mean metrics.Logits
	var labels []int32
	for i, member := range m {
		logits, own, err := LoadLogits(member.folder, set)
		if err != nil {
			return mean, nil, err
		}
		if i == 0 {
			mean, labels = metrics.Logits{Values: make([]float64, len(logits.Values)), Classes: logits.Classes}, own
		}
		if logits.Rows() != mean.Rows() || logits.Classes != mean.Classes || !slices.Equal(own, labels) {
			return mean, nil, fmt.Errorf("%s and %s answered on other images of %s", m[0].folder, member.folder, set)
		}
		if calibrated {
			logits = logits.At(member.record.Test.Temperature)
		}
		for row := range logits.Rows() {
			for class, p := range logits.Probabilities(row) {
				mean.Row(row)[class] += p / float64(len(m))
			}
		}
	}
	if mean.Rows() == 0 {
		return mean, nil, errors.New("there are no logits of " + set)
	}
	for i, p := range mean.Values {
		mean.Values[i] = math.Log(max(p, math.SmallestNonzeroFloat64))
	}
	return mean, labels, nil
}

// overRows applies a function to the probabilities of each row.
func overRows(logits metrics.Logits, of func(probabilities []float64) float64) []float64 {
	values := make([]float64, logits.Rows())
	for i := range values {
		values[i] = of(logits.Probabilities(i))
	}
	return values
}

// negativeEntropy is sum_j p_j log p_j, with 0 log 0 = 0.
func negativeEntropy(probabilities []float64) float64 {
	sum := 0.0
	for _, p := range probabilities {
		if p > 0 {
			sum += p * math.Log(p)
		}
	}
	return sum
}
