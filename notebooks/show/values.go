package show

import (
	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/reports"
)

// Interval names a confidence interval, for [reports.Intervals].
func Interval(name string, i metrics.Interval) reports.Interval {
	return reports.Interval{Name: name, Value: i.Value, Lower: i.Lower, Upper: i.Upper}
}

// ROC returns the ROC curve of the scores of known and unknown images, for [reports.Curves].
func ROC(name string, in, out []float64) reports.Curve {
	curve := reports.Curve{Name: name}
	for _, at := range Must(metrics.ROC(in, out, 200)) {
		curve.X, curve.Y = append(curve.X, at.FalsePositiveRate), append(curve.Y, at.TruePositiveRate)
	}
	return curve
}
