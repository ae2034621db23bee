package network_test

import (
	"context"
	"iter"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/dismax-go/dismax/internal/compilations"
	"github.com/dismax-go/dismax/tests/testkit"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"
)

// ragged is a data set of rows of two numbers, in batches of the given sizes.
type ragged []int

func (ragged) Name() string { return "ragged" }

func (sizes ragged) Iter() iter.Seq2[train.Batch, error] {
	return func(yield func(train.Batch, error) bool) {
		next := float32(1)
		for _, size := range sizes {
			values := make([]float32, 2*size)
			for i := range values {
				values[i], next = next, next+1
			}
			if !yield(train.Batch{Inputs: []*tensors.Tensor{tensors.FromFlatDataAndDimensions(values, size, 2)}}, nil) {
				return
			}
		}
	}
}

// doubled returns logits 2x, features 3x and, as a score, the sum of x.
func doubled(_ *model.Scope, x *Node) (logits, features *Node, scores []*Node) {
	return MulScalar(x, 2), MulScalar(x, 3), []*Node{ReduceSum(x, -1)}
}

func newForward(t *testing.T, store *model.Store, forward network.ForwardFn) *network.Forward {
	t.Helper()
	f, err := network.NewForward(testkit.Backend(t), store, forward)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Finalize)
	return f
}

func TestForwardKeepsOrderAndCutsThePadding(t *testing.T) {
	counting := compilations.Count(testkit.Backend(t))
	f, err := network.NewForward(counting, model.NewStore(), doubled)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Finalize()
	outputs, err := f.Run(t.Context(), ragged{4, 3, 1})
	if err != nil {
		t.Fatal(err)
	}
	logits, features := tensors.MustCopyFlatData[float32](outputs.Logits), tensors.MustCopyFlatData[float32](outputs.Features)
	if len(logits) != 16 || len(features) != 16 || len(outputs.Scores) != 1 || len(outputs.Scores[0]) != 8 {
		t.Fatalf("got %d logits, %d features and scores %v, want those of 8 inputs", len(logits), len(features), outputs.Scores)
	}
	for i := range logits {
		if want := float32(i + 1); logits[i] != 2*want || features[i] != 3*want {
			t.Errorf("number %d: got logit %g and feature %g, want %g and %g", i, logits[i], features[i], 2*want, 3*want)
		}
	}
	for i, score := range outputs.Scores[0] {
		if want := float64(4*i + 3); score != want {
			t.Errorf("score %d: got %g, want %g", i, score, want)
		}
	}
	if graphs := counting.Graphs(); len(graphs) != 1 {
		t.Errorf("the graphs %v were compiled for one set of inputs, want one", graphs)
	}
}

func TestForwardSeesChangesOfTheWeights(t *testing.T) {
	store := model.NewStore()
	weight := store.RootScope().VariableWithValue("weight", float32(2))
	f := newForward(t, store, network.LogitsOnly(func(_ *model.Scope, x *Node) *Node {
		return Mul(x, weight.NodeValue(x.Graph()))
	}))
	for _, want := range []float32{2, 5} {
		if err := weight.SetValue(tensors.FromScalar(want)); err != nil {
			t.Fatal(err)
		}
		outputs, err := network.RunFlat(t.Context(), f, []float32{1, 1}, 2)
		if err != nil {
			t.Fatal(err)
		}
		if got := tensors.MustCopyFlatData[float32](outputs.Logits); got[0] != want {
			t.Errorf("got %g, want %g", got[0], want)
		}
	}
}

