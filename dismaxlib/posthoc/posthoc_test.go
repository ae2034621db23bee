package posthoc_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/posthoc"
	"github.com/dismax-go/dismax/tests/testkit"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// The problem of these tests: rectified features around a mean for each class, and a linear head.
const rows, size, classes = 90, 12, 4

type problem struct {
	weights, bias *tensors.Tensor
	head          *model.Store
	features      [][]float32
	labels        []int32
}

func newProblem() *problem {
	random := rand.New(rand.NewPCG(3, 0))
	weights, bias := make([][]float32, classes), make([]float32, classes)
	for class := range weights {
		for range size {
			weights[class] = append(weights[class], float32(random.NormFloat64()))
		}
		bias[class] = float32(random.NormFloat64())
	}
	p := &problem{weights: tensors.FromValue(weights), bias: tensors.FromValue(bias), head: model.NewStore()}
	scope := p.head.RootScope().In(dismaxlib.HeadScope)
	scope.VariableWithValue("weights", weights)
	scope.VariableWithValue("bias", bias)
	for row := range rows {
		class, features := row%classes, make([]float32, size)
		for i := range features {
			features[i] = float32(max(0, random.NormFloat64()+float64(2*weights[class][i])))
		}
		p.features, p.labels = append(p.features, features), append(p.labels, int32(class))
	}
	return p
}

// network is the head alone.
func (p *problem) network() *dismaxlib.Network {
	return &dismaxlib.Network{Store: p.head, Head: func(scope *model.Scope, features *Node) *Node {
		return dismaxlib.SoftMax(scope, features, classes).Done()
	}}
}

// outputs returns what the network gives for features.
func (p *problem) outputs(t *testing.T, features [][]float32) dismaxlib.Outputs {
	t.Helper()
	of := tensors.FromValue(features)
	logits, err := model.CallOnce(testkit.Backend(t), p.head, p.network().Head, of)
	if err != nil {
		t.Fatal(err)
	}
	return dismaxlib.Outputs{Logits: logits, Features: of}
}

// training returns the first rows as a training set.
func (p *problem) training(t *testing.T, rows int) dismaxlib.TrainingOutputs {
	t.Helper()
	outputs := p.outputs(t, p.features[:rows])
	return dismaxlib.TrainingOutputs{
		Logits: outputs.Logits, Features: outputs.Features, Labels: p.labels[:rows],
		Weights: p.weights, Bias: p.bias,
	}
}

// scorer fits scores on a training set.
func (p *problem) scorer(t *testing.T, scores []*dismaxlib.Score, training dismaxlib.TrainingOutputs) *dismaxlib.Scorer {
	t.Helper()
	fitted, err := dismaxlib.FitScores(scores, training)
	if err != nil {
		t.Fatal(err)
	}
	scorer, err := dismaxlib.NewScorer(testkit.Backend(t), scores, fitted, p.network())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(scorer.Finalize)
	return scorer
}

func compute(t *testing.T, scorer *dismaxlib.Scorer, outputs dismaxlib.Outputs) [][]float64 {
	t.Helper()
	scores, err := scorer.Compute(outputs)
	if err != nil {
		t.Fatal(err)
	}
	return scores
}

func TestScoresOfARowDoNotDependOnTheRowsBesideIt(t *testing.T) {
	p := newProblem()
	scorer := p.scorer(t, posthoc.Scores(), p.training(t, rows))
	outputs := p.outputs(t, p.features)
	together := compute(t, scorer, outputs)
	logits := tensors.MustCopyFlatData[float32](outputs.Logits)
	for _, of := range [][2]int{{0, 1}, {7, 9}, {8, 40}, {89, 90}} {
		some := compute(t, scorer, dismaxlib.Outputs{
			Features: tensors.FromValue(p.features[of[0]:of[1]]),
			Logits:   tensors.FromFlatDataAndDimensions(logits[of[0]*classes:of[1]*classes], of[1]-of[0], classes),
		})
		for i, score := range posthoc.Scores() {
			want, tolerance := together[i][of[0]:of[1]], 0.0
			if score.Needs.Has(dismaxlib.NeedsHead) {
				tolerance = 1e-6 // of a head in float32
			}
			testkit.CheckClose(t, score.Name, some[i], want, tolerance)
		}
	}
}

