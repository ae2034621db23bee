package metrics

import (
	"errors"
	"math"
	"slices"
	"testing"
)

func TestEvaluateOfTwoImagesByHand(t *testing.T) {
	third := math.Log(2) // probabilities 2/3 and 1/3
	logits := Logits{Values: []float64{third, 0, third, 0}, Classes: 2}
	labels := []int32{0, 1}

	e := must[Evaluation](t)(Evaluate(logits, labels, 10))
	if e.Rows != 2 {
		t.Errorf("rows: got %d, want 2", e.Rows)
	}
	checkValue(t, "accuracy", e.Accuracy, 0.5, 0)
	checkValue(t, "NLL", e.NLL, -(math.Log(2.0/3)+math.Log(1.0/3))/2, 1e-15)
	checkValue(t, "Brier", e.Brier, (2.0/9+8.0/9)/2, 1e-15)
	checkValue(t, "ECE", e.ECE, 2.0/3-0.5, 1e-15)
	checkValue(t, "MCE", e.MCE, 2.0/3-0.5, 1e-15)
	checkValue(t, "overconfidence error", e.OverconfidenceError, 2.0/3*(2.0/3-0.5), 1e-15)

	want := ReliabilityBin{Lower: 0.6, Upper: 0.7, Count: 2, Confidence: 2.0 / 3, Accuracy: 0.5}
	for i, bin := range e.Reliability {
		if i == 6 && (bin.Count != 2 || bin.Lower != want.Lower || bin.Upper != want.Upper || bin.Accuracy != 0.5) {
			t.Errorf("bin %d: got %+v, want %+v", i, bin, want)
		}
		if i != 6 && (bin.Count != 0 || bin.Confidence != 0 || bin.Accuracy != 0) {
			t.Errorf("bin %d: got %+v, want an empty one", i, bin)
		}
	}
}

func TestSingleMetricsAreThoseOfEvaluate(t *testing.T) {
	logits, labels := drawn(300, 7, 1)
	e := must[Evaluation](t)(Evaluate(logits, labels, DefaultBins))
	binned := func(metric func(Logits, []int32, int) (float64, error)) func(Logits, []int32) (float64, error) {
		return func(logits Logits, labels []int32) (float64, error) { return metric(logits, labels, DefaultBins) }
	}
	for _, c := range []struct {
		name   string
		metric func(Logits, []int32) (float64, error)
		want   float64
	}{
		{"accuracy", Accuracy, e.Accuracy},
		{"NLL", NLL, e.NLL},
		{"Brier", Brier, e.Brier},
		{"ECE", binned(ECE), e.ECE},
		{"MCE", binned(MCE), e.MCE},
		{"overconfidence error", binned(OverconfidenceError), e.OverconfidenceError},
	} {
		checkValue(t, c.name, must[float64](t)(c.metric(logits, labels)), c.want, 0)
	}
	count := 0
	for _, bin := range must[[]ReliabilityBin](t)(Reliability(logits, labels, 4)) {
		count += bin.Count
	}
	if count != 300 {
		t.Errorf("images in the bins: got %d, want 300", count)
	}
}

func TestTemperatureNeverChangesAccuracy(t *testing.T) {
	logits, labels := drawn(500, 10, 2)
	want := must[float64](t)(Accuracy(logits, labels))
	for _, temperature := range []float64{1e-300, 0.001, 0.3, 1, 7, 1e9, 1e300} {
		got := must[float64](t)(Accuracy(logits.At(temperature), labels))
		checkValue(t, "accuracy", got, want, 0)
	}
}

func TestECEOfPerfectlyCalibratedLogitsGoesToZero(t *testing.T) {
	for _, c := range []struct {
		rows int
		most float64
	}{{1_000, 0.06}, {10_000, 0.02}, {300_000, 0.004}} {
		logits, labels := drawn(c.rows, 5, 3)
		if got := must[float64](t)(ECE(logits, labels, DefaultBins)); got > c.most {
			t.Errorf("ECE of %d rows: got %g, want at most %g", c.rows, got, c.most)
		}
	}
}

func TestOverconfidenceErrorIgnoresUnderconfidence(t *testing.T) {
	logits := Logits{Values: []float64{0.1, 0, 0.1, 0}, Classes: 2}
	checkValue(t, "overconfidence error", must[float64](t)(OverconfidenceError(logits, []int32{0, 0}, 15)), 0, 0)
}

