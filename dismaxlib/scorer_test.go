package dismaxlib_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/tests/testkit"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// classMean is minus the distance of the features to the nearest mean of a training class: a score with a state.
var classMean = &dismaxlib.Score{
	Name: "class-mean", Title: "nearest class mean", Needs: dismaxlib.NeedsFeatures,
	Fit: func(training dismaxlib.TrainingOutputs) (dismaxlib.Fitted, error) {
		features, err := tensors.CopyFlatData[float32](training.Features)
		if err != nil {
			return nil, err
		}
		size, classes := training.Features.Shape().Dim(1), training.Logits.Shape().Dim(1)
		sums, counts := make([]float64, classes*size), make([]float64, classes)
		for i, label := range training.Labels {
			counts[label]++
			for k, value := range features[i*size:][:size] {
				sums[int(label)*size+k] += float64(value)
			}
		}
		for k := range sums {
			sums[k] /= counts[k/size]
		}
		return dismaxlib.Fitted{"means": tensors.FromFlatDataAndDimensions(sums, classes, size)}, nil
	},
	Graph: func(in dismaxlib.ScoreInputs) *Node {
		differences := Sub(InsertAxes(in.Features, 1), InsertAxes(in.Fitted["means"], 0))
		return Neg(Sqrt(ReduceMin(ReduceSum(Square(differences), -1), -1)))
	},
}

// react is ReAct (arXiv 2111.12797) at a fixed limit: the energy of the logits of features that are cut off at it.
func react(limit float64) *dismaxlib.Score {
	return &dismaxlib.Score{
		Name: "ReAct", Title: "rectified activations", Parameters: map[string]float64{"limit": limit},
		Needs: dismaxlib.NeedsFeatures | dismaxlib.NeedsHead,
		Graph: func(in dismaxlib.ScoreInputs) *Node {
			return logSumExp(in.Head(MinScalar(in.Features, limit)))
		},
	}
}

// logSumExp of each row.
func logSumExp(logits *Node) *Node {
	largest := StopGradient(ReduceAndKeep(logits, ReduceMax, -1))
	return Add(Log(ReduceSum(Exp(Sub(logits, largest)), -1)), Reshape(largest, -1))
}

// gradientNorm is the L1 norm of the gradient of the log-sum-exp with respect to the image.
var gradientNorm = &dismaxlib.Score{
	Name: "gradient-norm", Title: "norm of the input gradient", Needs: dismaxlib.NeedsImages,
	Graph: func(in dismaxlib.ScoreInputs) *Node {
		_, logits := in.Network(in.Images)
		return ReduceSum(Abs(Gradient(ReduceAllSum(logSumExp(logits)), in.Images)[0]), 1, 2, 3)
	},
}

// linearNetwork has images of one row of two pixels: features are their squares and logits the features times weights.
func linearNetwork() *dismaxlib.Network {
	store := model.NewStore()
	store.RootScope().In("linear").VariableWithValue("weights", [][]float32{{1, 0}, {0, 2}, {1, -1}})
	return &dismaxlib.Network{
		Store: store,
		Backbone: func(_ *model.Scope, images *Node) *Node {
			return Square(Reshape(images, images.Shape().Dim(0), 2))
		},
		Head: func(scope *model.Scope, features *Node) *Node {
			shape := shapes.Make(features.DType(), 3, 2)
			weights := scope.In("linear").VariableWithShape("weights", shape).NodeValue(features)
			return Einsum("bf,cf->bc", features, weights)
		},
	}
}

// linearOutputs are what linearNetwork gives for pixels.
func linearOutputs(pixels [][2]float32) dismaxlib.Outputs {
	var images, features, logits []float32
	for _, p := range pixels {
		x, y := p[0]*p[0], p[1]*p[1]
		images = append(images, p[:]...)
		features = append(features, x, y)
		logits = append(logits, x, 2*y, x-y)
	}
	n := len(pixels)
	return dismaxlib.Outputs{
		Logits:   tensors.FromFlatDataAndDimensions(logits, n, 3),
		Features: tensors.FromFlatDataAndDimensions(features, n, 2),
		Images:   tensors.FromFlatDataAndDimensions(images, n, 1, 2, 1),
	}
}

