package metrics

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestDetectionOfSeparateSets(t *testing.T) {
	in, out := []float64{13, 14, 15, 16, 17, 18, 19, 20, 21, 22}, []float64{0, 1, 2}
	for _, convention := range Conventions() {
		d := must[Detection](t)(Detect(in, out, convention))
		checkValue(t, convention.String()+" AUROC", d.AUROC, 1, 1e-15)
		checkValue(t, convention.String()+" TNR95", d.TNR95, 1, 0)
		checkValue(t, convention.String()+" FPR95", d.FPR95, 0, 0)
		checkValue(t, convention.String()+" detection accuracy", d.DetectionAccuracy, 1, 0)
	}
	// The published trapezoids lose half a step where they end at precision 0.
	paper := must[Detection](t)(Detect(in, out, PaperConvention))
	checkValue(t, "paper AUPR in", paper.AUPRIn, 1-0.5/10, 1e-15)
	checkValue(t, "paper AUPR out", paper.AUPROut, 1-0.5/3, 1e-15)
	field := must[Detection](t)(Detect(in, out, FieldConvention))
	checkValue(t, "field AUPR in", field.AUPRIn, 1, 1e-15)
	checkValue(t, "field AUPR out", field.AUPROut, 1, 1e-15)
}

func TestTiesCountAgainstTheDetectorOrHalf(t *testing.T) {
	same := []float64{7, 7, 7, 7}
	checkValue(t, "paper AUROC", must[Detection](t)(Detect(same, same, PaperConvention)).AUROC, 0, 0)
	checkValue(t, "field AUROC", must[Detection](t)(Detect(same, same, FieldConvention)).AUROC, 0.5, 0)
}

func TestFieldFPR95HasOutOfDistributionAsThePositiveClass(t *testing.T) {
	// All of out is flagged from threshold 3 up, where one of the four in-distribution scores is lost; three quarters of
	// in pass below it, but all only from threshold 1 down, where one of the two out-of-distribution scores passes.
	in, out := []float64{1, 3, 4, 5}, []float64{0, 2}
	d := must[Detection](t)(Detect(in, out, FieldConvention))
	checkValue(t, "FPR95", d.FPR95, 0.25, 0)
	checkValue(t, "TNR95", d.TNR95, 0.5, 0)
}

func TestPaperTNR95IsAtTheNearestRate(t *testing.T) {
	// Of ten, nine is nearer to 95% than ten in floating point, as in NumPy; of twenty, nineteen is exactly 95%.
	for _, n := range []int{10, 20} {
		in := make([]float64, n)
		for i := range in {
			in[i] = float64(i)
		}
		d := must[Detection](t)(Detect(in, []float64{-1, 0.5}, PaperConvention))
		checkValue(t, "TNR95", d.TNR95, 0.5, 0)
		checkValue(t, "FPR95", d.FPR95, 0.5, 0)
	}
}

func TestPaperTNR95OfFewScoresIsZero(t *testing.T) {
	// Below ten scores the rate nearest 95% is 100%, and the published code takes it before anything is flagged.
	d := must[Detection](t)(Detect([]float64{3, 4, 5, 6}, []float64{0, 1}, PaperConvention))
	checkValue(t, "TNR95", d.TNR95, 0, 0)
}

func TestAUROCOfSwappedSetsIsOneMinusIt(t *testing.T) {
	for seed := range uint64(20) {
		in, out := gaussian(50, 1, seed), gaussian(70, 0, seed+100)
		for _, convention := range Conventions() {
			auroc := must[Detection](t)(Detect(in, out, convention)).AUROC
			swapped := must[Detection](t)(Detect(out, in, convention)).AUROC
			checkValue(t, convention.String()+" AUROC of swapped sets", swapped, 1-auroc, 1e-12)
		}
		in, out = rounded(in), rounded(out)
		auroc := must[Detection](t)(Detect(in, out, FieldConvention)).AUROC
		swapped := must[Detection](t)(Detect(out, in, FieldConvention)).AUROC
		checkValue(t, "AUROC of swapped sets with ties", swapped, 1-auroc, 1e-12)
	}
}

func TestNegatedScoresSwapTheTwoSets(t *testing.T) {
	in, out := rounded(gaussian(80, 1, 1)), rounded(gaussian(60, 0, 2))
	negated := func(scores []float64) []float64 {
		scores = slices.Clone(scores)
		for i := range scores {
			scores[i] = -scores[i]
		}
		return scores
	}
	a := must[Detection](t)(Detect(in, out, FieldConvention))
	b := must[Detection](t)(Detect(negated(out), negated(in), FieldConvention))
	checkValue(t, "AUROC", b.AUROC, a.AUROC, 1e-12)
	checkValue(t, "AUPR in", b.AUPRIn, a.AUPROut, 1e-12)
	checkValue(t, "AUPR out", b.AUPROut, a.AUPRIn, 1e-12)
	checkValue(t, "FPR95", b.FPR95, 1-a.TNR95, 1e-12)
}

