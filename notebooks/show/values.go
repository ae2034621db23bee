package show

import (
	"math"

	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/reports/plot"
)

// Interval names a confidence interval, for [plot.Intervals].
func Interval(name string, i metrics.Interval) plot.Interval {
	return plot.Interval{Name: name, Value: i.Value, Lower: i.Lower, Upper: i.Upper}
}

// ROC returns the ROC curve of the scores of known and unknown images, for [plot.Curves].
func ROC(name string, in, out []float64) plot.Curve {
	curve := plot.Curve{Name: name}
	for _, at := range Must(metrics.ROC(in, out, 200)) {
		curve.X, curve.Y = append(curve.X, at.FalsePositiveRate), append(curve.Y, at.TruePositiveRate)
	}
	return curve
}

// Reliability returns the accuracy of each bin that holds images against its mean confidence, for [plot.Curves]. The
// band is Wilson's 95% interval of the accuracy.
func Reliability(name string, bins []record.ReliabilityBin) plot.Curve {
	curve := plot.Curve{Name: name, Dots: true}
	for _, bin := range bins {
		if bin.Count == 0 {
			continue
		}
		lower, upper := wilson(bin.Accuracy, float64(bin.Count))
		curve.X, curve.Y = append(curve.X, bin.Confidence), append(curve.Y, bin.Accuracy)
		curve.Lower, curve.Upper = append(curve.Lower, lower), append(curve.Upper, upper)
	}
	return curve
}

// wilson returns the 95% interval of a share of n (Wilson 1927, JASA 22).
func wilson(share, n float64) (lower, upper float64) {
	const z = 1.959964 // the normal distribution's quantile at 97.5%
	centre := (share + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(share*(1-share)/n+z*z/(4*n*n))
	return max(0, centre-half), min(1, centre+half)
}