// ownScores are scores that are not registered, of every kind.
func ownScores() []*dismaxlib.Score {
	return []*dismaxlib.Score{classMean, react(2), dismaxlib.MMLES, gradientNorm}
}

// fittedOwnScores are the states of ownScores: the class means are (4, 4), (0, 1) and (1, 0).
func fittedOwnScores(t *testing.T) map[string]dismaxlib.Fitted {
	t.Helper()
	outputs := linearOutputs([][2]float32{{1, 2}, {float32(math.Sqrt(7)), 2}, {0, 1}, {1, 0}})
	fitted, err := dismaxlib.FitScores(ownScores(), dismaxlib.TrainingOutputs{
		Logits: outputs.Logits, Features: outputs.Features, Labels: []int32{0, 0, 1, 2},
	})
	if err != nil {
		t.Fatal(err)
	}
	return fitted
}

// ownScoresByHand computes the same for one image.
func ownScoresByHand(pixel [2]float32) []float64 {
	x, y := float64(pixel[0]*pixel[0]), float64(pixel[1]*pixel[1])
	nearest := math.Inf(1)
	for _, mean := range [][]float64{{4, 4}, {0, 1}, {1, 0}} {
		nearest = min(nearest, distance(mean, []float64{x, y}))
	}
	a, b := min(x, 2), min(y, 2)
	logits := []float64{x, 2 * y, x - y}
	mean, entropy := (2*x+y)/3, 0.0
	logP := logSoftmax(logits, 1)
	for _, value := range logP {
		entropy -= math.Exp(value) * value
	}
	p0, p1, p2 := math.Exp(logP[0]), math.Exp(logP[1]), math.Exp(logP[2])
	gradient := math.Abs(2*float64(pixel[0])*(p0+p2)) + math.Abs(2*float64(pixel[1])*(2*p1-p2))
	return []float64{
		-nearest, math.Log(math.Exp(a) + math.Exp(2*b) + math.Exp(a-b)), slices.Max(logits) + mean - entropy, gradient,
	}
}

func TestScoresOfOnesOwnNeedNoRegistration(t *testing.T) {
	scorer, err := dismaxlib.NewScorer(testkit.Backend(t), ownScores(), fittedOwnScores(t), linearNetwork())
	if err != nil {
		t.Fatal(err)
	}
	defer scorer.Finalize()
	for _, rows := range []int{1, 32, 71} {
		var pixels [][2]float32
		for i := range rows {
			pixels = append(pixels, [2]float32{float32(i%9)/4 - 1, float32(i%7)/3 - 1})
		}
		got, err := scorer.Compute(linearOutputs(pixels))
		if err != nil {
			t.Fatal(err)
		}
		for s, score := range ownScores() {
			var want []float64
			for _, pixel := range pixels {
				want = append(want, ownScoresByHand(pixel)[s])
			}
			testkit.CheckClose(t, fmt.Sprintf("%s of %d rows", score.Name, rows), got[s], want, 1e-6)
		}
	}
}

// TestScoresInsideANetworkAreThoseOfItsOutputs applies scores in the graph that runs the network, as a detector does.
func TestScoresInsideANetworkAreThoseOfItsOutputs(t *testing.T) {
	network, fitted := linearNetwork(), fittedOwnScores(t)
	pixel := [2]float32{0.5, -1.5}
	outputs := linearOutputs([][2]float32{pixel})
	got := model.MustCallOnce(testkit.Backend(t), network.Store, func(_ *model.Scope, inputs []*Node) *Node {
		in := network.Inputs(inputs[0])
		var all []*Node
		for _, score := range ownScores() {
			if score.Fit != nil {
				in.Fitted = map[string]*Node{"means": inputs[1]}
			}
			all = append(all, score.Apply(in))
		}
		return Concatenate(all, 0)
	}, outputs.Images, fitted[classMean.Name]["means"])
	testkit.CheckClose(t, "scores", numbers(got), ownScoresByHand(pixel), 1e-6)
}

// inverted is the maximum probability of the image times -1/2.
var inverted = &dismaxlib.Score{
	Name: "inverted", Needs: dismaxlib.NeedsImages,
	Graph: func(in dismaxlib.ScoreInputs) *Node {
		_, logits := in.Network(MulScalar(in.Images, -0.5))
		return ReduceMax(Softmax(logits), -1)
	},
}

