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

// Reliability sorts the images into equally wide confidence bins: the data of a reliability diagram.
func Reliability(logits Logits, labels []int32, bins int) ([]ReliabilityBin, error) {
	if err := checkBins(bins); err != nil {
		return nil, err
	}
	o, err := newOutcomes(logits, labels)
	if err != nil {
		return nil, err
	}
	return o.reliability(bins), nil
}

// ECE is the expected calibration error over equally wide bins (Guo et al. 2017, arXiv 1706.04599, equation 3), the one
// in the paper's tables: the mean of |confidence - accuracy| over the bins, weighted with the bins' shares of images.
func ECE(logits Logits, labels []int32, bins int) (float64, error) {
	reliability, err := Reliability(logits, labels, bins)
	return expectedError(reliability), err
}

// MCE is the maximum calibration error: the largest |confidence - accuracy| of a bin that is not empty.
func MCE(logits Logits, labels []int32, bins int) (float64, error) {
	reliability, err := Reliability(logits, labels, bins)
	return maximumError(reliability), err
}

// OverconfidenceError weights only the harmful side of the ECE: the mean over the bins of
// confidence * max(confidence - accuracy, 0), weighted with the bins' shares of images (Thulasidasan et al. 2019,
// arXiv 1905.11001).
func OverconfidenceError(logits Logits, labels []int32, bins int) (float64, error) {
	reliability, err := Reliability(logits, labels, bins)
	return overconfidenceError(reliability), err
}

func expectedError(bins []ReliabilityBin) float64 {
	return weightedMean(bins, func(b ReliabilityBin) float64 { return math.Abs(b.Confidence - b.Accuracy) })
}

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

// weightedMean is the mean of f over the bins, weighted with their counts; 0 if all are empty.
func weightedMean(bins []ReliabilityBin, f func(ReliabilityBin) float64) float64 {
	sum, count := 0.0, 0
	for _, b := range bins {
		sum += float64(b.Count) * f(b)
		count += b.Count
	}
	if count == 0 {
		return 0
	}
	return sum / float64(count)
}

func (o *outcomes) reliability(bins int) []ReliabilityBin {
	edges := binEdges(bins)
	tally := newReliability(edges)
	for i, confidence := range o.confidence {
		tally[binOf(confidence, edges)].add(1, confidence, o.correct[i])
	}
	return meansOf(tally)
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
// meansOf turns into means.
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

func meansOf(bins []ReliabilityBin) []ReliabilityBin {
	for i := range bins {
		if b := &bins[i]; b.Count > 0 {
			b.Confidence /= float64(b.Count)
			b.Accuracy /= float64(b.Count)
		}
	}
	return bins
}
