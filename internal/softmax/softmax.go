// Package softmax computes the softmax of one row of float64 logits, finite for any finite logits.
package softmax

// Exponentials sets to[j] to exp((row[j] - largest) / temperature), where inverse is 1 / temperature, and returns their
// sum and the index of the largest logit, the first of equals. The softmax is to[j] / sum, and its logarithm
// (row[j] - largest) / temperature - log(sum). The row is not empty, and to has its length.
func Exponentials(to, row []float64, inverse float64) (largest int, sum float64) {
	largest = Largest(row)
	top := row[largest]
	for j, logit := range row {
		e := exp((logit - top) * inverse)
		to[j] = e
		sum += e
	}
	return largest, sum
}

// Largest returns the index of the largest logit of a row, the first of equals.
func Largest(row []float64) int {
	largest := 0
	for j, logit := range row {
		if logit > row[largest] {
			largest = j
		}
	}
	return largest
}
