package metrics

import (
	"math"
	"slices"
)

// Histogram counts in- and out-of-distribution scores in shared bins: len(Edges) = len(In) + 1 = len(Out) + 1.
type Histogram struct {
	Edges []float64 // ascending; a bin is [Edges[i], Edges[i+1]), the last one includes its upper edge
	In    []int
	Out   []int
}

// NewHistogram counts the scores in equally wide bins from the smallest to the largest finite score. Infinite scores
// count in the first and in the last bin.
func NewHistogram(in, out []float64, bins int) (Histogram, error) {
	if err := checkBothScores(in, out); err != nil {
		return Histogram{}, err
	}
	if err := checkBins(bins); err != nil {
		return Histogram{}, err
	}
	low, high := finiteRange(in, out)
	h := Histogram{Edges: make([]float64, bins+1)}
	h.Edges[0], h.Edges[bins] = low, high
	for i := 1; i < bins; i++ {
		share := float64(i) / float64(bins)
		h.Edges[i] = min(max(low*(1-share)+high*share, h.Edges[i-1]), high)
	}
	h.In, h.Out = h.count(in), h.count(out)
	return h, nil
}

// finiteRange returns the smallest and the largest finite score, and a range of width 1 around them where they are
// equal or where there are none.
func finiteRange(sets ...[]float64) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, scores := range sets {
		for _, score := range scores {
			if !math.IsInf(score, 0) {
				low, high = min(low, score), max(high, score)
			}
		}
	}
	switch {
	case low > high:
		return -0.5, 0.5
	case low == high:
		return low - 0.5, high + 0.5
	}
	return low, high
}

func (h Histogram) count(scores []float64) []int {
	counts := make([]int, len(h.Edges)-1)
	for _, score := range scores {
		bin, onEdge := slices.BinarySearch(h.Edges, score)
		if !onEdge {
			bin--
		}
		counts[min(max(bin, 0), len(counts)-1)]++
	}
	return counts
}
