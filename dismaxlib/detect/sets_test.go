package detect

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/calibrate"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
)

// makeSets is THR, APS or APSNonEmpty.
type makeSets func(metrics.Logits, []int32, float64, FitTemperature) (*Sets, error)

var allSets = map[string]makeSets{thr: THR, aps: APS, apsNonEmpty: APSNonEmpty}

// labelled draws logits of five classes, and labels from the probabilities that they have at temperature 2.
func labelled(random *rand.Rand, rows int) (metrics.Logits, []int32) {
	logits, labels := metrics.Logits{Classes: 5}, make([]int32, rows)
	for range rows * logits.Classes {
		logits.Values = append(logits.Values, 4*random.NormFloat64())
	}
	for row := range labels {
		rest := random.Float64()
		for class, p := range logits.At(2).Probabilities(row) {
			if rest -= p; rest <= 0 {
				labels[row] = int32(class)
				break
			}
		}
	}
	return logits, labels
}

// coverage returns the share of rows whose label is in the set.
func coverage(sets [][]int, labels []int32) float64 {
	covered := 0
	for row, label := range labels {
		if slices.Contains(sets[row], int(label)) {
			covered++
		}
	}
	return float64(covered) / float64(len(labels))
}

func TestSetsHoldTheClassAsOftenAsPromised(t *testing.T) {
	const alpha, draws, fresh = 0.2, 1500, 20
	for name, sets := range allSets {
		for fitted, fit := range map[string]FitTemperature{"as it is": nil, "fitted": calibrate.ByNLL} {
			random := rand.New(rand.NewPCG(5, 0))
			total, rows := 0.0, 0
			for range draws {
				held, heldLabels := labelled(random, 24)
				s, err := sets(held, heldLabels, alpha, fit)
				if err != nil {
					t.Fatal(err)
				}
				rows = s.Rows
				logits, labels := labelled(random, fresh)
				of, err := s.Of(logits)
				if err != nil {
					t.Fatal(err)
				}
				total += coverage(of, labels) / draws
			}
			if least := 1 - alpha - 0.01; total < least {
				t.Errorf("%s, temperature %s: coverage: got %.4f, want at least %g", name, fitted, total, least)
			}
			if most := 1 - alpha + 1/float64(rows+1) + 0.01; name == thr && total > most {
				t.Errorf("%s, temperature %s: coverage: got %.4f, want at most %.4f", name, fitted, total, most)
			}
		}
	}
}

func TestSetsByHand(t *testing.T) {
	logOf := func(p ...float64) (logs []float64) {
		for _, value := range p {
			logs = append(logs, math.Log(value))
		}
		return logs
	}
	// Of a calibrated row of certainty 0.6: THR scores 0.4, APS 0.6.
	logits := metrics.Logits{Values: logOf(0.6, 0.3, 0.1), Classes: 3}
	uncertain := metrics.Logits{Values: logOf(0.5, 0.3, 0.2, 0.7, 0.2, 0.1, 0.61, 0.39, 1e-9), Classes: 3}
	for name, want := range map[string][][]int{
		thr:         {nil, {0}, {0}},
		aps:         {{0}, nil, nil},
		apsNonEmpty: {{0, 1}, {0}, {0}},
	} {
		s, err := allSets[name](logits, []int32{0}, 0.5, nil)
		if err != nil {
			t.Fatal(err)
		}
		if s.Rows != 1 || s.Method != name || s.Temperature != 1 {
			t.Errorf("%s: got %+v, want one row at temperature 1", name, s)
		}
		got, err := s.Of(uncertain)
		if err != nil || !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("%s: got sets %v and error %v, want %v", name, got, err, want)
		}
	}
}

