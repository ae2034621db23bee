package dismaxlib_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/tests/testkit"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/dtypes/float16"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
)

func randomLogits(rows, classes int) [][]float64 {
	random := rand.New(rand.NewPCG(11, 0))
	logits := make([][]float64, rows)
	for i := range logits {
		for range classes {
			logits[i] = append(logits[i], 3*random.NormFloat64())
		}
	}
	return logits
}

// scoresOf computes a score of rows of logits in float64.
func scoresOf(t *testing.T, name string, logits [][]float64) []float64 {
	t.Helper()
	return scoresOfTensor(t, name, tensor(logits, dtypes.Float64))
}

// scoresOfTensor computes a registered score of logits.
func scoresOfTensor(t *testing.T, name string, logits *tensors.Tensor) []float64 {
	t.Helper()
	scores, err := scoreByName(t, name).Compute(testkit.Backend(t), dismaxlib.Outputs{Logits: logits}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return scores
}

func scoreByName(t *testing.T, name string) *dismaxlib.Score {
	t.Helper()
	score, err := dismaxlib.ScoreByName(name)
	if err != nil {
		t.Fatal(err)
	}
	return score
}

func TestScoresAreTheirFormulas(t *testing.T) {
	logits := randomLogits(20, 7)
	want := make(map[string][]float64)
	for _, row := range logits {
		mean, entropy, sum := 0.0, 0.0, 0.0
		logP := logSoftmax(row, 1)
		for class, logit := range row {
			mean += logit / float64(len(row))
			entropy -= math.Exp(logP[class]) * logP[class]
			sum += math.Exp(logit)
		}
		largest, probability := slices.Max(row), math.Exp(slices.Max(logP))
		for name, score := range map[string]float64{
			"MPS": probability, "ES": -entropy, "MDS": largest, "MMLS": largest + mean,
			"MMLES": largest + mean - entropy, "MMLEPS": largest + mean - entropy + probability,
			"Energy": math.Log(sum),
		} {
			want[name] = append(want[name], score)
		}
	}
	if got := len(dismaxlib.Scores(0)); got != len(want) {
		t.Errorf("got %d scores of logits alone, want %d", got, len(want))
	}
	for _, score := range dismaxlib.Scores(0) {
		name := score.Name
		testkit.CheckClose(t, name, scoresOf(t, name, logits), want[name], 1e-12)
	}
}

func TestScoresIgnoreTheOrderOfClasses(t *testing.T) {
	logits := randomLogits(20, 7)
	permuted := make([][]float64, len(logits))
	for i, row := range logits {
		for _, class := range []int{3, 0, 6, 1, 5, 2, 4} {
			permuted[i] = append(permuted[i], row[class])
		}
	}
	for _, score := range dismaxlib.Scores(0) {
		name := score.Name
		testkit.CheckClose(t, name, scoresOf(t, name, permuted), scoresOf(t, name, logits), 1e-14)
	}
}

func TestScoresOfExtremeLogits(t *testing.T) {
	logits := [][]float64{{1e4, -1e4, 0}, {-1e4, -1e4, -1e4}, {0, 0, 0}, {1e4, 1e4, -1e4}}
	for _, dtype := range []dtypes.DType{dtypes.Float32, dtypes.Float64} {
		for name, want := range map[string][]float64{
			"MPS": {1, 1. / 3, 1. / 3, 0.5},
			"ES":  {0, -math.Log(3), -math.Log(3), -math.Log(2)},
			"MDS": {1e4, -1e4, 0, 1e4},
		} {
			testkit.CheckClose(t, name, scoresOfTensor(t, name, tensor(logits, dtype)), want, 1e-7)
		}
	}
}

func TestScoresOfOneClassAndOfNoRows(t *testing.T) {
	if got := scoresOf(t, "MMLEPS", [][]float64{{-2.5}}); !slices.Equal(got, []float64{-4}) {
		t.Errorf("one class: got %v, want -2.5 - 2.5 - 0 + 1", got)
	}
	none := tensors.FromShape(shapes.Make(dtypes.Float32, 0, 10))
	if got := scoresOfTensor(t, "MPS", none); len(got) != 0 {
		t.Errorf("no rows: got %v, want no scores", got)
	}
}

func TestScoresOfHalfPrecisionLogits(t *testing.T) {
	logits := tensors.FromValue([][]float16.Float16{{float16.FromFloat32(1), float16.FromFloat32(2)}})
	testkit.CheckClose(t, "MPS", scoresOfTensor(t, "MPS", logits), []float64{1 / (1 + math.Exp(-1))}, 1e-6)
}

func TestScoresRefuseWhatTheyCannotUse(t *testing.T) {
	for name, test := range map[string]struct {
		score  string
		logits any
		want   string
	}{
		"rank 1":       {"MPS", []float32{1}, "shaped [rows, classes]"},
		"integers":     {"MPS", [][]int32{{1}}, "floats"},
		"not a number": {"ES", [][]float64{{1, 2}, {math.NaN(), 1}}, "row 1"},
		"infinite":     {"MDS", [][]float64{{1, math.Inf(1)}}, "row 0"},
	} {
		logits, err := tensors.FromAnyValue(test.logits)
		if err != nil {
			t.Fatal(err)
		}
		outputs := dismaxlib.Outputs{Logits: logits}
		_, err = scoreByName(t, test.score).Compute(testkit.Backend(t), outputs, nil)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want one with %q", name, err, test.want)
		}
	}
}

