package metrics

import (
	"fmt"
	"math"
)

// leastBandwidth bounds the search of SmoothECE.
const leastBandwidth = 0.001

// SmoothECE is the smooth calibration error (Błasiok and Nakkiran 2023, arXiv 2309.12236), a calibration error that has
// no bins and that changes little where a confidence changes little: [SmoothECEAt] at the bandwidth that is its own
// value. It needs no choice. A value below 0.001 is that at bandwidth 0.001.
//
// The authors' code, relplot, rounds the bandwidth up to a multiple of 2^-10 and does not double the ends of its grid,
// which changes the value by some percent.
func SmoothECE(logits Logits, labels []int32) (float64, error) {
	o, err := newOutcomes(logits, labels)
	if err != nil {
		return 0, err
	}
	// The error falls as the bandwidth rises: halve this until it is below the error.
	low, high := 1.0, 1.0
	residual := o.cosines(cosineTerms(low))
	for value := smoothed(residual, low); value <= low; value = smoothed(residual, low) {
		if low == leastBandwidth {
			return value, nil
		}
		low, high = max(low/2, leastBandwidth), low
		residual = o.cosines(cosineTerms(low))
	}
	for high-low > 1e-12 {
		middle := (low + high) / 2
		if smoothed(residual, middle) > middle {
			low = middle
		} else {
			high = middle
		}
	}
	return high, nil
}

// SmoothECEAt is the smooth calibration error at a bandwidth, a standard deviation of at least 0.001 on the scale of
// confidences:
//
//	∫₀¹ |1/n sum_i (correct_i - confidence_i) K(t, confidence_i)| dt
//
// where K is the Gaussian density reflected at 0 and at 1.
func SmoothECEAt(logits Logits, labels []int32, bandwidth float64) (float64, error) {
	o, err := newOutcomes(logits, labels)
	if err != nil {
		return 0, err
	}
	if !(bandwidth >= leastBandwidth) || math.IsInf(bandwidth, 1) {
		return 0, fmt.Errorf("metrics: bandwidth is %g, want at least %g", bandwidth, leastBandwidth)
	}
	return smoothed(o.cosines(cosineTerms(bandwidth)), bandwidth), nil
}

// The reflected Gaussian is the kernel of diffusion between two walls, for which cosines are eigenfunctions:
//
//	K(t, f) = 1 + 2 sum_m exp(-(π m bandwidth)² / 2) cos(π m t) cos(π m f)

// cosineTerms returns the number of terms after which the factors are below 1e-17.
func cosineTerms(bandwidth float64) int { return int(math.Ceil(9/(math.Pi*bandwidth))) + 1 }

// cosines returns 1/n sum_i (correct_i - confidence_i) cos(π m confidence_i) for each m.
func (o *outcomes) cosines(terms int) []float64 {
	sums := make([]float64, terms)
	for i, confidence := range o.confidence {
		residual := (o.correct[i] - confidence) / float64(len(o.confidence))
		eachCosine(confidence, terms, func(m int, cosine float64) { sums[m] += residual * cosine })
	}
	return sums
}

// smoothed integrates the absolute value of the smoothed residual by the trapezoidal rule.
func smoothed(residual []float64, bandwidth float64) float64 {
	const steps = 4000
	terms := min(cosineTerms(bandwidth), len(residual))
	amplitudes := make([]float64, terms)
	for m := range amplitudes {
		frequency := math.Pi * float64(m) * bandwidth
		amplitudes[m] = 2 * math.Exp(-frequency*frequency/2) * residual[m]
	}
	amplitudes[0] /= 2
	integral := 0.0
	for step := range steps + 1 {
		value := 0.0
		eachCosine(float64(step)/steps, terms, func(m int, cosine float64) { value += amplitudes[m] * cosine })
		weight := 1.0 / steps
		if step == 0 || step == steps {
			weight /= 2
		}
		integral += weight * math.Abs(value)
	}
	return integral
}

// eachCosine calls f with cos(π m x) for m from 0, each from the two before.
func eachCosine(x float64, terms int, f func(m int, cosine float64)) {
	cosine := math.Cos(math.Pi * x)
	before, current := cosine, 1.0 // of m = -1 and m = 0
	for m := range terms {
		f(m, current)
		before, current = current, 2*cosine*current-before
	}
}