// A run must not fail after hours of training because of what the training set lacks.
func TestScoresAreFiniteWhereTheTrainingSetLacksSomething(t *testing.T) {
	p := newProblem()
	training := p.training(t, 30) // fewer rows than the 50 neighbours of KNN
	for i := range training.Labels {
		training.Labels[i] %= classes - 1 // no row of the last class
	}
	features := tensors.MustCopyFlatData[float32](training.Features)
	for row := range 30 {
		features[row*size] = 0 // a dead feature
	}
	training.Features = tensors.FromFlatDataAndDimensions(features, 30, size)
	scorer := p.scorer(t, posthoc.Scores(), training)
	zeros := make([]float32, size)
	for i, values := range compute(t, scorer, p.outputs(t, append(p.features, zeros))) {
		if len(values) != rows+1 {
			t.Errorf("%s: got %d values, want %d", posthoc.Scores()[i].Name, len(values), rows+1)
		}
	}
}

func TestMahalanobisIgnoresADirectionWithoutVariance(t *testing.T) {
	p := newProblem()
	mahalanobis := []*dismaxlib.Score{posthoc.Mahalanobis(), posthoc.RelativeMahalanobis()}
	training, outputs := p.training(t, rows), p.outputs(t, p.features)
	want := compute(t, p.scorer(t, mahalanobis, training), outputs)

	var wider [][]float32
	for _, row := range p.features {
		wider = append(wider, append(slices.Clone(row), 1))
	}
	training.Features, outputs.Features = tensors.FromValue(wider), tensors.FromValue(wider)
	training.Weights, training.Bias = nil, nil
	got := compute(t, p.scorer(t, mahalanobis, training), outputs)
	for i, score := range mahalanobis {
		testkit.CheckClose(t, score.Name, got[i], want[i], 1e-9)
	}
}

// What the comments of ASHP and SCALE say of heads that look at directions alone.
func TestScalingFeaturesChangesNothingForAHeadOfDirections(t *testing.T) {
	p, store := newProblem(), model.NewStore()
	network := &dismaxlib.Network{Store: store, Head: func(scope *model.Scope, features *Node) *Node {
		return dismaxlib.DisMax(scope, features, classes).Done()
	}}
	logits, err := model.CallOnce(testkit.Backend(t), store, network.Head, tensors.FromValue(p.features))
	if err != nil {
		t.Fatal(err)
	}
	scores := []*dismaxlib.Score{posthoc.ASHS(50), posthoc.ASHP(50), posthoc.SCALE(50), dismaxlib.Energy}
	scorer, err := dismaxlib.NewScorer(testkit.Backend(t), scores, nil, network)
	if err != nil {
		t.Fatal(err)
	}
	defer scorer.Finalize()
	got := compute(t, scorer, dismaxlib.Outputs{Logits: logits, Features: tensors.FromValue(p.features)})
	testkit.CheckClose(t, "ASH-S, and ASH-P", got[0], got[1], 1e-6)
	testkit.CheckClose(t, "SCALE, and Energy", got[2], got[3], 1e-6)
}

func TestFitsSayWhatTheyCannotUse(t *testing.T) {
	p := newProblem()
	training, same := p.training(t, rows), p.training(t, rows)
	same.Features = tensors.FromFlatDataAndDimensions(make([]float32, rows*size), rows, size)
	same.Bias = tensors.FromValue(make([]float32, classes))
	noHead := training
	noHead.Weights, noHead.Bias = nil, nil
	for name, test := range map[string]struct {
		score    *dismaxlib.Score
		training dismaxlib.TrainingOutputs
		want     string
	}{
		"all directions removed": {posthoc.ViM(size), training, "12 principal directions of 12 features"},
		"nothing left":           {posthoc.ViM(6), same, "leave nothing"},
		"no variance":            {posthoc.Mahalanobis(), same, "there is no covariance"},
		"no linear head, ViM":    {posthoc.ViM(0), noHead, "fitting score ViM: it needs a linear head"},
		"no linear head, DICE":   {posthoc.DICE(0.7), noHead, "fitting score DICE: it needs a linear head"},
		"no linear head, fDBD":   {posthoc.FDBD(), noHead, "fitting score fDBD: it needs a linear head"},
	} {
		_, err := dismaxlib.FitScores([]*dismaxlib.Score{test.score}, test.training)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want one with %q", name, err, test.want)
		}
	}
}