func TestDetectionDependsOnRanksOnly(t *testing.T) {
	in, out := gaussian(80, 1, 1), gaussian(60, 0, 2)
	want := must[Detection](t)(Detect(in, out, PaperConvention))
	for _, scores := range [][]float64{in, out} {
		for i, score := range scores {
			scores[i] = math.Exp(3 * score)
		}
	}
	if got := must[Detection](t)(Detect(in, out, PaperConvention)); got != want {
		t.Errorf("detection of transformed scores: got %+v, want %+v", got, want)
	}
}

func TestDetectLeavesTheScoresInOrder(t *testing.T) {
	in, out := []float64{3, 1, 2}, []float64{2, 0}
	must[Detection](t)(Detect(in, out, FieldConvention))
	if !slices.Equal(in, []float64{3, 1, 2}) || !slices.Equal(out, []float64{2, 0}) {
		t.Errorf("scores after Detect: got %v and %v, want them unchanged", in, out)
	}
}

func TestInfiniteScoresHaveARank(t *testing.T) {
	d := must[Detection](t)(Detect([]float64{math.Inf(1), 1}, []float64{math.Inf(-1), 0}, FieldConvention))
	checkValue(t, "AUROC", d.AUROC, 1, 0)
	checkValue(t, "AUPR in", d.AUPRIn, 1, 0)
}

func TestBadScoresAreRefused(t *testing.T) {
	good, bad := []float64{1, 2}, []float64{1, 2, math.NaN()}
	measures := map[string]func(in, out []float64) error{
		"Detect": func(in, out []float64) error { _, err := Detect(in, out, PaperConvention); return err },
		"AveragePrecision": func(in, out []float64) error {
			_, _, err := AveragePrecision(in, out)
			return err
		},
		"ROC":          func(in, out []float64) error { _, err := ROC(in, out, 0); return err },
		"NewHistogram": func(in, out []float64) error { _, err := NewHistogram(in, out, 3); return err },
		"Bootstrap": func(in, out []float64) error {
			_, err := Bootstrap{}.Detection(in, out, PaperConvention)
			return err
		},
	}
	for name, measure := range measures {
		t.Run(name, func(t *testing.T) {
			checkError(t, measure(bad, good), "in[2] is NaN")
			checkError(t, measure(good, bad), "out[2] is NaN")
			for _, err := range []error{measure(nil, good), measure(good, nil)} {
				if !errors.Is(err, ErrEmpty) {
					t.Errorf("error of an empty set: got %v, want ErrEmpty", err)
				}
			}
		})
	}
	_, err := Detect(good, good, 0)
	checkError(t, err, "PaperConvention", "FieldConvention")
	_, err = ROC(good, good, 1)
	checkError(t, err, "limit is 1")
	_, err = NewHistogram(good, good, 0)
	checkError(t, err, "bins is 0")
}

func TestConventionsAreFoundByName(t *testing.T) {
	for _, convention := range Conventions() {
		if got := must[Convention](t)(ConventionByName(convention.String())); got != convention {
			t.Errorf("ConventionByName(%q): got %v", convention, got)
		}
		if len(convention.Explain()) < 100 {
			t.Errorf("explanation of %v: got %q, want a sentence", convention, convention.Explain())
		}
	}
	_, err := ConventionByName("mine")
	checkError(t, err, "mine", "paper", "field")
	if got := Convention(7).Explain(); got != "Convention(7)" {
		t.Errorf("unknown convention: got %q, want %q", got, "Convention(7)")
	}
}

func TestROCEnclosesTheAUROC(t *testing.T) {
	in, out := rounded(gaussian(300, 1, 1)), gaussian(200, 0, 2)
	auroc := must[Detection](t)(Detect(in, out, FieldConvention)).AUROC
	for _, c := range []struct {
		limit     int
		tolerance float64
	}{{0, 1e-12}, {10_000, 1e-12}, {200, 2e-3}, {20, 3e-2}, {2, 1}} {
		points := must[[]ROCPoint](t)(ROC(in, out, c.limit))
		if c.limit > 0 && len(points) > c.limit {
			t.Errorf("points: got %d, want at most %d", len(points), c.limit)
		}
		if points[0] != (ROCPoint{0, 0}) || points[len(points)-1] != (ROCPoint{1, 1}) {
			t.Errorf("limit %d: ends: got %v and %v, want (0,0) and (1,1)", c.limit, points[0], points[len(points)-1])
		}
		area := 0.0
		for i, p := range points[1:] {
			area += (p.FalsePositiveRate - points[i].FalsePositiveRate) * (p.TruePositiveRate + points[i].TruePositiveRate) / 2
		}
		checkValue(t, "area under the curve", area, auroc, c.tolerance)
	}
}

