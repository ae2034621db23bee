package dismaxlib_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/tests/testkit"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"
)

func TestLossesOfThePaperAndOfItsTableAreRegistered(t *testing.T) {
	want := []string{"softmax", "isomax", "isomaxplus", "dismax", "dismax-fpr", "scaled-cosine", "godin"}
	if got := dismaxlib.LossNames(); !slices.Equal(got, want) {
		t.Errorf("losses: got %v, want %v", got, want)
	}
	for _, loss := range allLosses(t) {
		for _, score := range loss.Scores {
			if registered := scoreByName(t, score.Name); registered != score {
				t.Errorf("%s: its score %s is not the registered one", loss.Name, score.Name)
			}
		}
	}
}

func TestUnknownLossesSayWhatThereIs(t *testing.T) {
	for name, want := range map[string]string{
		"dismay":               "isomaxplus",
		"dismay:alpha=2":       "dismax-fpr:alpha=0.5",
		"dismax-fpr:":          "a finite number that is not negative",
		"dismax-fpr:beta=2":    "a finite number that is not negative",
		"dismax-fpr:alpha=-1":  "a finite number that is not negative",
		"dismax-fpr:alpha=NaN": "a finite number that is not negative",
		"dismax-fpr:alpha=inf": "a finite number that is not negative",
		"dismax-half":          "dismax-half:weight=1",
		"dismax-half:1":        "want dismax-half:weight= and a finite number",
	} {
		_, err := dismaxlib.LossByName(name)
		if !errors.Is(err, dismaxlib.ErrUnknown) || !strings.Contains(err.Error(), want) {
			t.Errorf("loss %q: got error %v, want ErrUnknown with %q", name, err, want)
		}
	}
}

func TestTheWeightOfFPRIsInItsName(t *testing.T) {
	for name, want := range map[string]struct {
		name, title string
		alpha       float64
	}{
		"dismax-fpr":            {"dismax-fpr", "DisMax + FPR", 1},
		"dismax-fpr:alpha=1":    {"dismax-fpr", "DisMax + FPR", 1},
		"dismax-fpr:alpha=0.50": {"dismax-fpr:alpha=0.5", "DisMax + FPR (alpha 0.5)", 0.5},
		"dismax-fpr:alpha=0":    {"dismax-fpr:alpha=0", "DisMax + FPR (alpha 0)", 0},
	} {
		loss := lossByName(t, name)
		if loss.Name != want.name || loss.Title != want.title || loss.Parameters["alpha"] != want.alpha {
			t.Errorf("%s: got %q, %q, %v, want %v", name, loss.Name, loss.Title, loss.Parameters, want)
		}
	}
	p := randomProblem(1, 6, 5, 4)
	half := p.run(t, lossByName(t, "dismax-fpr:alpha=0.5"), dtypes.Float64, true)
	if want := fprByHand(half.logits, p.labels, 0.5); math.Abs(half.loss-want) > 1e-12 {
		t.Errorf("loss at alpha 0.5: got %.15g, want %.15g", half.loss, want)
	}
}

// logSoftmax of a row, in plain Go.
func logSoftmax(row []float64, scale float64) []float64 {
	largest, sum := slices.Max(row), 0.0
	for _, value := range row {
		sum += math.Exp(scale * (value - largest))
	}
	result := make([]float64, len(row))
	for i, value := range row {
		result[i] = scale*(value-largest) - math.Log(sum)
	}
	return result
}

// fprByHand is the loss with FPR as its documentation defines it.
func fprByHand(logits [][]float64, labels []int32, alpha float64) float64 {
	plain := len(logits) / 2
	mixed := len(logits) - plain
	ce, kl := 0.0, 0.0
	for i := range plain {
		ce -= logSoftmax(logits[i], dismaxlib.EntropicScale)[labels[i]] / float64(plain)
	}
	for i := range mixed {
		target := make([]float64, len(logits[0]))
		for back := range 4 {
			target[labels[plain+(i+3*mixed-back)%mixed]] += 0.25
		}
		for class, logP := range logSoftmax(logits[plain+i], dismaxlib.EntropicScale) {
			if target[class] > 0 {
				kl += target[class] * (math.Log(target[class]) - logP) / float64(mixed)
			}
		}
	}
	return (ce + alpha*kl) / 2
}

func TestFPRLossOfAnyBatchSize(t *testing.T) {
	for batch := 2; batch <= 9; batch++ {
		for _, alpha := range []float64{0, 0.4, 1, 3} {
			p := randomProblem(uint64(batch), batch, 6, 4)
			got := p.run(t, dismaxlib.DisMaxFPR(alpha), dtypes.Float64, true)
			want := fprByHand(got.logits, p.labels, alpha)
			if math.Abs(got.loss-want) > 1e-12 {
				t.Errorf("batch %d, alpha %g: got loss %.15g, want %.15g", batch, alpha, got.loss, want)
			}
		}
	}
}

