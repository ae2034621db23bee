package golden

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/tests/testkit"
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"gonum.org/v1/gonum/stat"
)

// lossCase is one entry of losses.json. Gradients are null or absent where a head has no such parameter.
type lossCase struct {
	Kind              string
	Batch             int
	FeaturesDim       int `json:"features_dim"`
	Classes           int
	DistanceScale     float64 `json:"distance_scale"`
	Temperature       float64
	Features          []float64
	Prototypes        []float64
	Bias              []float64
	Targets           []int32
	Logits            []float64
	TrainLoss         float64   `json:"train_loss"`
	EvalLoss          *float64  `json:"eval_loss"`
	GradFeatures      []float64 `json:"grad_features"`
	GradPrototypes    []float64 `json:"grad_prototypes"`
	GradBias          []float64 `json:"grad_bias"`
	GradDistanceScale *float64  `json:"grad_distance_scale"`
	InterLogitsMean   *float64  `json:"inter_logits_mean"`
	IntraLogitsMean   *float64  `json:"intra_logits_mean"`
	InterLogitsStd    *float64  `json:"inter_logits_std"`
	IntraLogitsStd    *float64  `json:"intra_logits_std"`
}

// lossOfKind maps the kinds of the golden files ("isomax", "dismax_fpr_0.25", …) to losses.
func lossOfKind(t testing.TB, kind string) *dismaxlib.Loss {
	t.Helper()
	if alphaText, isFPR := strings.CutPrefix(kind, "dismax_fpr"); isFPR {
		alpha := 1.0
		if alphaText != "" {
			var err error
			if alpha, err = strconv.ParseFloat(strings.TrimPrefix(alphaText, "_"), 64); err != nil {
				t.Fatalf("kind %q: %v", kind, err)
			}
		}
		return dismaxlib.DisMaxFPR(alpha)
	}
	loss, err := dismaxlib.LossByName(kind)
	if err != nil {
		t.Fatal(err)
	}
	return loss
}

// precisions are the number types that every golden value is checked in, and how close it must come.
var precisions = []struct {
	dtype     dtypes.DType
	tolerance float64
}{{dtypes.Float64, 1e-9}, {dtypes.Float32, 2e-5}}

func TestGoldenLosses(t *testing.T) {
	var file struct{ Cases []lossCase }
	testkit.Golden(t, "losses.json", &file)
	if len(file.Cases) == 0 {
		t.Fatal("losses.json holds no cases")
	}
	backend := testkit.Backend(t)
	for i, c := range file.Cases {
		for _, precision := range precisions {
			name := fmt.Sprintf("%d_%s_%dx%dx%d_%s", i, c.Kind, c.Batch, c.FeaturesDim, c.Classes, precision.dtype)
			t.Run(name, func(t *testing.T) {
				checkLossCase(t, backend, &c, precision.dtype, precision.tolerance)
			})
		}
	}
}

func checkLossCase(t *testing.T, backend compute.Backend, c *lossCase, dtype dtypes.DType, tolerance float64) {
	loss := lossOfKind(t, c.Kind)
	store := headStore(t, c, dtype)
	train, names := runHead(t, backend, store, loss, c, dtype, true)
	testkit.CheckClose(t, "logits", train["logits"], c.Logits, tolerance)
	testkit.CheckClose(t, "train_loss", train["loss"], []float64{c.TrainLoss}, tolerance)
	testkit.CheckClose(t, "grad_features", train["grad_features"], c.GradFeatures, tolerance)
	wants := map[string][]float64{"prototypes": c.GradPrototypes, "weights": c.GradPrototypes, "bias": c.GradBias}
	if c.GradDistanceScale != nil {
		wants["distance_scale"] = []float64{*c.GradDistanceScale}
	}
	for _, name := range names {
		testkit.CheckClose(t, "grad_"+name, train["grad_"+name], wants[name], tolerance)
	}

	eval, _ := runHead(t, backend, store, loss, c, dtype, false)
	testkit.CheckClose(t, "logits of evaluation", eval["logits"], c.Logits, tolerance)
	if c.EvalLoss != nil {
		testkit.CheckClose(t, "eval_loss", eval["loss"], []float64{*c.EvalLoss}, tolerance)
	}
	checkLogitStatistics(t, c, eval["logits"], tolerance)
}