func TestScoresRunTheNetworkOnImagesThatTheyChange(t *testing.T) {
	network, pixel := linearNetwork(), [2]float32{2, -1}
	outputs := linearOutputs([][2]float32{pixel})
	got, err := model.CallOnce(testkit.Backend(t), network.Store, func(_ *model.Scope, images *Node) *Node {
		return inverted.Apply(network.Inputs(images))
	}, outputs.Images)
	if err != nil {
		t.Fatal(err)
	}
	logP := logSoftmax([]float64{1, 0.5, 0.75}, 1) // of the features (1, 0.25)
	testkit.CheckClose(t, "score", numbers(got), []float64{math.Exp(slices.Max(logP))}, 1e-6)
}

func TestFittedIntegersStayIntegers(t *testing.T) {
	logitOfClass := &dismaxlib.Score{
		Name: "logit-of-class",
		Graph: func(in dismaxlib.ScoreInputs) *Node {
			return ReduceSum(Mul(in.Logits, OneHot(in.Fitted["class"], 3, in.Logits.DType())), -1)
		},
	}
	outputs := linearOutputs([][2]float32{{2, -1}, {3, 1}})
	fitted := dismaxlib.Fitted{"class": tensors.FromValue([]int32{2})}
	got, err := logitOfClass.Compute(testkit.Backend(t), outputs, fitted)
	if err != nil || !slices.Equal(got, []float64{3, 8}) {
		t.Errorf("got %v, error %v, want 4 - 1 and 9 - 1", got, err)
	}
}