func TestMaxLogitIsAnotherNameOfMDS(t *testing.T) {
	if got := scoreByName(t, "MaxLogit"); got != dismaxlib.MDS {
		t.Errorf("got score %s, want MDS", got.Name)
	}
	if names := dismaxlib.ScoreNames(); slices.Contains(names, "MaxLogit") {
		t.Errorf("names: got %v, want one score once", names)
	}
}

func TestScoresOfALinearHeadApplyToSoftMaxAlone(t *testing.T) {
	linear := &dismaxlib.Score{Name: "linear", Needs: dismaxlib.NeedsFeatures | dismaxlib.NeedsLinearHead}
	any := &dismaxlib.Score{Name: "any", Needs: dismaxlib.NeedsFeatures | dismaxlib.NeedsHead}
	for _, name := range dismaxlib.LossNames() {
		loss, err := dismaxlib.LossByName(name)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := linear.AppliesTo(loss), name == "softmax"; got != want {
			t.Errorf("a score of a linear head applies to %s: got %v, want %v", name, got, want)
		}
		if !any.AppliesTo(loss) {
			t.Errorf("a score of any head applies to %s: got false, want true", name)
		}
	}
}

func TestMaxSimilarityAppliesToHeadsWithSimilaritiesAlone(t *testing.T) {
	for _, name := range dismaxlib.LossNames() {
		want := name == "scaled-cosine" || name == "godin"
		if got := dismaxlib.MaxSimilarity.AppliesTo(lossByName(t, name)); got != want {
			t.Errorf("applies to %s: got %v, want %v", name, got, want)
		}
	}
}

func TestUnknownScoreListsTheKnownOnes(t *testing.T) {
	_, err := dismaxlib.ScoreByName("XYZ")
	if !errors.Is(err, dismaxlib.ErrUnknown) || !strings.Contains(err.Error(), "MMLEPS") {
		t.Errorf("got error %v, want ErrUnknown with the list of scores", err)
	}
}

func TestScoresReportABackendThatFails(t *testing.T) {
	closed := goBackend()
	closed.Finalize()
	outputs := dismaxlib.Outputs{Logits: tensors.FromValue([][]float32{{1, 2}})}
	_, err := dismaxlib.MPS.Compute(closed, outputs, nil)
	if err == nil || !strings.Contains(err.Error(), "score MPS") {
		t.Errorf("got error %v, want one that names the score", err)
	}
}
