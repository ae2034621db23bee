package metrics

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// PairedDifference is the mean of the differences between paired measurements, and how sure it is.
type PairedDifference struct {
	Mean         float64 // of the differences
	Lower, Upper float64 // its 95% interval, by Student's t distribution
	P            float64 // of the two-sided t test that the mean is 0
	Pairs        int
}

// Paired compares two methods by measurements that belong together, such as the accuracies of the networks of the same
// seeds: what the networks of one seed have in common, such as images and their order, leaves the differences d = a - b.
// With n pairs, their mean m and their sample standard deviation s (n - 1),
//
//	interval  m ± t(0.975, n-1) s/√n        p  of  m √n/s  in Student's t distribution of n-1 degrees of freedom
//
// It is an error if the sides differ in number or have fewer than two values, if a value is not finite, or if
// all differences are the same number other than 0: they have no spread to say how sure it is.
func Paired(a, b []float64) (PairedDifference, error) {
	if len(a) != len(b) || len(a) < 2 {
		return PairedDifference{}, fmt.Errorf("paired difference of %d and %d values: it takes two pairs or more", len(a), len(b))
	}
	differences := make([]float64, len(a))
	for i := range a {
		differences[i] = a[i] - b[i]
		if math.IsNaN(differences[i]) || math.IsInf(differences[i], 0) {
			return PairedDifference{}, fmt.Errorf("paired difference: pair %d is %g and %g, and must be finite", i, a[i], b[i])
		}
	}
	mean, deviation := stat.MeanStdDev(differences, nil)
	if rounding := 1e-12 * math.Abs(mean); deviation <= rounding {
		if mean != 0 {
			return PairedDifference{}, fmt.Errorf("paired difference: all %d are %g, without a spread to judge it by", len(a), mean)
		}
		return PairedDifference{P: 1, Pairs: len(a)}, nil
	}
	n := float64(len(a))
	student, unit := distuv.StudentsT{Sigma: 1, Nu: n - 1}, deviation/math.Sqrt(n)
	room := student.Quantile(0.975) * unit
	return PairedDifference{mean, mean - room, mean + room, 2 * student.Survival(math.Abs(mean/unit)), len(a)}, nil
}

// Holm corrects the p values of so many tests for their number (Holm 1979): those that stay below 0.05 may all be
// believed, with at most a twentieth of a chance that one of them is wrong. Of n tests the one with the i-th smallest
// p, counted from 0, is multiplied by n - i; none comes out smaller than one before it, or larger than 1. It is an
// error if a p value is not in [0, 1].
func Holm(p []float64) ([]float64, error) {
	order := make([]int, len(p))
	for i, value := range p {
		if !(value >= 0 && value <= 1) {
			return nil, fmt.Errorf("correction by Holm: p value %d is %g, and must be in [0, 1]", i, value)
		}
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(p[i], p[j]) })
	corrected, largest := make([]float64, len(p)), 0.0
	for rank, i := range order {
		largest = max(largest, min(1, p[i]*float64(len(p)-rank)))
		corrected[i] = largest
	}
	return corrected, nil
}