func TestParametersThatCannotBeMeantPanic(t *testing.T) {
	for says, call := range map[string]func(){
		"KNN: k is 0, want at least 1":                  func() { posthoc.KNN(0) },
		"NNGuide: k is -1":                              func() { posthoc.NNGuide(-1) },
		"GEN: top is 0":                                 func() { posthoc.GEN(0.1, 0) },
		"GEN: gamma is -1":                              func() { posthoc.GEN(-1, 2) },
		"ASHP: percentile is 100":                       func() { posthoc.ASHP(100) },
		"SCALE: percentile is -5":                       func() { posthoc.SCALE(-5) },
		"ReAct: percentile is 101, want 0 to 100":       func() { posthoc.ReAct(101) },
		"DICE: removed is -1, want a share from 0 to 1": func() { posthoc.DICE(-1) },
		"ODIN: temperature is 0":                        func() { posthoc.ODIN(0) },
		"ODIN: temperature is +Inf":                     func() { posthoc.ODIN(math.Inf(1)) },
		"ViM: dim is -1":                                func() { posthoc.ViM(-1) },
	} {
		if got := testkit.PanicOf(call); !strings.Contains(got, "posthoc."+says) {
			t.Errorf("got panic %q, want one that says %q", got, says)
		}
	}
}

func TestAStateWithoutAPartNamesIt(t *testing.T) {
	p := newProblem()
	other := dismaxlib.Fitted{"other": tensors.FromScalar(1.0)}
	_, err := posthoc.KNN(1).Compute(testkit.Backend(t), p.outputs(t, p.features), other)
	if err == nil || !strings.Contains(err.Error(), "score KNN") || !strings.Contains(err.Error(), `has no "bank"`) {
		t.Errorf("got error %v, want one that names the score and the part", err)
	}
}

// This is the one test that registers: it must not run beside others.
func TestRegisterMakesTheScoresKnown(t *testing.T) {
	for _, score := range posthoc.Scores() {
		if _, err := dismaxlib.ScoreByName(score.Name); !errors.Is(err, dismaxlib.ErrUnknown) {
			t.Errorf("%s before: got error %v, want ErrUnknown", score.Name, err)
		}
	}
	posthoc.Register()
	posthoc.Register()
	for _, score := range posthoc.Scores() {
		if got, err := dismaxlib.ScoreByName(score.Name); err != nil || got != score {
			t.Errorf("%s after: got %v and error %v, want the score", score.Name, got, err)
		}
	}
	applicable := 0
	loss, err := dismaxlib.LossByName("dismax")
	if err != nil {
		t.Fatal(err)
	}
	for _, score := range dismaxlib.Scores(dismaxlib.AllNeeds) {
		if score.AppliesTo(loss) {
			applicable++
		}
	}
	if want := 7 + 16 - 3; applicable != want {
		t.Errorf("scores of DisMax: got %d, want all but those of a linear head, %d", applicable, want)
	}
}

func TestSheRefusesAClassThatWasNeverRight(t *testing.T) {
	p := newProblem()
	training := p.training(t, rows)
	wrong := make([]int32, rows)
	for i, logits := range slices.Collect(slices.Chunk(tensors.MustCopyFlatData[float32](training.Logits), classes)) {
		wrong[i] = int32((slices.Index(logits, slices.Max(logits)) + 1) % classes)
	}
	training.Labels = wrong
	scores := []*dismaxlib.Score{posthoc.SHE()}
	for _, value := range compute(t, p.scorer(t, scores, training), p.outputs(t, p.features))[0] {
		if value != 0 || math.Signbit(value) {
			t.Fatalf("score: got %g, want 0", value)
		}
	}
}
