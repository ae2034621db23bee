package metrics

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// gaussian returns n scores around the mean.
func gaussian(n int, mean float64, seed uint64) []float64 {
	random := rand.New(rand.NewPCG(seed, 0))
	scores := make([]float64, n)
	for i := range scores {
		scores[i] = mean + random.NormFloat64()
	}
	return scores
}

// rounded returns scores with many ties.
func rounded(scores []float64) []float64 {
	for i, score := range scores {
		scores[i] = math.Round(4*score) / 4
	}
	return scores
}

// drawn returns logits whose labels are drawn from softmax(logits): at temperature 1 they are perfectly calibrated.
func drawn(rows, classes int, seed uint64) (Logits, []int32) {
	random := rand.New(rand.NewPCG(seed, 0))
	logits := Logits{Values: make([]float64, rows*classes), Classes: classes}
	labels := make([]int32, rows)
	for i := range rows {
		row := logits.Row(i)
		sum := 0.0
		for class := range row {
			row[class] = -2 * math.Abs(random.NormFloat64())
			sum += math.Exp(row[class])
		}
		rest := random.Float64() * sum
		for class := 0; class < classes-1 && rest > 0; class++ {
			rest -= math.Exp(row[class])
			labels[i] = int32(class)
		}
		if rest > 0 {
			labels[i] = int32(classes - 1)
		}
	}
	return logits, labels
}

func checkValue(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: got %.15g, want %.15g", what, got, want)
	}
}

// checkError fails unless the error holds all of the words.
func checkError(t *testing.T, err error, words ...string) {
	t.Helper()
	for _, word := range words {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("error: got %v, want one that says %q", err, word)
		}
	}
}

func must[T any](t testing.TB) func(value T, err error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}