func TestFPRLossOfABatchOfOneIsThePlainLoss(t *testing.T) {
	p := randomProblem(1, 1, 6, 4)
	got := p.run(t, dismaxlib.DisMaxFPR(0.3), dtypes.Float64, true).loss
	if want := p.run(t, lossByName(t, "dismax"), dtypes.Float64, true).loss; got != want {
		t.Errorf("loss: got %.15g, want %.15g", got, want)
	}
}

// The first half of the batch is all that counts: its loss is that of a batch of its own, times the weight.
func TestHalfLossIsThatOfTheFirstHalf(t *testing.T) {
	for batch := 2; batch <= 5; batch++ {
		for _, weight := range []float64{0, 0.5, 1} {
			p := randomProblem(uint64(batch), batch, 6, 4)
			loss := lossByName(t, fmt.Sprintf("dismax-half:weight=%g", weight))
			got := p.run(t, loss, dtypes.Float64, true)
			want := 0.0
			for i := range batch / 2 {
				want -= weight * logSoftmax(got.logits[i], dismaxlib.EntropicScale)[p.labels[i]] / float64(batch/2)
			}
			if math.Abs(got.loss-want) > 1e-12 || loss.Parameters["weight"] != weight || loss.MixesQuadrants {
				t.Errorf("batch %d, weight %g: got loss %.15g, want %.15g; parameters %v, mixes %t",
					batch, weight, got.loss, want, loss.Parameters, loss.MixesQuadrants)
			}
		}
	}
	p := randomProblem(1, 1, 6, 4)
	got, want := p.run(t, dismaxlib.DisMaxHalf(0.5), dtypes.Float64, true).loss, p.run(t, lossByName(t, "dismax"), dtypes.Float64, true).loss
	if got != want {
		t.Errorf("batch of one: got %.15g, want the plain loss %.15g", got, want)
	}
}

func TestEntropicScaleIsUsedInTrainingOnly(t *testing.T) {
	p := randomProblem(2, 7, 6, 4)
	for _, loss := range allLosses(t) {
		for _, training := range []bool{true, false} {
			result := p.run(t, loss, dtypes.Float64, training)
			scale := 1.0
			if training && !slices.Contains([]string{"softmax", "scaled-cosine", "godin"}, loss.Name) {
				scale = 10
			}
			want := 0.0
			for i, logits := range result.logits {
				want -= logSoftmax(logits, scale)[p.labels[i]] / float64(len(p.labels))
			}
			if training && loss.MixesQuadrants {
				want = fprByHand(result.logits, p.labels, 1)
			}
			if math.Abs(result.loss-want) > 1e-12 {
				t.Errorf("%s, training %t: got loss %.15g, want %.15g", loss.Name, training, result.loss, want)
			}
		}
	}
}

func TestALabelThatIsNoClassMakesTheLossNaN(t *testing.T) {
	for _, loss := range allLosses(t) {
		for _, label := range []int32{-1, 4} {
			p := randomProblem(3, 6, 5, 4)
			p.labels[4] = label
			for _, training := range []bool{true, false} {
				if got := p.run(t, loss, dtypes.Float64, training).loss; !math.IsNaN(got) {
					t.Errorf("%s, label %d, training %t: got loss %g, want NaN", loss.Name, label, training, got)
				}
			}
		}
	}
}

// lossOf computes a loss in a training graph.
func lossOf(t *testing.T, function train.LossFn, labels, logits any) (float64, error) {
	t.Helper()
	output, err := model.CallOnce(testkit.Backend(t), model.NewStore(),
		func(scope *model.Scope, inputs []*Node) *Node {
			scope.SetTraining(inputs[0].Graph(), true)
			return function(inputs[:1], inputs[1:])
		}, labels, logits)
	if err != nil {
		return 0, err
	}
	return numbers(output)[0], nil
}

func TestLossesTakeLabelsOfAnyIntegers(t *testing.T) {
	logits := [][]float64{{1, 2, 3}, {3, 1, 0}}
	want := -(logSoftmax(logits[0], 1)[2] + logSoftmax(logits[1], 1)[0]) / 2
	for _, labels := range []any{[][]int32{{2}, {0}}, []int64{2, 0}, []uint8{2, 0}, [][]int8{{2}, {0}}} {
		got, err := lossOf(t, dismaxlib.SoftMaxLoss, labels, logits)
		if err != nil || math.Abs(got-want) > 1e-12 {
			t.Errorf("labels %T: got loss %g, error %v, want %g", labels, got, err, want)
		}
	}
}