func TestAScoreDoesNotDependOnTheRowsBesideIt(t *testing.T) {
	for _, classes := range []int{7, 100} {
		logits := randomLogits(600, classes)
		scorer, err := dismaxlib.NewScorer(testkit.Backend(t), dismaxlib.Scores(0), nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer scorer.Finalize()
		compute := func(from, to int) [][]float64 {
			scores, err := scorer.Compute(dismaxlib.Outputs{Logits: tensor(logits[from:to], dtypes.Float32)})
			if err != nil {
				t.Fatal(err)
			}
			return scores
		}
		together := compute(0, 600)
		for _, rows := range [][2]int{{0, 1}, {255, 257}, {256, 259}, {590, 600}, {100, 140}, {5, 300}} {
			for s, got := range compute(rows[0], rows[1]) {
				if want := together[s][rows[0]:rows[1]]; !slices.Equal(got, want) {
					t.Errorf("%s of rows %v of %d classes: got %v, together %v", dismaxlib.ScoreNames()[s], rows, classes, got, want)
				}
			}
		}
	}
}

func TestScoresThatLackWhatTheyNeedSaySo(t *testing.T) {
	complete := linearOutputs([][2]float32{{1, 2}})
	withoutImages := dismaxlib.Outputs{Logits: complete.Logits, Features: complete.Features}
	wrongRows := dismaxlib.Outputs{Logits: complete.Logits, Features: linearOutputs(make([][2]float32, 2)).Features}
	hot := linearNetwork()
	hot.Store.RootScope().In(dismaxlib.HeadScope).VariableWithValue("temperature", float32(2))
	matrix := &dismaxlib.Score{Name: "matrix", Graph: func(in dismaxlib.ScoreInputs) *Node { return in.Logits }}
	for name, test := range map[string]struct {
		scores  []*dismaxlib.Score
		fitted  map[string]dismaxlib.Fitted
		network *dismaxlib.Network
		outputs dismaxlib.Outputs
		want    string
	}{
		"no scores":      {want: "at least one score"},
		"same name":      {scores: []*dismaxlib.Score{react(1), react(2)}, want: "two scores of a scorer are named ReAct"},
		"no logits":      {scores: []*dismaxlib.Score{dismaxlib.MPS, dismaxlib.ES}, want: "scores MPS, ES: there are no logits"},
		"no features":    {scores: []*dismaxlib.Score{react(1)}, outputs: dismaxlib.Outputs{Logits: complete.Logits}, want: "no features"},
		"no images":      {scores: []*dismaxlib.Score{gradientNorm}, outputs: withoutImages, want: "no images"},
		"other rows":     {scores: []*dismaxlib.Score{react(1)}, outputs: wrongRows, want: "one row for each"},
		"no head":        {scores: []*dismaxlib.Score{react(1)}, outputs: complete, want: "was not given: head"},
		"no network":     {scores: []*dismaxlib.Score{gradientNorm}, outputs: complete, want: "was not given: images"},
		"not fitted":     {scores: []*dismaxlib.Score{classMean}, outputs: complete, want: "has to be fitted"},
		"not one number": {scores: []*dismaxlib.Score{matrix}, outputs: complete, want: "one number for each row"},
		"a temperature":  {scores: []*dismaxlib.Score{react(1)}, network: hot, outputs: complete, want: "raw logits"},
	} {
		t.Run(name, func(t *testing.T) {
			scorer, err := dismaxlib.NewScorer(testkit.Backend(t), test.scores, test.fitted, test.network)
			if err == nil {
				defer scorer.Finalize()
				_, err = scorer.Compute(test.outputs)
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestFittingRefusesOutputsThatDoNotFitTogether(t *testing.T) {
	outputs := linearOutputs([][2]float32{{1, 2}, {3, 4}})
	ofLinearHead := &dismaxlib.Score{Name: "linear", Needs: dismaxlib.NeedsFeatures | dismaxlib.NeedsLinearHead,
		Fit: func(dismaxlib.TrainingOutputs) (dismaxlib.Fitted, error) { return nil, nil }}
	failing := &dismaxlib.Score{Name: "failing", Fit: func(dismaxlib.TrainingOutputs) (dismaxlib.Fitted, error) {
		return nil, fmt.Errorf("no fit")
	}}
	for name, test := range map[string]struct {
		score    *dismaxlib.Score
		training dismaxlib.TrainingOutputs
		want     string
	}{
		"no logits":    {classMean, dismaxlib.TrainingOutputs{Labels: []int32{0}}, "no logits"},
		"too few rows": {classMean, dismaxlib.TrainingOutputs{Logits: outputs.Logits, Labels: []int32{0}}, "one row for each of the 1 labels"},
		"no class":     {classMean, dismaxlib.TrainingOutputs{Logits: outputs.Logits, Labels: []int32{0, 3}}, "labels[1] is 3"},
		"no features":  {classMean, dismaxlib.TrainingOutputs{Logits: outputs.Logits, Labels: []int32{0, 2}}, "no features"},
		"no linear head": {ofLinearHead, dismaxlib.TrainingOutputs{
			Logits: outputs.Logits, Features: outputs.Features, Labels: []int32{0, 2}}, "needs a linear head"},
		"other weights": {ofLinearHead, dismaxlib.TrainingOutputs{
			Logits: outputs.Logits, Features: outputs.Features, Labels: []int32{0, 2},
			Weights: tensors.FromValue([][]float32{{1, 2}}), Bias: tensors.FromValue([]float32{1})}, "want weights [3, 2] and bias [3]"},
		"no bias": {ofLinearHead, dismaxlib.TrainingOutputs{
			Logits: outputs.Logits, Features: outputs.Features, Labels: []int32{0, 2},
			Weights: tensors.FromValue([][]float32{{1, 2}, {1, 2}, {1, 2}})}, "one of them is missing"},
		"failing fit": {failing, dismaxlib.TrainingOutputs{Logits: outputs.Logits, Labels: []int32{0, 2}}, "fitting score failing: no fit"},
	} {
		_, err := dismaxlib.FitScores([]*dismaxlib.Score{test.score}, test.training)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want one with %q", name, err, test.want)
		}
	}
}

func TestScoresAreListedByWhatTheyNeed(t *testing.T) {
	if got, want := len(dismaxlib.Scores(0)), len(dismaxlib.ScoreNames())-1; got != want {
		t.Errorf("scores of logits: got %d, want %d: all but MaxSimilarity", got, want)
	}
	for needs, want := range map[dismaxlib.Needs]string{
		0: "", dismaxlib.NeedsHead: "head",
		dismaxlib.NeedsFeatures | dismaxlib.NeedsImages: "features, images",
	} {
		if got := needs.String(); got != want {
			t.Errorf("needs %d: got %q, want %q", needs, got, want)
		}
	}
}
