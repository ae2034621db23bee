package golden

import (
	"testing"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/tests/testkit"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// dividedCase is one entry of divided_heads.json.
type dividedCase struct {
	Kind            string
	Batch           int
	FeaturesDim     int `json:"features_dim"`
	Classes         int
	Targets         []int32
	Values          map[string][]float64
	TrainLogits     []float64 `json:"train_logits"`
	TrainLoss       float64   `json:"train_loss"`
	Gradients       map[string][]float64
	RunningMean     []float64 `json:"running_mean"`
	RunningVariance []float64 `json:"running_variance"`
	EvalLogits      []float64 `json:"eval_logits"`
	MaxSimilarity   []float64 `json:"max_similarity"`
}

func TestGoldenScaledCosineAndGODIN(t *testing.T) {
	var file struct{ Cases []dividedCase }
	testkit.Golden(t, "divided_heads.json", &file)
	if len(file.Cases) == 0 {
		t.Fatal("divided_heads.json holds no cases")
	}
	for _, c := range file.Cases {
		for _, precision := range precisions {
			t.Run(c.Kind+"_"+precision.dtype.String(), func(t *testing.T) { c.check(t, precision.dtype, precision.tolerance) })
		}
	}
}

// paths of the variables in the head's scope, by their names in the file.
func (c *dividedCase) paths() map[string]string {
	own := "divisor/"
	if c.Kind == "scaled-cosine" {
		own = "scale/"
	}
	paths := map[string]string{
		"prototypes": "prototypes", "weights": own + "weights", "bias": own + "bias",
		"scale": own + "normalization/scale", "offset": own + "normalization/offset",
	}
	if c.Kind == "godin:inner" {
		paths["prototype_bias"] = "prototype_bias"
	}
	return paths
}

// store holds the head's variables as the case gives them.
func (c *dividedCase) store(t *testing.T, dtype dtypes.DType) *model.Store {
	t.Helper()
	store := model.NewStore()
	shapes := map[string][]int{"prototypes": {c.Classes, c.FeaturesDim}, "prototype_bias": {c.Classes}, "weights": {1, c.FeaturesDim}}
	for name, path := range c.paths() {
		shape := shapes[name]
		if shape == nil {
			shape = []int{1}
		}
		value := tensorOf(c.Values[name], dtype, shape...)
		if _, err := store.CreateVariable(model.JoinPath("/", dismaxlib.HeadScope, path), value); err != nil {
			t.Fatal(err)
		}
	}
	return store
}

// check compares a training step, an evaluation after it, and the score.
func (c *dividedCase) check(t *testing.T, dtype dtypes.DType, tolerance float64) {
	loss, err := dismaxlib.LossByName(c.Kind)
	if err != nil {
		t.Fatal(err)
	}
	store, backend, paths := c.store(t, dtype), testkit.Backend(t), c.paths()
	variable := func(path string) *model.Variable {
		return store.GetVariable(model.JoinPath("/", dismaxlib.HeadScope, path))
	}
	features := tensorOf(c.Values["features"], dtype, c.Batch, c.FeaturesDim)
	var names []string
	run := func(training bool) []*tensors.Tensor {
		outputs, err := model.CallOnceN(backend, store, func(scope *model.Scope, inputs []*Node) []*Node {
			scope.SetTraining(inputs[0].Graph(), training)
			logits := loss.Head(scope, inputs[0], c.Classes)
			value := loss.Function([]*Node{inputs[1]}, []*Node{logits})
			if !training {
				return []*Node{logits, value}
			}
			names = []string{"features"}
			wrt := []*Node{inputs[0]}
			for name, path := range paths {
				names, wrt = append(names, name), append(wrt, variable(path).NodeValue(inputs[0].Graph()))
			}
			return append([]*Node{logits, value}, Gradient(value, wrt...)...)
		}, features, tensors.FromFlatDataAndDimensions(c.Targets, c.Batch, 1))
		if err != nil {
			t.Fatal(err)
		}
		return outputs
	}
	train := run(true)
	testkit.CheckClose(t, "train_logits", valuesOf(t, train[0]), c.TrainLogits, tolerance)
	testkit.CheckClose(t, "train_loss", valuesOf(t, train[1]), []float64{c.TrainLoss}, tolerance)
	for i, name := range names {
		want, got := c.Gradients[name], valuesOf(t, train[2+i])
		if name == "bias" { // a normalization takes it away: both are zero but for rounding
			want, got = append([]float64{1}, want...), append([]float64{1}, got...)
		}
		testkit.CheckClose(t, "gradient of "+name, got, want, tolerance)
	}
	normalization := paths["scale"][:len(paths["scale"])-len("scale")]
	testkit.CheckClose(t, "running mean", valuesOf(t, variable(normalization+"mean").MustValue()), c.RunningMean, tolerance)
	testkit.CheckClose(t, "running variance", valuesOf(t, variable(normalization+"variance").MustValue()), c.RunningVariance, tolerance)
	evaluation := run(false)
	testkit.CheckClose(t, "eval_logits", valuesOf(t, evaluation[0]), c.EvalLogits, tolerance)
	c.checkScore(t, loss, store, dismaxlib.Outputs{Logits: evaluation[0], Features: features}, tolerance)
}

// checkScore compares the score, which goes back into the head.
func (c *dividedCase) checkScore(t *testing.T, loss *dismaxlib.Loss, store *model.Store, outputs dismaxlib.Outputs, tolerance float64) {
	t.Helper()
	network := &dismaxlib.Network{Store: store, Similarities: func(scope *model.Scope, features *Node) *Node {
		return loss.Similarities(scope, features, c.Classes)
	}}
	scorer, err := dismaxlib.NewScorer(testkit.Backend(t), []*dismaxlib.Score{dismaxlib.MaxSimilarity}, nil, network)
	if err != nil {
		t.Fatal(err)
	}
	defer scorer.Finalize()
	scores, err := scorer.Compute(outputs)
	if err != nil {
		t.Fatal(err)
	}
	testkit.CheckClose(t, "max_similarity", scores[0], c.MaxSimilarity, tolerance)
}