func TestTooFewRowsPutEveryClassIntoEverySet(t *testing.T) {
	logits, labels := labelled(rand.New(rand.NewPCG(1, 0)), 8)
	for name, sets := range allSets {
		for alpha, all := range map[float64]bool{0.1: true, 1. / 9: false} {
			s, err := sets(logits, labels, alpha, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := math.IsInf(s.Quantile, 1); got != all {
				t.Errorf("%s at %g of 8 rows: quantile: got %g, want infinity: %v", name, alpha, s.Quantile, all)
			}
			of, err := s.Of(logits)
			if err != nil {
				t.Fatal(err)
			}
			if all && slices.ContainsFunc(of, func(set []int) bool { return len(set) != 5 }) {
				t.Errorf("%s: got sets %v, want all classes", name, of)
			}
		}
	}
}

func TestTheTemperatureIsFittedOnOtherRowsThanTheQuantile(t *testing.T) {
	logits, labels := labelled(rand.New(rand.NewPCG(2, 0)), 41)
	for name, sets := range allSets {
		var fittedOn metrics.Logits
		s, err := sets(logits, labels, 0.2, func(l metrics.Logits, labels []int32) (calibrate.Result, error) {
			fittedOn = l
			return calibrate.ByNLL(l, labels)
		})
		if err != nil {
			t.Fatal(err)
		}
		if fittedOn.Rows() != 20 || s.Rows != 21 {
			t.Errorf("%s: got %d rows for the temperature and %d for the quantile, want 20 and 21", name, fittedOn.Rows(), s.Rows)
		}
		if s.Temperature == 1 {
			t.Errorf("%s: temperature: got 1, want the one that was fitted", name)
		}
		// No row of the temperature may count in the quantile: without them the quantile is the same.
		rest, restLabels := metrics.Logits{Classes: logits.Classes}, []int32(nil)
		for row, label := range labels {
			seen := slices.ContainsFunc(slices.Collect(slices.Chunk(fittedOn.Values, logits.Classes)),
				func(other []float64) bool { return slices.Equal(other, logits.Row(row)) })
			if !seen {
				rest.Values, restLabels = append(rest.Values, logits.Row(row)...), append(restLabels, label)
			}
		}
		alone, err := sets(rest.At(s.Temperature), restLabels, 0.2, nil)
		if err != nil || alone.Quantile != s.Quantile {
			t.Errorf("%s: quantile: got %g, want that of the rest alone, %+v (%v)", name, s.Quantile, alone, err)
		}
	}
}

func TestSetsReplaceTheTemperatureOfLogits(t *testing.T) {
	logits, labels := labelled(rand.New(rand.NewPCG(3, 0)), 50)
	s, err := APS(logits.At(3), labels, 0.2, nil)
	if err != nil {
		t.Fatal(err)
	}
	want, err := s.Of(logits)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Of(logits.At(0.1))
	if err != nil || !slices.EqualFunc(got, want, slices.Equal) || s.Temperature != 3 {
		t.Errorf("got other sets at another temperature of the logits (%v), or not temperature 3: %g", err, s.Temperature)
	}
}

func TestSetsRefuseWhatTheyCannotUse(t *testing.T) {
	logits, labels := labelled(rand.New(rand.NewPCG(4, 0)), 10)
	failing := func(metrics.Logits, []int32) (calibrate.Result, error) {
		return calibrate.Result{}, errors.New("no fit")
	}
	one := metrics.Logits{Values: logits.Row(0), Classes: 5}
	for name, c := range map[string]struct {
		logits metrics.Logits
		labels []int32
		alpha  float64
		fit    FitTemperature
		want   string
	}{
		"alpha 0":       {logits, labels, 0, nil, "alpha is 0"},
		"alpha 1":       {logits, labels, 1, nil, "alpha is 1"},
		"alpha NaN":     {logits, labels, math.NaN(), nil, "alpha is NaN"},
		"labels":        {logits, labels[:3], 0.1, nil, "labels has 3 entries"},
		"no rows":       {metrics.Logits{Classes: 5}, nil, 0.1, nil, "the set is empty"},
		"failing fit":   {logits, labels, 0.1, failing, "fitting the temperature: no fit"},
		"nothing left":  {one, labels[:1], 0.1, calibrate.ByNLL, "1 row"},
		"a temperature": {logits.At(-1), labels, 0.1, nil, "temperature of logits is -1"},
	} {
		if _, err := THR(c.logits, c.labels, c.alpha, c.fit); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one that says %q", name, err, c.want)
		}
	}
	s, err := THR(logits, labels, 0.2, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Of(metrics.Logits{Values: []float64{1, 2}, Classes: 2}); err == nil || !strings.Contains(err.Error(), "2 classes") {
		t.Errorf("other classes: got error %v, want one that says so", err)
	}
}