func TestFirstOfEqualLogitsIsThePrediction(t *testing.T) {
	logits := Logits{Values: []float64{3, 7, 7}, Classes: 3}
	checkValue(t, "accuracy of the first", must[float64](t)(Accuracy(logits, []int32{1})), 1, 0)
	checkValue(t, "accuracy of the second", must[float64](t)(Accuracy(logits, []int32{2})), 0, 0)
}

func TestAConfidenceOnAnEdgeBelongsToTheBinBelow(t *testing.T) {
	for _, bins := range []int{1, 2, 3, 7, 10, 15, 49, 100} {
		edges := binEdges(bins)
		for i := 1; i <= bins; i++ {
			if got := binOf(edges[i], edges); got != i-1 {
				t.Errorf("%d bins: bin of edge %d: got %d, want %d", bins, i, got, i-1)
			}
			if got := binOf(math.Nextafter(edges[i], 2), edges); i < bins && got != i {
				t.Errorf("%d bins: bin just above edge %d: got %d, want %d", bins, i, got, i)
			}
		}
	}
}

func TestExtremeLogitsGiveFiniteMetrics(t *testing.T) {
	for name, values := range map[string][]float64{
		"ten thousand": {1e4, -1e4, 0, 1e4},
		"all equal":    {5, 5, 5, 5},
		"largest":      {math.MaxFloat64, -math.MaxFloat64, 0, 1},
		"denormal":     {5e-324, 0, -5e-324, 0},
	} {
		for _, temperature := range []float64{1e-3, 1, 100} {
			logits := Logits{Values: values, Classes: 2}.At(temperature)
			e := must[Evaluation](t)(Evaluate(logits, []int32{0, 1}, DefaultBins))
			for metric, value := range map[string]float64{"ECE": e.ECE, "MCE": e.MCE, "NLL": e.NLL, "Brier": e.Brier} {
				if !(value >= 0 && value <= 1e8) {
					t.Errorf("%s at temperature %g: %s: got %g, want a finite value", name, temperature, metric, value)
				}
			}
		}
	}
}

func TestOneClassIsAlwaysRightAndSure(t *testing.T) {
	e := must[Evaluation](t)(Evaluate(Logits{Values: []float64{-3, 4}, Classes: 1}, []int32{0, 0}, DefaultBins))
	checkValue(t, "accuracy", e.Accuracy, 1, 0)
	checkValue(t, "NLL", e.NLL, 0, 0)
	checkValue(t, "ECE", e.ECE, 0, 0)
}

func TestTemperatureReplacesTheOneBefore(t *testing.T) {
	logits, labels := drawn(50, 3, 4)
	want := must[float64](t)(NLL(logits.At(2), labels))
	checkValue(t, "NLL", must[float64](t)(NLL(logits.At(2).At(2), labels)), want, 0)
	checkValue(t, "temperature", logits.At(3).At(2).Temperature(), 2, 0)
	checkValue(t, "temperature unless set", logits.Temperature(), 1, 0)
}

func TestBadLogitsAndLabelsAreRefused(t *testing.T) {
	good := Logits{Values: []float64{1, 2, 3, 4}, Classes: 2}
	with := func(value float64) Logits { return Logits{Values: []float64{1, 2, 3, value}, Classes: 2} }
	for _, c := range []struct {
		name   string
		logits Logits
		labels []int32
		bins   int
		words  []string
	}{
		{"NaN", with(math.NaN()), []int32{0, 1}, 15, []string{"logits.Values[3]", "row 1, class 1", "NaN"}},
		{"infinite", with(math.Inf(1)), []int32{0, 1}, 15, []string{"logits.Values[3]", "+Inf"}},
		{"negative infinite", with(math.Inf(-1)), []int32{0, 1}, 15, []string{"logits.Values[3]", "-Inf"}},
		{"no rows", Logits{Classes: 2}, nil, 15, []string{"no rows"}},
		{"no classes", Logits{}, nil, 15, []string{"Classes is 0"}},
		{"ragged", Logits{Values: []float64{1, 2, 3}, Classes: 2}, []int32{0}, 15, []string{"3 entries", "2 classes"}},
		{"few labels", good, []int32{0}, 15, []string{"labels has 1", "2 rows"}},
		{"large label", good, []int32{0, 2}, 15, []string{"labels[1] is 2", "0 to 1"}},
		{"negative label", good, []int32{-1, 0}, 15, []string{"labels[0] is -1"}},
		{"no bins", good, []int32{0, 1}, 0, []string{"bins is 0"}},
		{"zero temperature", good.At(0), []int32{0, 1}, 15, []string{"temperature"}},
		{"negative temperature", good.At(-1), []int32{0, 1}, 15, []string{"temperature", "-1"}},
		{"infinite temperature", good.At(math.Inf(1)), []int32{0, 1}, 15, []string{"temperature", "Inf"}},
		{"vanishing temperature", good.At(5e-324), []int32{0, 1}, 15, []string{"temperature"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Evaluate(c.logits, c.labels, c.bins)
			checkError(t, err, c.words...)
		})
	}
	if rows := (Logits{}).Rows(); rows != 0 {
		t.Errorf("rows of no logits: got %d, want 0", rows)
	}
	if _, err := Evaluate(Logits{Classes: 2}, nil, 15); !errors.Is(err, ErrEmpty) {
		t.Errorf("error of empty logits: got %v, want ErrEmpty", err)
	}
}

