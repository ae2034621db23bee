package calibrate

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/metrics"
)

// drawn returns logits whose labels are drawn from softmax(logits / truth): truth is the temperature to be found.
func drawn(rows, classes int, truth float64, seed uint64) (metrics.Logits, []int32) {
	random := rand.New(rand.NewPCG(seed, 0))
	logits := metrics.Logits{Values: make([]float64, rows*classes), Classes: classes}
	labels := make([]int32, rows)
	probabilities := make([]float64, classes)
	for i := range rows {
		row := logits.Row(i)
		sum := 0.0
		for class := range row {
			honest := -2 * math.Abs(random.NormFloat64())
			row[class] = honest * truth
			probabilities[class] = math.Exp(honest)
			sum += probabilities[class]
		}
		rest := random.Float64() * sum
		for class := range row {
			labels[i] = int32(class)
			if rest -= probabilities[class]; rest <= 0 {
				break
			}
		}
	}
	return logits, labels
}

// fit is ByECE or ByNLL.
type fit func(metrics.Logits, []int32) (Result, error)

func byECE(logits metrics.Logits, labels []int32) (Result, error) {
	return ByECE(logits, labels, metrics.DefaultBins)
}

func fits() map[string]fit { return map[string]fit{CriterionECE: byECE, CriterionNLL: ByNLL} }

func mustFit(t *testing.T, f fit, logits metrics.Logits, labels []int32) Result {
	t.Helper()
	result, err := f(logits, labels)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func TestTheTrueTemperatureIsFound(t *testing.T) {
	for _, truth := range []float64{0.02, 0.3, 1, 4, 30} {
		logits, labels := drawn(10_000, 5, truth, 1)
		for criterion, f := range fits() {
			result := mustFit(t, f, logits, labels)
			if result.Criterion != criterion {
				t.Errorf("criterion: got %q, want %q", result.Criterion, criterion)
			}
			if off := math.Abs(math.Log(result.Temperature / truth)); off > 0.06 {
				t.Errorf("%s: temperature: got %g, want about %g", criterion, result.Temperature, truth)
			}
			if result.Objective > result.Before {
				t.Errorf("%s: got %g, worse than %g before", criterion, result.Objective, result.Before)
			}
		}
	}
}

func TestTheObjectiveIsTheMetricAtTheTemperature(t *testing.T) {
	logits, labels := drawn(500, 5, 2, 2)
	ece := mustFit(t, byECE, logits, labels)
	want, err := metrics.ECE(logits.At(ece.Temperature), labels, metrics.DefaultBins)
	if err != nil || ece.Objective != want {
		t.Errorf("ECE: got %g, want %g (%v)", ece.Objective, want, err)
	}
	nll := mustFit(t, ByNLL, logits, labels)
	want, err = metrics.NLL(logits.At(nll.Temperature), labels)
	if err != nil || nll.Objective != want {
		t.Errorf("NLL: got %g, want %g (%v)", nll.Objective, want, err)
	}
}

func TestNoTemperatureNearbyHasASmallerObjective(t *testing.T) {
	for seed := range uint64(6) {
		logits, labels := drawn(300, 6, math.Exp(float64(seed)-3), seed)
		ece, nll := mustFit(t, byECE, logits, labels), mustFit(t, ByNLL, logits, labels)
		for step := -2000; step <= 2000; step += 8 {
			factor := math.Exp(float64(step) / 10_000)
			e, _ := metrics.ECE(logits.At(ece.Temperature*factor), labels, metrics.DefaultBins)
			if e < ece.Objective-1e-5 {
				t.Fatalf("seed %d: ECE at %g: got %g, want none below %g at %g",
					seed, ece.Temperature*factor, e, ece.Objective, ece.Temperature)
			}
			n, _ := metrics.NLL(logits.At(nll.Temperature*factor), labels)
			if n < nll.Objective-1e-12 {
				t.Fatalf("seed %d: NLL at %g: got %g, want none below %g at %g",
					seed, nll.Temperature*factor, n, nll.Objective, nll.Temperature)
			}
		}
	}
}

func TestCalibratingTwiceFindsTheSameTemperature(t *testing.T) {
	logits, labels := drawn(500, 5, 3, 3)
	for criterion, f := range fits() {
		once := mustFit(t, f, logits, labels)
		if twice := mustFit(t, f, logits.At(once.Temperature), labels); twice != once {
			t.Errorf("%s: got %+v, want %+v", criterion, twice, once)
		}
	}
}

func TestLogitsThatNoTemperatureMakesHonest(t *testing.T) {
	for _, c := range []struct {
		name     string
		values   []float64
		labels   []int32
		wantECE  float64
		wantNLL  float64
		tempNLL  float64
		templess bool // every temperature is as good
	}{
		{"always right", []float64{2, 1, 1, 2}, []int32{0, 1}, 0, 0, MinTemperature, false},
		{"always wrong", []float64{2, 1, 1, 2}, []int32{1, 0}, 0.5, math.Ln2, MaxTemperature, false},
		{"all equal", []float64{1, 1, 1, 1}, []int32{0, 1}, 0, math.Ln2, 1, true},
		{"enormous", []float64{1e308, -1e308, -1e308, 1e308}, []int32{0, 1}, 0, 0, 1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			logits := metrics.Logits{Values: c.values, Classes: 2}
			ece := mustFit(t, byECE, logits, c.labels)
			if math.Abs(ece.Objective-c.wantECE) > 0.01 {
				t.Errorf("ECE: got %g, want %g", ece.Objective, c.wantECE)
			}
			nll := mustFit(t, ByNLL, logits, c.labels)
			if math.Abs(nll.Objective-c.wantNLL) > 0.01 {
				t.Errorf("NLL: got %g, want %g", nll.Objective, c.wantNLL)
			}
			if math.Abs(nll.Temperature/c.tempNLL-1) > 1e-9 {
				t.Errorf("temperature by NLL: got %g, want %g", nll.Temperature, c.tempNLL)
			}
			if c.templess && ece.Temperature != 1 {
				t.Errorf("temperature by ECE: got %g, want 1 as nothing is gained by another", ece.Temperature)
			}
			for criterion, temperature := range map[string]float64{"ECE": ece.Temperature, "NLL": nll.Temperature} {
				if temperature < MinTemperature || temperature > MaxTemperature {
					t.Errorf("temperature by %s: got %g, want one in the range", criterion, temperature)
				}
			}
		})
	}
}

