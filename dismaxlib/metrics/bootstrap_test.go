package metrics

import (
	"math"
	"runtime"
	"testing"
)

func TestBootstrapIntervalCoversTheTruthAsOftenAsItSays(t *testing.T) {
	const runs = 300
	truth := 0.5 * math.Erfc(-0.5) // P(N(1,1) > N(0,1)) = Phi(1/sqrt 2)
	covered := 0
	for run := range uint64(runs) {
		in, out := gaussian(100, 1, 2*run), gaussian(100, 0, 2*run+1)
		intervals := must[DetectionIntervals](t)(
			Bootstrap{Resamples: 200, Confidence: 0.9, Seed: run}.Detection(in, out, FieldConvention))
		if intervals.AUROC.Contains(truth) {
			covered++
		}
	}
	if share := float64(covered) / runs; share < 0.84 || share > 0.95 {
		t.Errorf("90%% intervals that cover the true AUROC: got %.3f, want about 0.9", share)
	}
}

func TestBootstrapStandardErrorOfAccuracyIsBinomial(t *testing.T) {
	logits, labels := drawn(2_000, 4, 1)
	accuracy := must[EvaluationIntervals](t)(Bootstrap{}.Evaluation(logits, labels, DefaultBins)).Accuracy
	want := math.Sqrt(accuracy.Value * (1 - accuracy.Value) / 2_000)
	checkValue(t, "standard error", accuracy.StandardError, want, 0.1*want)
	checkValue(t, "width of the interval", accuracy.Upper-accuracy.Lower, 2*1.96*want, 0.3*want)
}

func TestBootstrapValuesAreThoseOfAllImages(t *testing.T) {
	in, out := gaussian(200, 1, 1), gaussian(300, 0, 2)
	for _, convention := range Conventions() {
		want := must[Detection](t)(Detect(in, out, convention))
		got := must[DetectionIntervals](t)(Bootstrap{Resamples: 50}.Detection(in, out, convention))
		if got.Convention != convention {
			t.Errorf("convention: got %v, want %v", got.Convention, convention)
		}
		checkInterval(t, "AUROC", got.AUROC, want.AUROC)
		checkInterval(t, "AUPR in", got.AUPRIn, want.AUPRIn)
		checkInterval(t, "AUPR out", got.AUPROut, want.AUPROut)
		checkInterval(t, "TNR95", got.TNR95, want.TNR95)
		checkInterval(t, "FPR95", got.FPR95, want.FPR95)
		checkInterval(t, "detection accuracy", got.DetectionAccuracy, want.DetectionAccuracy)
	}
	logits, labels := drawn(500, 4, 3)
	want := must[Evaluation](t)(Evaluate(logits.At(2), labels, DefaultBins))
	got := must[EvaluationIntervals](t)(Bootstrap{Resamples: 50}.Evaluation(logits.At(2), labels, DefaultBins))
	checkInterval(t, "accuracy", got.Accuracy, want.Accuracy)
	checkInterval(t, "NLL", got.NLL, want.NLL)
	checkInterval(t, "Brier", got.Brier, want.Brier)
	checkValue(t, "ECE", got.ECE.Value, want.ECE, 0)
	checkValue(t, "MCE", got.MCE.Value, want.MCE, 0)
	checkValue(t, "overconfidence error", got.OverconfidenceError.Value, want.OverconfidenceError, 0)
}

func checkInterval(t *testing.T, what string, got Interval, value float64) {
	t.Helper()
	checkValue(t, what, got.Value, value, 0)
	if !(got.Lower < value && value < got.Upper && got.StandardError > 0) {
		t.Errorf("%s: got %+v, want an interval around %g", what, got, value)
	}
}