// checkLogitStatistics compares mean and (population) deviation of the logits of the own class and of the others.
func checkLogitStatistics(t *testing.T, c *lossCase, logits []float64, tolerance float64) {
	if c.IntraLogitsMean == nil {
		return
	}
	var intra, inter []float64
	for i, logit := range logits {
		if int32(i%c.Classes) == c.Targets[i/c.Classes] {
			intra = append(intra, logit)
		} else {
			inter = append(inter, logit)
		}
	}
	largest := 0.0
	for _, logit := range c.Logits {
		largest = max(largest, math.Abs(logit))
	}
	for _, group := range []struct {
		name      string
		logits    []float64
		mean, std *float64
	}{{"intra", intra, c.IntraLogitsMean, c.IntraLogitsStd}, {"inter", inter, c.InterLogitsMean, c.InterLogitsStd}} {
		mean, std := stat.PopMeanStdDev(group.logits, nil)
		testkit.CheckClose(t, group.name+"_logits (mean, std, largest logit)",
			[]float64{mean, std, largest}, []float64{*group.mean, *group.std, largest}, tolerance)
	}
}

// headStore returns a store that holds the head's variables as the case gives them.
func headStore(t *testing.T, c *lossCase, dtype dtypes.DType) *model.Store {
	t.Helper()
	store := model.NewStore()
	set := func(name string, value *tensors.Tensor) {
		if _, err := store.CreateVariable(model.JoinPath("/", dismaxlib.HeadScope, name), value); err != nil {
			t.Fatal(err)
		}
	}
	prototypes := tensorOf(c.Prototypes, dtype, c.Classes, c.FeaturesDim)
	if c.Kind == "softmax" {
		set("weights", prototypes)
		set("bias", tensorOf(c.Bias, dtype, c.Classes))
	} else {
		set("prototypes", prototypes)
	}
	if c.Kind != "softmax" && c.Kind != "isomax" {
		set("distance_scale", tensorOf([]float64{c.DistanceScale}, dtype))
	}
	set("temperature", tensorOf([]float64{c.Temperature}, dtype))
	return store
}

// runHead runs head and loss in a training or an evaluation graph. It returns logits and loss and, when training,
// the gradients of the features and of each trainable variable, with the names of these variables.
func runHead(t *testing.T, backend compute.Backend, store *model.Store, loss *dismaxlib.Loss, c *lossCase,
	dtype dtypes.DType, training bool) (map[string][]float64, []string) {
	t.Helper()
	var variables []string
	graphFn := func(scope *model.Scope, inputs []*Node) []*Node {
		features, labels := inputs[0], inputs[1]
		scope.SetTraining(features.Graph(), training)
		loss.Images(scope, Zeros(features.Graph(), imagesShape(dtype, c.Batch)))
		logits := loss.Head(scope, features, c.Classes)
		value := loss.Function([]*Node{labels}, []*Node{logits})
		outputs := []*Node{logits, value}
		if !training {
			return outputs
		}
		wrt := []*Node{features}
		variables = nil
		for variable := range store.IterVariables() {
			if variable.Trainable {
				wrt = append(wrt, variable.NodeValue(features))
				variables = append(variables, variable.Name())
			}
		}
		return append(outputs, Gradient(value, wrt...)...)
	}
	features := tensorOf(c.Features, dtype, c.Batch, c.FeaturesDim)
	labels := tensors.FromFlatDataAndDimensions(c.Targets, c.Batch, 1)
	outputs, err := model.CallOnceN(backend, store, graphFn, features, labels)
	if err != nil {
		t.Fatal(err)
	}
	results := map[string][]float64{"logits": valuesOf(t, outputs[0]), "loss": valuesOf(t, outputs[1])}
	if training {
		results["grad_features"] = valuesOf(t, outputs[2])
		for i, name := range variables {
			results["grad_"+name] = valuesOf(t, outputs[3+i])
		}
	}
	return results, variables
}
