package reports

import (
	"math"
	"testing"
)

func TestComparePairsBySeed(t *testing.T) {
	a := measurement{[]int64{1, 2, 3, 4}, []float64{10, 21, 32, 99}}
	b := measurement{[]int64{3, 1, 2, 5}, []float64{30, 9, 20, 0}}
	got, err := compare(a, b, 1)
	// Differences 1, 1 and 2: mean 4/3, standard error 1/3, and 4.3027 of those on either side.
	want := difference{4. / 3, 4./3 - 4.302652729749464/3, 4./3 + 4.302652729749464/3, 3}
	if err != nil || math.Abs(got.mean-want.mean) > 1e-9 || math.Abs(got.lower-want.lower) > 1e-6 ||
		math.Abs(got.upper-want.upper) > 1e-6 || got.seeds != 3 {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if got.certain() {
		t.Errorf("an interval from %g to %g holds 0", got.lower, got.upper)
	}
}

func TestCompareIsWiderAsOneOfMany(t *testing.T) {
	a := measurement{[]int64{1, 2, 3}, []float64{1, 2, 3}}
	b := measurement{[]int64{1, 2, 3}, []float64{0, 0, 0}}
	got, err := compare(a, b, 10)
	// Mean 2, standard error 1/sqrt(3), and the quantile 0.9975 of two degrees of freedom is 14.0890.
	if want := 2 - 14.08904728/math.Sqrt(3); err != nil || math.Abs(got.lower-want) > 1e-6 {
		t.Errorf("got %+v, %v, want a lower end of %g", got, err, want)
	}
}

func TestCompareTakesTheMeanOfRepeatedSeeds(t *testing.T) {
	a := measurement{[]int64{1, 1, 2, 3}, []float64{1, 3, 2.25, 1.75}}
	b := measurement{[]int64{1, 2, 3}, []float64{0, 0, 0}}
	if got, err := compare(a, b, 1); err != nil || got.mean != 2 || got.seeds != 3 || !got.certain() {
		t.Errorf("got %+v, %v, want a certain difference of 2 over 3 seeds", got, err)
	}
}

func TestCompareSaysWhyItCannot(t *testing.T) {
	three := measurement{[]int64{1, 2, 3}, []float64{0.91, 0.92, 0.93}}
	for name, test := range map[string]struct {
		other measurement
		want  error
	}{
		"none":          {measurement{}, errFewSeeds},
		"two shared":    {measurement{[]int64{1, 2, 4}, []float64{1, 2, 3}}, errFewSeeds},
		"one twice":     {measurement{[]int64{1, 1, 2}, []float64{1, 2, 3}}, errFewSeeds},
		"not finite":    {measurement{[]int64{1, 2, 3}, []float64{1, 2, math.NaN()}}, errNotFinite},
		"always as far": {measurement{[]int64{1, 2, 3}, []float64{0.90, 0.91, 0.92}}, errAlike},
		"equal":         {three, nil},
	} {
		if got, err := compare(three, test.other, 1); err != test.want || err == nil && got.certain() {
			t.Errorf("%s: got %+v, %v, want %v", name, got, err, test.want)
		}
	}
}
