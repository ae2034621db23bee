package detect

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func mustThreshold(t *testing.T, rule Rule, scores []float64) Threshold {
	t.Helper()
	threshold, err := rule(scores)
	if err != nil {
		t.Fatal(err)
	}
	return threshold
}

func TestPercentileInterpolatesBetweenNeighbours(t *testing.T) {
	scores := []float64{40, 10, 20, 30, 50}
	for _, c := range []struct{ percentile, want float64 }{{0, 10}, {25, 20}, {30, 22}, {50, 30}, {99, 49.6}, {100, 50}} {
		if got := mustThreshold(t, Percentile(c.percentile), scores).Value; math.Abs(got-c.want) > 1e-12 {
			t.Errorf("percentile %g: got %g, want %g", c.percentile, got, c.want)
		}
	}
	if !slices.Equal(scores, []float64{40, 10, 20, 30, 50}) {
		t.Errorf("scores after fitting: got %v, want them unchanged", scores)
	}
}

func TestPercentileOfInfiniteScores(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		scores []float64
		want   float64
	}{
		{[]float64{-inf, 0}, -inf}, {[]float64{0, inf}, inf}, {[]float64{-inf, inf}, -inf}, {[]float64{inf, inf}, inf},
	} {
		if got := mustThreshold(t, Percentile(50), c.scores).Value; got != c.want {
			t.Errorf("median of %v: got %g, want %g", c.scores, got, c.want)
		}
	}
}

func TestPublishedThresholdsAreThePercentiles(t *testing.T) {
	scores := []float64{3, 1, 2}
	thresholds, err := PublishedThresholds(scores)
	if err != nil || len(thresholds) != 25 {
		t.Fatalf("got %d thresholds and %v, want 25", len(thresholds), err)
	}
	for i, percentile := range PublishedPercentiles() {
		if want := mustThreshold(t, Percentile(percentile), scores); thresholds[i] != want {
			t.Errorf("percentile %g: got %+v, want %+v", percentile, thresholds[i], want)
		}
	}
}

func TestConformalThresholdIsTheRightOrderStatistic(t *testing.T) {
	scores := make([]float64, 99)
	for i := range scores {
		scores[i] = float64(i + 1)
	}
	for _, c := range []struct{ refused, want float64 }{
		{0.05, 5}, {0.29, 29}, {0.5, 50}, {0.999, 99}, {0.01, 1}, {0.0099, math.Inf(-1)},
	} {
		if got := mustThreshold(t, Conformal(c.refused), scores).Value; got != c.want {
			t.Errorf("at most %g refused: got threshold %g, want %g", c.refused, got, c.want)
		}
	}
}

func TestConformalThresholdKeepsItsPromise(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 0))
	for _, n := range []int{10, 37, 200} {
		const refused, repeats, fresh = 0.1, 3000, 20
		below := 0
		for range repeats {
			scores := make([]float64, n)
			for i := range scores {
				scores[i] = random.ExpFloat64()
			}
			threshold := mustThreshold(t, Conformal(refused), scores)
			for range fresh {
				if !threshold.In(random.ExpFloat64()) {
					below++
				}
			}
		}
		share := float64(below) / (repeats * fresh)
		if share > refused+0.01 || share < refused-1/float64(n+1)-0.01 {
			t.Errorf("%d scores: refused share of new inputs: got %.4f, want at most %g and little less", n, share, refused)
		}
	}
}

func TestScoresThatReachTheThresholdAreIn(t *testing.T) {
	threshold := Threshold{Value: 2}
	for score, want := range map[float64]bool{1.99: false, 2: true, 3: true, math.Inf(-1): false} {
		if got := threshold.In(score); got != want {
			t.Errorf("In(%g): got %v, want %v", score, got, want)
		}
	}
}

func TestRulesSayHowTheThresholdWasChosen(t *testing.T) {
	scores := []float64{1, 2, 3}
	for want, rule := range map[string]Rule{
		"percentile 0.1 of 3 scores": Percentile(0.1),
		"conformal, at most 5% of in-distribution inputs refused, from 3 scores": Conformal(0.05),
	} {
		if got := mustThreshold(t, rule, scores).Rule; got != want {
			t.Errorf("rule: got %q, want %q", got, want)
		}
	}
}

func TestRefusedIsTheShareBelowTheThreshold(t *testing.T) {
	threshold := Threshold{Value: 2}
	for _, c := range []struct {
		scores []float64
		want   float64
	}{{[]float64{1, 2, 3, -1}, 0.5}, {[]float64{2, 2}, 0}, {[]float64{math.Inf(-1)}, 1}, {nil, 0}} {
		if got := threshold.Refused(c.scores); got != c.want {
			t.Errorf("share refused of %v: got %g, want %g", c.scores, got, c.want)
		}
	}
}

func TestBadScoresAndRulesAreRefused(t *testing.T) {
	good, bad := []float64{1, 2}, []float64{1, math.NaN()}
	for _, c := range []struct {
		rule   Rule
		scores []float64
		want   string
	}{
		{Percentile(5), bad, "scores[1] is NaN"},
		{Percentile(5), nil, "scores is empty"},
		{Percentile(-1), good, "percentile is -1"},
		{Percentile(100.5), good, "percentile is 100.5"},
		{Percentile(math.NaN()), good, "percentile is NaN"},
		{Conformal(0.1), bad, "scores[1] is NaN"},
		{Conformal(0.1), nil, "scores is empty"},
		{Conformal(0), good, "refused is 0"},
		{Conformal(1), good, "refused is 1"},
		{Conformal(math.NaN()), good, "refused is NaN"},
	} {
		if _, err := c.rule(c.scores); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error: got %v, want one that says %q", err, c.want)
		}
	}
	if _, err := PublishedThresholds(bad); err == nil || !strings.Contains(err.Error(), "scores[1] is NaN") {
		t.Errorf("error: got %v, want one that names scores[1]", err)
	}
}

func FuzzThresholds(f *testing.F) {
	f.Add(1.0, 2.0, -3.0, 5.0, 0.1)
	f.Add(math.Inf(1), math.Inf(-1), math.MaxFloat64, 99.99, 0.999)
	f.Fuzz(func(t *testing.T, a, b, c, percentile, refused float64) {
		scores := []float64{a, b, c}
		low, high := min(a, b, c), max(a, b, c)
		if threshold, err := Percentile(percentile)(scores); err == nil {
			if !(threshold.Value >= low && threshold.Value <= high) {
				t.Errorf("percentile %g of %v: got %g, want a value between", percentile, scores, threshold.Value)
			}
		}
		if threshold, err := Conformal(refused)(scores); err == nil {
			below := 0
			for _, score := range scores {
				if !threshold.In(score) {
					below++
				}
			}
			if float64(below) > refused*4 {
				t.Errorf("conformal %g of %v: %d of 3 refused", refused, scores, below)
			}
		}
	})
}

func TestFewestScoresAreThoseWithAThreshold(t *testing.T) {
	for _, refused := range []float64{0.5, 0.29, 0.1, 0.05, 0.01, 1. / 3, 0.999} {
		fewest := FewestScores(refused)
		for n, want := range map[int]bool{fewest: true, fewest - 1: false} {
			if n == 0 {
				continue
			}
			threshold, err := Conformal(refused)(make([]float64, n))
			if err != nil || (threshold.Value == 0) != want {
				t.Errorf("refused %g: %d scores give the threshold %g (error: %v), a finite one: want %t", refused, n, threshold.Value, err, want)
			}
		}
	}
	if got := FewestScores(1e-300); got != math.MaxInt {
		t.Errorf("a share that no set can promise: %d scores", got)
	}
}
