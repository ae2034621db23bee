package metrics_test

import (
	"math"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/metrics"
)

// The values are those of scipy.stats.ttest_rel(a, b) and its confidence_interval(0.95), SciPy 1.17.1.
func TestPairedIsTheTTestOfDifferences(t *testing.T) {
	for _, test := range []struct {
		name string
		a, b []float64
		want metrics.PairedDifference
	}{
		{"three pairs", []float64{9, 20, 30}, []float64{10, 21, 32},
			metrics.PairedDifference{Mean: -1.3333333333333333, Lower: -2.7675509099, Upper: 0.1008842432, P: 0.0571909584, Pairs: 3}},
		{"five pairs", []float64{0.69, 0.70, 0.68, 0.71, 0.695}, []float64{0.66, 0.68, 0.665, 0.68, 0.69},
			metrics.PairedDifference{Mean: 0.02, Lower: 0.0068301645, Upper: 0.0331698355, P: 0.0135168815, Pairs: 5}},
		{"the same values", []float64{1, 2, 3}, []float64{1, 2, 3}, metrics.PairedDifference{P: 1, Pairs: 3}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := metrics.Paired(test.a, test.b)
			if err != nil {
				t.Fatal(err)
			}
			for _, pair := range [][2]float64{{got.Mean, test.want.Mean}, {got.Lower, test.want.Lower},
				{got.Upper, test.want.Upper}, {got.P, test.want.P}} {
				if math.Abs(pair[0]-pair[1]) > 1e-8 || got.Pairs != test.want.Pairs {
					t.Errorf("got %+v, want %+v", got, test.want)
				}
			}
		})
	}
}

func TestPairedRefusesWhatHasNoInterval(t *testing.T) {
	for _, test := range []struct {
		name, want string
		a, b       []float64
	}{
		{"one pair", "two pairs or more", []float64{1}, []float64{2}},
		{"sides of different length", "3 and 2 values", []float64{1, 2, 3}, []float64{1, 2}},
		{"not a number", "pair 1", []float64{1, math.NaN()}, []float64{1, 2}},
		{"one difference three times", "without a spread", []float64{0.51, 0.61, 0.71}, []float64{0.5, 0.6, 0.7}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got, err := metrics.Paired(test.a, test.b); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %+v and error %v, want %q in it", got, err, test.want)
			}
		})
	}
}

// The values are those of statsmodels' multipletests(p, method="holm"), by hand: 4 x 0.01, 3 x 0.02, 2 x 0.03 and 0.9.
func TestHolmCorrectsForTheNumberOfTests(t *testing.T) {
	got, err := metrics.Holm([]float64{0.03, 0.01, 0.9, 0.02})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{0.06, 0.04, 0.9, 0.06} {
		if math.Abs(got[i]-want) > 1e-12 {
			t.Errorf("got %g, want %g at %d", got, want, i)
		}
	}
	if got, err := metrics.Holm([]float64{0.4, 0.5}); err != nil || got[0] != 0.8 || got[1] != 0.8 {
		t.Errorf("got %g, %v, want 0.8 twice: none is smaller than one before it", got, err)
	}
	if _, err := metrics.Holm([]float64{0.5, math.NaN()}); err == nil || !strings.Contains(err.Error(), "p value 1") {
		t.Errorf("got error %v, want one that names p value 1", err)
	}
}