func TestLossesOfHugeLogitsAreFinite(t *testing.T) {
	logits := [][]float64{{1e4, -1e4, 0}, {-1e4, -1e4, -1e4}, {0, 1e4, 1e4}}
	labels := []int32{1, 0, 0}
	for _, function := range []train.LossFn{dismaxlib.SoftMaxLoss, dismaxlib.EntropicLoss} {
		if got, err := lossOf(t, function, labels, logits); err != nil || !isFinite(got) {
			t.Errorf("got loss %g, error %v, want a finite loss", got, err)
		}
	}
}

func TestLossesRefuseWhatTheyCannotUse(t *testing.T) {
	logits := [][]float64{{1, 2}, {3, 4}}
	for name, test := range map[string]struct {
		labels, logits any
		want           string
	}{
		"float labels":     {[]float32{0, 1}, logits, "integers"},
		"too few labels":   {[]int32{0}, logits, "one for each row"},
		"one-hot labels":   {[][]int32{{0, 1}, {1, 0}}, logits, "integers shaped [2, 1]"},
		"logits of rank 1": {[]int32{0, 1}, []float64{1, 2}, "shaped [batch, classes]"},
		"integer logits":   {[]int32{0, 1}, [][]int32{{1, 2}, {3, 4}}, "logits of floats"},
	} {
		for _, function := range []train.LossFn{dismaxlib.SoftMaxLoss, dismaxlib.EntropicLoss, dismaxlib.FPRLoss(1)} {
			if _, err := lossOf(t, function, test.labels, test.logits); err == nil ||
				!strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: got error %v, want one with %q", name, err, test.want)
			}
		}
	}
	two := func(labels, predictions []*Node) *Node {
		return dismaxlib.SoftMaxLoss([]*Node{labels[0], labels[0]}, predictions)
	}
	if _, err := lossOf(t, two, []int32{0, 1}, logits); err == nil || !strings.Contains(err.Error(), "one labels") {
		t.Errorf("two label tensors: got error %v, want one about one labels tensor", err)
	}
}

func TestFPRLossRefusesImagesThatWereNotMixed(t *testing.T) {
	_, err := lossOf(t, dismaxlib.FPRLoss(1), []int32{0, 1}, [][]float64{{1, 2}, {3, 4}})
	if err == nil || !strings.Contains(err.Error(), "loss.Images") {
		t.Errorf("got error %v, want one that names loss.Images", err)
	}
}

func TestFPRLossRefusesAlphaThatIsNoWeight(t *testing.T) {
	for _, alpha := range []float64{-1, math.NaN(), math.Inf(1)} {
		message := testkit.PanicOf(func() { dismaxlib.FPRLoss(alpha) })
		if !strings.Contains(message, "finite alpha") {
			t.Errorf("alpha %g: got panic %q, want one about a finite alpha", alpha, message)
		}
	}
}

func TestHeadsStartLikeThePublishedCode(t *testing.T) {
	const features, classes = 400, 50
	for _, loss := range allLosses(t) {
		t.Run(loss.Name, func(t *testing.T) {
			store := model.NewStore()
			_, err := model.CallOnce(testkit.Backend(t), store, func(scope *model.Scope, g *Graph) *Node {
				return loss.Head(scope, Zeros(g, shapes.Make(dtypes.Float32, 2, features)), classes)
			})
			if err != nil {
				t.Fatal(err)
			}
			values := func(name string) []float64 {
				variable := store.GetVariable(model.JoinPath("/", dismaxlib.HeadScope, name))
				if variable == nil {
					t.Fatalf("the head has no variable %q", name)
				}
				if trainable := name != "temperature"; variable.Trainable != trainable {
					t.Errorf("%s: trainable: got %t, want %t", name, variable.Trainable, trainable)
				}
				return numbers(variable.MustValue())
			}
			if got := values("temperature"); len(got) != 1 || got[0] != 1 {
				t.Errorf("temperature: got %v, want 1", got)
			}
			switch loss.Name {
			case "softmax":
				bound := 1 / math.Sqrt(features)
				checkSpread(t, "weights", values("weights"), bound/math.Sqrt(3), bound)
				checkSpread(t, "bias", values("bias"), 0, 0)
			case "isomax":
				checkSpread(t, "prototypes", values("prototypes"), 0, 0)
			case "scaled-cosine", "godin":
				std, bound := math.Sqrt(2./features), 1/math.Sqrt(features)
				checkSpread(t, "prototypes", values("prototypes"), std, 6*std)
				own := map[string]string{"scaled-cosine": "scale/", "godin": "divisor/"}[loss.Name]
				checkSpread(t, own+"weights", ofManySeeds(t, loss, features, own+"weights"), bound/math.Sqrt(3), bound)
				for name, want := range map[string]float64{"scale": 1, "offset": 0} {
					if got := values(own + "normalization/" + name); len(got) != 1 || got[0] != want {
						t.Errorf("%s of the normalization: got %v, want %g", name, got, want)
					}
				}
			default:
				checkSpread(t, "prototypes", values("prototypes"), 1, 6)
				if got := values("distance_scale"); len(got) != 1 || got[0] != 1 {
					t.Errorf("distance scale: got %v, want 1", got)
				}
			}
		})
	}
}

