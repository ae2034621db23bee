package metrics

import (
	"math"
	"math/rand/v2"
	"testing"
)

// twoClasses returns logits of the given confidences in class 0, and labels that are right or wrong.
func twoClasses(confidences []float64, right []bool) (Logits, []int32) {
	logits, labels := Logits{Classes: 2}, make([]int32, len(right))
	for i, p := range confidences {
		logits.Values = append(logits.Values, math.Log(p/(1-p)), 0)
		if !right[i] {
			labels[i] = 1
		}
	}
	return logits, labels
}

func TestAdaptiveECEOfGroupsByHand(t *testing.T) {
	logits, labels := twoClasses([]float64{0.9, 0.6, 0.7, 0.8, 0.95}, []bool{true, false, true, false, true})
	for groups, want := range map[int]float64{
		1: math.Abs(0.9+0.6+0.7+0.8+0.95-3) / 5,
		2: (math.Abs(0.6+0.7+0.8-1) + math.Abs(0.9+0.95-2)) / 5, // three, then two
		5: (0.6 + 0.3 + 0.8 + 0.1 + 0.05) / 5,
	} {
		checkValue(t, "adaptive ECE", must[float64](t)(AdaptiveECE(logits, labels, groups)), want, 1e-12)
	}
	for _, groups := range []int{0, 6} {
		_, err := AdaptiveECE(logits, labels, groups)
		checkError(t, err, "groups is", "1 to 5")
	}
}

func TestClasswiseECEOfTwoClassesByHand(t *testing.T) {
	logits, labels := twoClasses([]float64{0.9, 0.85, 0.6}, []bool{true, false, true})
	mean, perClass, err := ClasswiseECE(logits, labels, 5)
	if err != nil || len(perClass) != 2 {
		t.Fatalf("got %v and error %v, want two classes", perClass, err)
	}
	want := (math.Abs(0.9+0.85-1) + math.Abs(0.6-1)) / 3 // the probabilities of class 1 mirror those of class 0
	checkValue(t, "class 0", perClass[0], want, 1e-12)
	checkValue(t, "class 1", perClass[1], want, 1e-12)
	checkValue(t, "mean", mean, want, 1e-12)
}

// reflectedSum is SmoothECEAt by its definition, with images of each confidence at ±f + 2j.
func reflectedSum(confidences []float64, right []bool, bandwidth float64) float64 {
	const steps = 4000
	integral := 0.0
	for step := range steps + 1 {
		t, value := float64(step)/steps, 0.0
		for i, f := range confidences {
			residual := -f
			if right[i] {
				residual++
			}
			for j := -6.0; j <= 6; j += 2 {
				for _, image := range []float64{j + f, j - f} {
					z := (t - image) / bandwidth
					value += residual * math.Exp(-z*z/2) / (bandwidth * math.Sqrt(2*math.Pi))
				}
			}
		}
		weight := 1.0
		if step == 0 || step == steps {
			weight = 0.5
		}
		integral += weight * math.Abs(value)
	}
	return integral / float64(steps*len(confidences))
}

func TestSmoothECEAtIsTheSumOverReflectedGaussians(t *testing.T) {
	confidences, right := []float64{0.999, 0.6, 0.75, 0.8, 0.55}, []bool{true, false, true, false, false}
	logits, labels := twoClasses(confidences, right)
	for _, bandwidth := range []float64{0.01, 0.05, 0.3, 1} {
		got := must[float64](t)(SmoothECEAt(logits, labels, bandwidth))
		checkValue(t, "smooth ECE", got, reflectedSum(confidences, right, bandwidth), 1e-10)
	}
	for _, bandwidth := range []float64{0, 1e-4, math.NaN(), math.Inf(1)} {
		_, err := SmoothECEAt(logits, labels, bandwidth)
		checkError(t, err, "bandwidth is")
	}
}

func TestSmoothECEIsItsOwnBandwidth(t *testing.T) {
	logits, labels := drawn(500, 5, 3)
	for _, temperature := range []float64{0.3, 1, 3} {
		value := must[float64](t)(SmoothECE(logits.At(temperature), labels))
		checkValue(t, "smooth ECE at its own value", must[float64](t)(SmoothECEAt(logits.At(temperature), labels, value)), value, 1e-10)
	}
}

func TestSmoothECEOfCertainAndRightIsZero(t *testing.T) {
	logits := Logits{Values: []float64{0, -900, 0, -900}, Classes: 2}
	checkValue(t, "smooth ECE", must[float64](t)(SmoothECE(logits, []int32{0, 0})), 0, 1e-12)
	checkValue(t, "of certain and wrong", must[float64](t)(SmoothECE(logits, []int32{1, 1})), 1, 1e-6)
}

func TestCalibrationErrorsFallWhenTheTemperatureIsRight(t *testing.T) {
	logits, labels := drawn(20_000, 5, 7)
	for name, metric := range map[string]func(Logits) (float64, error){
		"adaptive": func(l Logits) (float64, error) { return AdaptiveECE(l, labels, DefaultBins) },
		"smooth":   func(l Logits) (float64, error) { return SmoothECE(l, labels) },
		"classwise": func(l Logits) (float64, error) {
			mean, _, err := ClasswiseECE(l, labels, DefaultBins)
			return mean, err
		},
	} {
		right, wrong := must[float64](t)(metric(logits)), must[float64](t)(metric(logits.At(0.4)))
		if !(right < 0.02 && wrong > 0.05) {
			t.Errorf("%s: got %g at the right temperature and %g at another, want below 0.02 and above 0.05", name, right, wrong)
		}
	}
}

func TestCalibrationErrorsRefuseWhatCannotBeCounted(t *testing.T) {
	logits, labels := drawn(10, 3, 1)
	logits.Values[4] = math.NaN()
	_, adaptive := AdaptiveECE(logits, labels, 2)
	_, _, classwise := ClasswiseECE(logits, labels, 2)
	_, smooth := SmoothECE(logits, labels)
	for _, err := range []error{adaptive, classwise, smooth} {
		checkError(t, err, "logits.Values[4]")
	}
	_, _, err := ClasswiseECE(logits, labels, 0)
	checkError(t, err, "bins is 0")
}

func BenchmarkSmoothECE(b *testing.B) {
	logits, labels := drawn(10_000, 10, rand.Uint64())
	for b.Loop() {
		if _, err := SmoothECE(logits.At(0.5), labels); err != nil {
			b.Fatal(err)
		}
	}
}
