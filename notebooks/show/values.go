package show

import (
	"github.com/dismax-go/dismax/dismaxlib/metrics"
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