func TestForwardRefusesWhatItCannotUse(t *testing.T) {
	identity := network.LogitsOnly(func(_ *model.Scope, x *Node) *Node { return x })
	dense := network.LogitsOnly(func(scope *model.Scope, x *Node) *Node { return layers.Dense(scope, x, true, 2) })
	ended, end := context.WithCancel(t.Context())
	end()
	for name, test := range map[string]struct {
		run  func() error
		says string
	}{
		"missing weights": {func() error {
			_, err := newForward(t, model.NewStore(), dense).Run(t.Context(), ragged{2})
			return err
		}, "the weights lack /"},
		"no inputs": {func() error {
			_, err := newForward(t, model.NewStore(), identity).Run(t.Context(), ragged{})
			return err
		}, "no inputs"},
		"half an input": {func() error {
			_, err := network.RunFlat(t.Context(), newForward(t, model.NewStore(), identity), []float32{1, 2, 3}, 2)
			return err
		}, "3 numbers are not a whole number"},
		"NaN": {func() error {
			_, err := network.RunFlat(t.Context(), newForward(t, model.NewStore(), identity), []float32{1, 2, 3, float32(math.NaN())}, 2)
			return err
		}, "input 1 has logit NaN for class 1"},
		"a context that ended": {func() error {
			_, err := newForward(t, model.NewStore(), identity).Run(ended, ragged{2})
			return err
		}, "canceled"},
		"nothing": {func() error {
			_, err := network.NewForward(nil, nil, nil)
			return err
		}, "needs a backend"},
	} {
		if err := test.run(); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: got error %v, want one with %q", name, err, test.says)
		}
	}
}

// slope is a score made of a gradient: minus the length of that of the largest logit with respect to the image.
var slope = &dismaxlib.Score{
	Name: "slope", Title: "flatness of the largest logit", Needs: dismaxlib.NeedsImages,
	Graph: func(in dismaxlib.ScoreInputs) *Node {
		_, logits := in.Network(in.Images)
		gradient := Gradient(ReduceAllSum(ReduceMax(logits, -1)), in.Images)[0]
		return Neg(Sqrt(ReduceSum(Square(gradient), 1, 2, 3)))
	},
}

func TestScoresOfImagesAreComputedOnTheWay(t *testing.T) {
	n, err := network.Description{
		Model: "resnet8", Loss: "dismax", ClassNames: network.NumberedClasses(3), Height: 8, Width: 8,
		Mean: []float32{.5, .5, .5}, Std: []float32{.3, .3, .3},
	}.Network()
	if err != nil {
		t.Fatal(err)
	}
	store := model.NewStore()
	pixels := make([]uint8, 3*n.PixelBytes())
	for i := range pixels {
		pixels[i] = uint8(i * i)
	}
	if _, err := model.CallOnce(testkit.Backend(t), store, n.Logits,
		tensors.FromFlatDataAndDimensions(pixels, 3, 8, 8, 3)); err != nil {
		t.Fatal(err)
	}
	scores := []*dismaxlib.Score{dismaxlib.MPS, slope, dismaxlib.MMLES}
	outputs, err := n.Predict(t.Context(), testkit.Backend(t), store, pixels, scores...)
	if err != nil {
		t.Fatal(err)
	}
	scorer, err := network.NewScorer(testkit.Backend(t), scores, nil, n, store)
	if err != nil {
		t.Fatal(err)
	}
	got, err := scorer.Compute(outputs)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got[1], outputs.Scores[0]) || !(got[1][0] < 0) {
		t.Errorf("slopes: got %v, want those of the forward pass, %v, below 0", got[1], outputs.Scores)
	}
	if want, err := dismaxlib.MMLES.Compute(testkit.Backend(t), outputs.Outputs, nil); err != nil || !slices.Equal(got[2], want) {
		t.Errorf("MMLES: got %v, want %v (%v)", got[2], want, err)
	}
}

func TestAccuracyOfOutputsIsTheShareOfRightClasses(t *testing.T) {
	outputs := &network.Outputs{Outputs: dismaxlib.Outputs{Logits: tensors.FromValue([][]float32{{2, 1}, {0, 3}, {5, 4}, {1, 2}})}}
	if got, err := outputs.Accuracy([]int32{0, 1, 1, 1}); err != nil || got != 0.75 {
		t.Errorf("got %g (error: %v), want 0.75", got, err)
	}
	if _, err := outputs.Accuracy([]int32{0}); err == nil || !strings.Contains(err.Error(), "labels") {
		t.Errorf("one label for four inputs: got error %v, want one that names the labels", err)
	}
}
