package metrics

import "math"

// DefaultBins is the number of confidence bins that the paper and most of the field use for the calibration error.
const DefaultBins = 15

// ReliabilityBin describes the images whose confidence, the largest softmax probability, lies in (Lower, Upper].
// An empty bin has Count 0 and zeros.
type ReliabilityBin struct {
	Lower      float64
	Upper      float64
	Count      int
	Confidence float64 // mean confidence of the bin's images
	Accuracy   float64 // share of the bin's images that are classified correctly
}

// expectedError is the ECE.
func expectedError(bins []ReliabilityBin) float64 {
	return weightedMean(bins, func(b ReliabilityBin) float64 { return math.Abs(b.Confidence - b.Accuracy) })
}

// maximumError is the MCE.
func maximumError(bins []ReliabilityBin) float64 {
	largest := 0.0
	for _, b := range bins {
		largest = max(largest, math.Abs(b.Confidence-b.Accuracy))
	}
	return largest
}

func overconfidenceError(bins []ReliabilityBin) float64 {
	return weightedMean(bins, func(b ReliabilityBin) float64 {
		return b.Confidence * max(b.Confidence-b.Accuracy, 0)
	})
}

// weightedMean is the mean of f over the bins, weighted with their counts.
func weightedMean(bins []ReliabilityBin, f func(ReliabilityBin) float64) float64 {
	sum, count := 0.0, 0
	for _, b := range bins {
		sum += float64(b.Count) * f(b)
		count += b.Count
	}
	return sum / float64(count)
}

// binEdges returns 0, 1/bins, …, 1.
func binEdges(bins int) []float64 {
	edges := make([]float64, bins+1)
	for i := range edges {
		edges[i] = float64(i) / float64(bins)
	}
	return edges
}

// binOf returns the index of the bin (edges[i], edges[i+1]] that holds the confidence. The product can round to the
// wrong side of an edge, so the edges themselves have the last word.
func binOf(confidence float64, edges []float64) int {
	bins := len(edges) - 1
	i := min(max(int(math.Ceil(confidence*float64(bins)))-1, 0), bins-1)
	if confidence <= edges[i] && i > 0 {
		return i - 1
	}
	if confidence > edges[i+1] && i < bins-1 {
		return i + 1
	}
	return i
}

// newReliability returns empty bins between the edges. While images are added, Confidence and Accuracy hold sums, which
// sumsToMeans turns into means.
func newReliability(edges []float64) []ReliabilityBin {
	bins := make([]ReliabilityBin, len(edges)-1)
	for i := range bins {
		bins[i].Lower, bins[i].Upper = edges[i], edges[i+1]
	}
	return bins
}

// add counts an image as often as the weight says.
func (b *ReliabilityBin) add(weight int, confidence, correct float64) {
	b.Count += weight
	b.Confidence += float64(weight) * confidence
	b.Accuracy += float64(weight) * correct
}

func sumsToMeans(bins []ReliabilityBin) {
	for i := range bins {
		if b := &bins[i]; b.Count > 0 {
			b.Confidence /= float64(b.Count)
			b.Accuracy /= float64(b.Count)
		}
	}
}