func TestHistogramCountsEveryScoreOnce(t *testing.T) {
	h := must[Histogram](t)(NewHistogram([]float64{0, 1, 2, 3, math.Inf(1)}, []float64{4, 1.5, math.Inf(-1)}, 4))
	if want := []float64{0, 1, 2, 3, 4}; !slices.Equal(h.Edges, want) {
		t.Errorf("edges: got %v, want %v", h.Edges, want)
	}
	if want := []int{1, 1, 1, 2}; !slices.Equal(h.In, want) {
		t.Errorf("in: got %v, want %v", h.In, want)
	}
	if want := []int{1, 1, 0, 1}; !slices.Equal(h.Out, want) {
		t.Errorf("out: got %v, want %v", h.Out, want)
	}
}

func TestHistogramOfEqualScoresHasARange(t *testing.T) {
	for name, scores := range map[string][]float64{
		"equal":    {2, 2},
		"huge":     {math.MaxFloat64, math.MaxFloat64},
		"infinite": {math.Inf(1)},
		"opposite": {math.MaxFloat64, -math.MaxFloat64},
	} {
		h := must[Histogram](t)(NewHistogram(scores, scores, 5))
		count := 0
		for _, n := range h.In {
			count += n
		}
		if count != len(scores) || !slices.IsSorted(h.Edges) || math.IsInf(h.Edges[5], 0) {
			t.Errorf("%s: got %+v, want all scores between finite, ascending edges", name, h)
		}
	}
}

func FuzzDetect(f *testing.F) {
	f.Add(uint64(1), uint8(3), uint8(2), uint8(2))
	f.Add(uint64(2), uint8(1), uint8(1), uint8(1))
	f.Add(uint64(3), uint8(40), uint8(20), uint8(200))
	f.Fuzz(func(t *testing.T, seed uint64, nIn, nOut, levels uint8) {
		random := rand.New(rand.NewPCG(seed, 0))
		draw := func(n int) []float64 {
			scores := make([]float64, n+1)
			for i := range scores {
				scores[i] = float64(random.IntN(int(levels)+1)) * 1e300
			}
			scores[0] = []float64{math.Inf(1), math.Inf(-1), math.MaxFloat64, 0}[random.IntN(4)]
			return scores
		}
		in, out := draw(int(nIn)), draw(int(nOut))
		paper := must[Detection](t)(Detect(in, out, PaperConvention))
		field := must[Detection](t)(Detect(in, out, FieldConvention))
		for _, d := range []Detection{paper, field} {
			for name, value := range map[string]float64{
				"AUROC": d.AUROC, "AUPR in": d.AUPRIn, "AUPR out": d.AUPROut, "TNR95": d.TNR95, "FPR95": d.FPR95,
				"detection accuracy": d.DetectionAccuracy,
			} {
				if !(value >= -1e-12 && value <= 1+1e-12) {
					t.Errorf("%s %s of %v and %v: got %g, want a share", d.Convention, name, in, out, value)
				}
			}
		}
		if paper.AUROC > field.AUROC+1e-12 {
			t.Errorf("AUROC of %v and %v: paper's %g exceeds field's %g", in, out, paper.AUROC, field.AUROC)
		}
	})
}

func BenchmarkDetectOf10000And26032Scores(b *testing.B) {
	in, out := gaussian(10_000, 1, 1), gaussian(26_032, 0, 2)
	for _, convention := range Conventions() {
		b.Run(convention.String(), func(b *testing.B) {
			for b.Loop() {
				if _, err := Detect(in, out, convention); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestAveragePrecisionHoldsThePrecisionOfEachThreshold(t *testing.T) {
	// As the threshold falls: 3 (in), 2 (one of each), 1 (out).
	asIn, asOut, err := AveragePrecision([]float64{3, 2}, []float64{2, 1})
	if err != nil {
		t.Fatal(err)
	}
	checkValue(t, "in-distribution positive", asIn, 0.5*1+0.5*2/3, 1e-15)
	checkValue(t, "out-of-distribution positive", asOut, 0.5*1+0.5*2/3, 1e-15)
}
