package main

import (
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// difference is one mean minus another, and half the width of its 95% interval: NaN where a side has a single value.
type difference struct{ mean, room float64 }

// welch compares the means of two samples of at least one value. The interval is Welch's, for samples of different size and
// spread that have no seed, image order or first weight in common:
//
//	mean(a) - mean(b) ± t(0.975, ν) √(s²(a)/n(a) + s²(b)/n(b))
//
// where s² is the sample variance (n - 1) and ν the degrees of freedom by Welch and Satterthwaite.
func welch(a, b []float64) difference {
	d := difference{stat.Mean(a, nil) - stat.Mean(b, nil), math.NaN()}
	if len(a) < 2 || len(b) < 2 {
		return d
	}
	left, right := stat.Variance(a, nil)/float64(len(a)), stat.Variance(b, nil)/float64(len(b))
	variance := left + right
	if variance == 0 {
		d.room = 0
		return d
	}
	freedom := variance * variance / (left*left/float64(len(a)-1) + right*right/float64(len(b)-1))
	student := distuv.StudentsT{Sigma: 1, Nu: freedom}
	d.room = student.Quantile(0.975) * math.Sqrt(variance)
	return d
}