// ofManySeeds are the initial values of a small variable of the head with twenty seeds.
func ofManySeeds(t *testing.T, loss *dismaxlib.Loss, features int, name string) []float64 {
	t.Helper()
	var all []float64
	for seed := range int64(20) {
		store := model.NewStore()
		if err := store.SetRNGStateFromSeed(seed); err != nil {
			t.Fatal(err)
		}
		_, err := model.CallOnce(testkit.Backend(t), store, func(scope *model.Scope, g *Graph) *Node {
			return loss.Head(scope, Zeros(g, shapes.Make(dtypes.Float32, 2, features)), 3)
		})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, numbers(store.GetVariable(model.JoinPath("/", dismaxlib.HeadScope, name)).MustValue())...)
	}
	return all
}

// checkSpread checks that values have mean 0, the given deviation up to sampling, and stay within a bound.
func checkSpread(t *testing.T, what string, values []float64, deviation, bound float64) {
	t.Helper()
	sum, squares := 0.0, 0.0
	for _, value := range values {
		sum += value
		squares += value * value
		if math.Abs(value) > bound {
			t.Errorf("%s: got %g, want at most %g", what, value, bound)
		}
	}
	n := float64(len(values))
	if got := math.Sqrt(squares / n); math.Abs(got-deviation) > 0.03*deviation {
		t.Errorf("%s: got deviation %g, want %g", what, got, deviation)
	}
	if got := sum / n; math.Abs(got) > 5*deviation/math.Sqrt(n) {
		t.Errorf("%s: got mean %g, want 0", what, got)
	}
}

func TestHeadOptionsSetInitialValues(t *testing.T) {
	store := model.NewStore()
	twos := func(g *Graph, shape shapes.Shape) *Node { return MulScalar(Ones(g, shape), 2) }
	output, err := model.CallOnce(testkit.Backend(t), store, func(scope *model.Scope, g *Graph) *Node {
		return dismaxlib.IsoMax(scope, Ones(g, shapes.Make(dtypes.Float64, 1, 4)), 3).
			Initializer(twos).Temperature(0.5).Done()
	})
	if err != nil {
		t.Fatal(err)
	}
	testkit.CheckClose(t, "logits", numbers(output), []float64{-4, -4, -4}, 1e-12)
	if got, err := dismaxlib.Temperature(store); err != nil || got != 0.5 {
		t.Errorf("temperature: got %g, error %v, want 0.5", got, err)
	}
}

func TestHeadsRefuseWhatTheyCannotUse(t *testing.T) {
	for name, test := range map[string]struct {
		features any
		classes  int
		want     string
	}{
		"images":      {[][][]float32{{{1}}}, 2, "pool or flatten"},
		"integers":    {[][]int32{{1}}, 2, "features of floats"},
		"no features": {tensors.FromShape(shapes.Make(dtypes.Float32, 2, 0)), 2, "at least one feature"},
		"no classes":  {[][]float32{{1}}, 0, "at least one class"},
	} {
		for _, loss := range allLosses(t) {
			_, err := model.CallOnce(testkit.Backend(t), model.NewStore(),
				func(scope *model.Scope, features *Node) *Node {
					return loss.Head(scope, features, test.classes)
				}, test.features)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s, %s: got error %v, want one with %q", name, loss.Name, err, test.want)
			}
		}
	}
}

func TestHeadsComputeHalfPrecisionInFloat32(t *testing.T) {
	features := [][]bfloat16.BFloat16{{bfloat16.FromFloat32(1), bfloat16.FromFloat32(-2)}}
	for _, loss := range allLosses(t) {
		output, err := model.CallOnce(testkit.Backend(t), model.NewStore(),
			func(scope *model.Scope, features *Node) *Node { return loss.Head(scope, features, 3) }, features)
		if err != nil {
			t.Fatal(err)
		}
		if got := output.DType(); got != dtypes.Float32 {
			t.Errorf("%s: got logits of %s, want Float32", loss.Name, got)
		}
	}
}

func TestHalfLossRefusesAWeightThatIsNone(t *testing.T) {
	for _, weight := range []float64{-1, math.NaN(), math.Inf(1)} {
		if message := testkit.PanicOf(func() { dismaxlib.HalfLoss(weight) }); !strings.Contains(message, "HalfLoss takes a finite weight") {
			t.Errorf("weight %g: got panic %q, want one that says which weights there are", weight, message)
		}
	}
}