func TestBadLogitsAreRefused(t *testing.T) {
	good, labels := drawn(4, 3, 1, 1)
	bad := metrics.Logits{Values: []float64{1, 2, math.NaN()}, Classes: 3}
	for criterion, f := range fits() {
		for _, c := range []struct {
			logits metrics.Logits
			labels []int32
			want   string
		}{
			{bad, []int32{0}, "logits.Values[2]"},
			{metrics.Logits{Classes: 3}, nil, "no rows"},
			{good, labels[:3], "labels has 3"},
		} {
			if _, err := f(c.logits, c.labels); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: error: got %v, want one that says %q", criterion, err, c.want)
			}
		}
	}
	if _, err := ByECE(good, labels, 0); err == nil || !strings.Contains(err.Error(), "bins is 0") {
		t.Errorf("error: got %v, want one that says that bins is 0", err)
	}
}

func FuzzTemperaturesStayInRange(f *testing.F) {
	f.Add(1.0, 2.0, 3.0, -1.0, uint8(0), uint8(1))
	f.Add(1e4, -1e4, 0.0, 5e-324, uint8(1), uint8(1))
	f.Add(math.MaxFloat64, -math.MaxFloat64, 1e-300, 0.0, uint8(0), uint8(0))
	f.Fuzz(func(t *testing.T, a, b, c, d float64, label0, label1 uint8) {
		logits := metrics.Logits{Values: []float64{a, b, c, d}, Classes: 2}
		labels := []int32{int32(label0 % 2), int32(label1 % 2)}
		if logits.Check(labels) != nil {
			return
		}
		for criterion, f := range fits() {
			result := mustFit(t, f, logits, labels)
			if !(result.Temperature >= MinTemperature && result.Temperature <= MaxTemperature) {
				t.Errorf("%s: temperature of %v: got %g, want one in the range", criterion, logits.Values, result.Temperature)
			}
			if !(result.Objective <= result.Before*(1+1e-9)+1e-9) {
				t.Errorf("%s of %v: got %g, worse than %g before", criterion, logits.Values, result.Objective, result.Before)
			}
		}
	})
}

func BenchmarkTenThousandRowsOfOneThousandClasses(b *testing.B) {
	logits, labels := drawn(10_000, 1_000, 0.1, 1)
	for criterion, f := range fits() {
		b.Run(criterion, func(b *testing.B) {
			for b.Loop() {
				if _, err := f(logits, labels); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestATemperatureAtTheEndOfTheRangeIsAtItsBound(t *testing.T) {
	for temperature, want := range map[float64]bool{
		MinTemperature: true, MaxTemperature: true, 0.0011: false, 1: false, 98: false,
	} {
		if got := AtBound(temperature); got != want {
			t.Errorf("temperature %g: got %v, want %v", temperature, got, want)
		}
	}
}
