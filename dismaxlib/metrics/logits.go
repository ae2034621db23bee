package metrics

import (
	"fmt"
	"math"

	"github.com/dismax-go/dismax/internal/softmax"
)

// Logits holds the raw outputs of a classifier before the softmax, one row per image, and the temperature that
// probabilities are read at.
//
// Values is [rows, Classes] in row-major order and is never changed: scores are taken from it as it is. The temperature
// divides it only where a probability is computed, so that it cannot be applied twice: see [Logits.At].
type Logits struct {
	Values  []float64
	Classes int

	temperature float64 // 0 means not set, which is 1
}

// At returns the same logits read at the temperature: probabilities are softmax(Values / temperature). It shares
// Values. The temperature replaces an earlier one, it does not multiply it. It must be positive and finite; the metric
// that is computed next says so if it is not. At(0) is such a mistake, and no way back to 1: [Logits.Temperature] is NaN.
func (l Logits) At(temperature float64) Logits {
	if temperature == 0 {
		temperature = math.NaN() // 0 is how the zero Logits says 1; here it is a mistake.
	}
	l.temperature = temperature
	return l
}

// Temperature returns the temperature the logits are read at: 1 unless [Logits.At] set another.
func (l Logits) Temperature() float64 {
	if l.temperature == 0 {
		return 1
	}
	return l.temperature
}

// Rows returns the number of images.
func (l Logits) Rows() int {
	if l.Classes < 1 {
		return 0
	}
	return len(l.Values) / l.Classes
}

// Row returns the raw logits of one image, [Classes].
func (l Logits) Row(i int) []float64 {
	return l.Values[i*l.Classes : (i+1)*l.Classes]
}

// Class returns the predicted class of an image: that of its largest logit, the first of equals.
func (l Logits) Class(i int) int { return softmax.Largest(l.Row(i)) }

// Probabilities returns softmax(logits / temperature) of one image, [Classes].
func (l Logits) Probabilities(i int) []float64 {
	probabilities := make([]float64, l.Classes)
	_, sum := softmax.Exponentials(probabilities, l.Row(i), 1/l.Temperature())
	for class := range probabilities {
		probabilities[class] /= sum
	}
	return probabilities
}

// Select returns the given rows, in that order, and their labels: for example a random half of them. Values are copied,
// and the temperature is kept. It panics if there is no such row or label.
func (l Logits) Select(labels []int32, rows []int) (Logits, []int32) {
	selected := l
	selected.Values = make([]float64, 0, len(rows)*l.Classes)
	selectedLabels := make([]int32, len(rows))
	for to, from := range rows {
		selected.Values = append(selected.Values, l.Row(from)...)
		selectedLabels[to] = labels[from]
	}
	return selected, selectedLabels
}

// Check returns an error unless the logits are a full, finite, non-empty matrix at a valid temperature and there is one
// label in [0, Classes) per row.
func (l Logits) Check(labels []int32) error {
	if l.Classes < 1 {
		return fmt.Errorf("metrics: logits.Classes is %d, want at least 1", l.Classes)
	}
	if len(l.Values)%l.Classes != 0 {
		return fmt.Errorf("metrics: logits.Values has %d entries, which is not a multiple of %d classes",
			len(l.Values), l.Classes)
	}
	if len(l.Values) == 0 {
		return fmt.Errorf("metrics: logits.Values has no rows: %w", ErrEmpty)
	}
	if inverse := 1 / l.Temperature(); !(inverse > 0) || math.IsInf(inverse, 0) {
		return fmt.Errorf("metrics: the temperature of logits is %g, want a positive, finite number", l.Temperature())
	}
	for i, value := range l.Values {
		if value-value != 0 { // NaN or infinite
			return fmt.Errorf("metrics: logits.Values[%d] (row %d, class %d) is %g, want a finite number",
				i, i/l.Classes, i%l.Classes, value)
		}
	}
	if len(labels) != l.Rows() {
		return fmt.Errorf("metrics: labels has %d entries for %d rows of logits", len(labels), l.Rows())
	}
	for i, label := range labels {
		if label < 0 || int(label) >= l.Classes {
			return fmt.Errorf("metrics: labels[%d] is %d, want a class from 0 to %d", i, label, l.Classes-1)
		}
	}
	return nil
}
