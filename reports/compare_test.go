package reports

import (
	"math"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/record"
)

func TestComparePairsBySeed(t *testing.T) {
	a := measurement{[]string{"1", "2", "3", "4"}, []float64{10, 21, 32, 99}}
	b := measurement{[]string{"3", "1", "2", "5"}, []float64{30, 9, 20, 0}}
	got, err := compare(a, b)
	// Differences 1, 1 and 2: mean 4/3, standard error 1/3, and 4.3027 of those on either side.
	if err != nil || got.Pairs != 3 || math.Abs(got.Mean-4./3) > 1e-9 || math.Abs(got.Lower-(4./3-4.302652729749464/3)) > 1e-6 {
		t.Errorf("got %+v, %v, want 4/3 and 4.3027 thirds on either side", got, err)
	}
}

func TestCompareTakesTheMeanOfRepeatedSeeds(t *testing.T) {
	a := measurement{[]string{"1", "1", "2", "3"}, []float64{1, 3, 2.25, 1.75}}
	b := measurement{[]string{"1", "2", "3"}, []float64{0, 0, 0}}
	if got, err := compare(a, b); err != nil || got.Mean != 2 || got.Pairs != 3 || got.Lower <= 0 {
		t.Errorf("got %+v, %v, want a difference of 2 over 3 pairs, whose interval excludes 0", got, err)
	}
}

func TestRunsThatHoldOutTheSameClassesAreOnePair(t *testing.T) {
	seed := func(seed int64, classes ...string) string {
		return pairOf(&record.Record{Spec: record.Spec{Seed: seed, HoldOutClasses: classes}})
	}
	if seed(1, "cat", "dog") != seed(2, "dog", "cat") || seed(1, "cat") == seed(1, "dog") || seed(1) == seed(2) {
		t.Error("runs are paired by the classes held out, whatever the order and the seed, and else by the seed")
	}
}

func TestCompareSaysWhyItCannot(t *testing.T) {
	three := measurement{[]string{"1", "2", "3"}, []float64{0.91, 0.92, 0.93}}
	for name, test := range map[string]struct {
		other measurement
		want  error
	}{
		"none":          {measurement{}, errFewPairs},
		"two shared":    {measurement{[]string{"1", "2", "4"}, []float64{1, 2, 3}}, errFewPairs},
		"one twice":     {measurement{[]string{"1", "1", "2"}, []float64{1, 2, 3}}, errFewPairs},
		"not finite":    {measurement{[]string{"1", "2", "3"}, []float64{1, 2, math.NaN()}}, errNotFinite},
		"always as far": {measurement{[]string{"1", "2", "3"}, []float64{0.90, 0.91, 0.92}}, errAlike},
		"equal":         {three, nil},
	} {
		if got, err := compare(three, test.other); err != test.want || err == nil && got.P < 1 {
			t.Errorf("%s: got %+v, %v, want %v", name, got, err, test.want)
		}
	}
}