func FuzzEvaluate(f *testing.F) {
	f.Add(1.0, 2.0, 3.0, -1.0, 0.5, uint8(0), uint8(1), uint8(15))
	f.Add(1e4, -1e4, 0.0, 0.0, 1e-3, uint8(1), uint8(0), uint8(1))
	f.Add(math.MaxFloat64, -math.MaxFloat64, 5e-324, 0.0, 1e300, uint8(1), uint8(1), uint8(255))
	f.Fuzz(func(t *testing.T, a, b, c, d, temperature float64, label0, label1, bins uint8) {
		logits := Logits{Values: []float64{a, b, c, d}, Classes: 2}.At(temperature)
		e, err := Evaluate(logits, []int32{int32(label0 % 2), int32(label1 % 2)}, int(bins))
		if err != nil {
			return
		}
		for name, value := range map[string]float64{
			"accuracy": e.Accuracy, "ECE": e.ECE, "MCE": e.MCE, "overconfidence error": e.OverconfidenceError,
			"half the Brier score": e.Brier / 2,
		} {
			if !(value >= 0 && value <= 1+1e-12) {
				t.Errorf("%s: got %g, want a value from 0 to 1", name, value)
			}
		}
		if !(e.NLL >= 0) {
			t.Errorf("NLL: got %g, want a value of at least 0", e.NLL)
		}
	})
}

func BenchmarkECEOf10000RowsAnd100Classes(b *testing.B) {
	logits, labels := drawn(10_000, 100, 1)
	for b.Loop() {
		if _, err := ECE(logits, labels, DefaultBins); err != nil {
			b.Fatal(err)
		}
	}
}

func TestSelectTakesRowsLabelsAndTemperature(t *testing.T) {
	logits := Logits{Values: []float64{1, 2, 3, 4, 5, 6}, Classes: 2}.At(0.5)
	got, labels := logits.Select([]int32{7, 8, 9}, []int{2, 0, 2})
	if want := []float64{5, 6, 1, 2, 5, 6}; !slices.Equal(got.Values, want) || got.Classes != 2 {
		t.Errorf("values: got %v of %d classes, want %v of 2", got.Values, got.Classes, want)
	}
	if want := []int32{9, 7, 9}; !slices.Equal(labels, want) {
		t.Errorf("labels: got %v, want %v", labels, want)
	}
	if got.Temperature() != 0.5 {
		t.Errorf("temperature: got %g, want 0.5", got.Temperature())
	}
	got.Values[0] = 0
	if logits.Values[4] != 5 {
		t.Error("the rows selected share memory with the logits")
	}
}

func TestLogitsGiveClassesAndProbabilities(t *testing.T) {
	logits := Logits{Values: []float64{0, 0, 1, 3, 1, 3}, Classes: 3}.At(2)
	for i, want := range []struct {
		class         int
		probabilities []float64
	}{
		{2, []float64{1, 1, math.Exp(0.5)}},
		{0, []float64{math.E, 1, math.E}}, // the first of equals
	} {
		if got := logits.Class(i); got != want.class {
			t.Errorf("row %d: class: got %d, want %d", i, got, want.class)
		}
		sum := want.probabilities[0] + want.probabilities[1] + want.probabilities[2]
		for class, got := range logits.Probabilities(i) {
			checkValue(t, "probability", got, want.probabilities[class]/sum, 1e-15)
		}
	}
	if want := []float64{0, 0, 1, 3, 1, 3}; !slices.Equal(logits.Values, want) {
		t.Errorf("values: got %v, want %v as before", logits.Values, want)
	}
}
