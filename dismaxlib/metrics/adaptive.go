package metrics

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// AdaptiveECE is the expected calibration error over groups of equally many images (Nguyen and O'Connor 2015, arXiv
// 1508.05154; Nixon et al. 2019, arXiv 1904.01685, of the largest probability alone): images in the order of their
// confidence are cut into groups whose sizes differ by one at most, the larger first, and the mean of
// |confidence - accuracy| over the groups is weighted with their sizes. Equal confidences keep the order of the rows.
// There must not be more groups than rows.
//
// pytorch-ood, which is told the size of a group, leaves the remainder to the last one. Its "ACE" is another quantity.
func AdaptiveECE(logits Logits, labels []int32, groups int) (float64, error) {
	o, err := newOutcomes(logits, labels)
	if err != nil {
		return 0, err
	}
	rows := len(o.confidence)
	if groups < 1 || groups > rows {
		return 0, fmt.Errorf("metrics: groups is %d, want 1 to %d, the number of rows", groups, rows)
	}
	order := make([]int, rows)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(o.confidence[a], o.confidence[b]) })
	total, rest := 0.0, order
	for group := range groups {
		size := rows / groups
		if group < rows%groups {
			size++
		}
		gap := 0.0
		for _, row := range rest[:size] {
			gap += o.confidence[row] - o.correct[row]
		}
		total += math.Abs(gap)
		rest = rest[size:]
	}
	return total / float64(rows), nil
}