func TestBootstrapIsTheSameOnAnyNumberOfCores(t *testing.T) {
	in, out := gaussian(1000, 1, 1), gaussian(1000, 0, 2)
	b := Bootstrap{Resamples: 100, Seed: 5}
	want := must[DetectionIntervals](t)(b.Detection(in, out, PaperConvention))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if got := must[DetectionIntervals](t)(b.Detection(in, out, PaperConvention)); got != want {
		t.Errorf("on one core: got %+v, want %+v", got, want)
	}
	b.Seed++
	if got := must[DetectionIntervals](t)(b.Detection(in, out, PaperConvention)); got == want {
		t.Errorf("another seed gave the same intervals: %+v", got)
	}
}

func TestPairedBootstrapIsNarrowerThanTheRunsApart(t *testing.T) {
	in, out := gaussian(500, 1, 1), gaussian(500, 0, 2)
	better := make([]float64, len(in))
	for i, score := range in {
		better[i] = score + 0.1
	}
	b := Bootstrap{Resamples: 400}
	alone := must[DetectionIntervals](t)(b.Detection(in, out, PaperConvention)).AUROC
	difference := must[DetectionIntervals](t)(
		b.CompareDetection(Scores{better, out}, Scores{in, out}, PaperConvention)).AUROC
	if difference.Contains(0) || difference.Value <= 0 {
		t.Errorf("difference of AUROC: got %+v, want an interval above 0", difference)
	}
	if difference.StandardError > alone.StandardError/4 {
		t.Errorf("standard error of the difference: got %g, want far less than %g of one run",
			difference.StandardError, alone.StandardError)
	}
	same := must[DetectionIntervals](t)(b.CompareDetection(Scores{in, out}, Scores{in, out}, PaperConvention)).AUROC
	if same != (Interval{}) {
		t.Errorf("difference of a run to itself: got %+v, want zeros", same)
	}
}

func TestPairedBootstrapOfEvaluations(t *testing.T) {
	logits, labels := drawn(1_000, 5, 1)
	got := must[EvaluationIntervals](t)(
		Bootstrap{Resamples: 200}.CompareEvaluation(logits.At(3), logits, labels, DefaultBins))
	if got.Accuracy != (Interval{}) {
		t.Errorf("difference of accuracy between temperatures: got %+v, want zeros", got.Accuracy)
	}
	if got.NLL.Contains(0) || got.NLL.Value <= 0 {
		t.Errorf("difference of NLL: got %+v, want the wrong temperature to be worse", got.NLL)
	}
}

func TestBadBootstrapsAreRefused(t *testing.T) {
	in, out := gaussian(10, 1, 1), gaussian(10, 0, 2)
	logits, labels := drawn(10, 3, 1)

	_, err := Bootstrap{Resamples: 1}.Detection(in, out, PaperConvention)
	checkError(t, err, "1 resamples")
	_, err = Bootstrap{Confidence: 1}.Detection(in, out, PaperConvention)
	checkError(t, err, "confidence 1")
	_, err = Bootstrap{}.Detection(in, out, 0)
	checkError(t, err, "PaperConvention")
	_, err = Bootstrap{}.CompareDetection(Scores{in, out}, Scores{in[1:], out}, PaperConvention)
	checkError(t, err, "same images")
	_, err = Bootstrap{}.Evaluation(logits, labels, 0)
	checkError(t, err, "bins is 0")
	_, err = Bootstrap{Resamples: 1}.Evaluation(logits, labels, 15)
	checkError(t, err, "1 resamples")
	_, err = Bootstrap{}.CompareEvaluation(logits, Logits{Values: logits.Values[3:], Classes: 3}, labels, 15)
	checkError(t, err, "labels has 10")
}

func BenchmarkBootstrapOf10000And10000Scores(b *testing.B) {
	first := Scores{gaussian(10_000, 1, 1), gaussian(10_000, 0, 2)}
	second := Scores{gaussian(10_000, 1.1, 1), gaussian(10_000, 0, 3)}
	b.Run("one run", func(b *testing.B) {
		for b.Loop() {
			if _, err := (Bootstrap{}).Detection(first.In, first.Out, PaperConvention); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("paired", func(b *testing.B) {
		for b.Loop() {
			if _, err := (Bootstrap{}).CompareDetection(first, second, PaperConvention); err != nil {
				b.Fatal(err)
			}
		}
	})
}
