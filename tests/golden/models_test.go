package golden

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/dismax-go/dismax/tests/testkit"
	"github.com/gomlx/compute/dtypes"
)

const (
	// modelTolerance is relative to the largest entry; the golden values are float32.
	modelTolerance = 1e-3
	// float64Tolerance is that of values computed in float64 on both sides.
	float64Tolerance = 1e-6
	// roundingMargin is how many times as far apart as our own float32 passes the file's may lie, beyond modelTolerance.
	// For 32 phases, PyTorch's lay 1.7 times as far at most.
	roundingMargin = 3
)

// modelsFile is models.json, whose note describes networks, weights and images.
type modelsFile struct {
	Phase float64
	Cases []*modelCase
}

// modelCase is a model with a head.
type modelCase struct {
	Model               string
	Classes             int
	Input               [4]int      // batch, channels, height, width
	TrainableParameters int         `json:"trainable_parameters"`
	BackboneParameters  int         `json:"backbone_parameters"`
	FeatureDim          int         `json:"feature_dim"`
	EvalFeaturesFirst8  []float64   `json:"eval_features_first8"`
	EvalFeaturesL2      []float64   `json:"eval_features_l2"`
	EvalLogitsFirst10   [][]float64 `json:"eval_logits_first10"`
	TrainFeaturesL2     []float64   `json:"train_features_l2"`
	TrainLogitsFirst10  [][]float64 `json:"train_logits_first10"`
	StateOrder          [][2]any    `json:"state_order"` // pairs of a name and its dimensions; in a model's first case
}

// float64Values is an entry of models_float64.json, which models_float64.py makes: one model in training mode.
type float64Values struct {
	Model              string
	Phase              float64
	TrainFeatures      []float64           `json:"train_features_first8"`
	TrainFeaturesL2    []float64           `json:"train_features_l2"`
	TrainLogitsFirst10 map[int][][]float64 `json:"train_logits_first10"` // for each number of classes
	RunningMeanL2      []float64           `json:"running_mean_l2"`      // of each batch normalization, after one pass
	RunningVarL2       []float64           `json:"running_var_l2"`
}

// TestGoldenModels has a subtest for each model, and in it one for each number of classes and one for float64.
//
// Evaluation is compared as it is. In training mode, batch normalization brings to unit size what convolutions with
// these smooth weights have nearly cancelled, and each layer of some networks multiplies the rounding of the one
// before: a relative change of 1e-10 in the images moves the features of ResNet-34 by 2e-4, those of WideResNet-28-10
// by 3e-9. PyTorch's own float32 moves the file's values for ResNet-34 by 5% with other convolution kernels. So the
// training mode is compared strictly in float64, and with the file within 1e-3 or what float32 rounding explains.
func TestGoldenModels(t *testing.T) {
	var file modelsFile
	testkit.Golden(t, "models.json", &file)
	if len(file.Cases) == 0 {
		t.Fatal("models.json holds no cases")
	}
	casesOf, names := map[string][]*modelCase{}, []string{}
	for _, c := range file.Cases {
		if casesOf[c.Model] == nil {
			names = append(names, c.Model)
		}
		casesOf[c.Model] = append(casesOf[c.Model], c)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) { checkModel(t, casesOf[name], file.Phase) })
	}
}

// checkModel compares the cases of one model.
func checkModel(t *testing.T, cases []*modelCase, phase float64) {
	network := newGoldenNetwork(t, cases[0], phase, dtypes.Float32)
	evaluation := network.features(t, false)
	training := float32Passes{network.features(t, true)}
	t.Run("float64", func(t *testing.T) { checkFloat64(t, cases, phase) })

	for _, c := range cases {
		t.Run(strconv.Itoa(c.Classes), func(t *testing.T) {
			head := newGoldenHead(t, c, phase, dtypes.Float32)
			checkSizes(t, network, head, c)
			checkRows(t, "evaluation features", evaluation, [][]float64{c.EvalFeaturesFirst8}, modelTolerance)
			testkit.CheckClose(t, "norms of evaluation features", rowNorms(evaluation), c.EvalFeaturesL2, modelTolerance)
			checkRows(t, "evaluation logits", head.logits(t, evaluation), c.EvalLogitsFirst10, modelTolerance)

			training.check(t, network, "norms of training features", rowNorms, c.TrainFeaturesL2)
			for image, want := range c.TrainLogitsFirst10 {
				logits := func(features [][]float64) []float64 { return head.logits(t, features)[image][:len(want)] }
				training.check(t, network, fmt.Sprintf("training logits of image %d", image), logits, want)
			}
		})
	}
}

func checkSizes(t *testing.T, network *goldenNetwork, head *goldenHead, c *modelCase) {
	t.Helper()
	if got := network.architecture.Features; got != c.FeatureDim {
		t.Errorf("%d features are declared, want %d", got, c.FeatureDim)
	}
	backbone := trainableParameters(network.store)
	if backbone != c.BackboneParameters {
		t.Errorf("%d backbone parameters, want %d", backbone, c.BackboneParameters)
	}
	if got := backbone + trainableParameters(head.store); got != c.TrainableParameters {
		t.Errorf("%d trainable parameters, want %d", got, c.TrainableParameters)
	}
}

// checkFloat64 compares features in training mode, their logits, and the running statistics after that one pass.
func checkFloat64(t *testing.T, cases []*modelCase, phase float64) {
	want := findFloat64Values(t, cases[0].Model, phase)
	if want == nil {
		t.Skipf("models_float64.json has no values for the phase %g: tests/golden/models_float64.py makes them", phase)
	}
	network := newGoldenNetwork(t, cases[0], phase, dtypes.Float64)
	features := network.features(t, true)
	checkRows(t, "training features", features, [][]float64{want.TrainFeatures}, float64Tolerance)
	testkit.CheckClose(t, "norms of training features", rowNorms(features), want.TrainFeaturesL2, float64Tolerance)
	for _, c := range cases {
		what, want := fmt.Sprintf("training logits of %d classes", c.Classes), want.TrainLogitsFirst10[c.Classes]
		if want == nil {
			t.Logf("%s: models_float64.json has none", what)
		}
		checkRows(t, what, newGoldenHead(t, c, phase, dtypes.Float64).logits(t, features), want, float64Tolerance)
	}
	for statistic, want := range map[string][]float64{"mean": want.RunningMeanL2, "variance": want.RunningVarL2} {
		testkit.CheckClose(t, "norms of running "+statistic, network.runningNorms(t, statistic), want, float64Tolerance)
	}
}

// findFloat64Values returns nil if there are none for the phase.
func findFloat64Values(t *testing.T, name string, phase float64) *float64Values {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "testdata", "golden", "models_float64.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Models []*float64Values }
	if err := json.Unmarshal(content, &file); err != nil {
		t.Fatal(err)
	}
	for _, values := range file.Models {
		if values.Model == name && values.Phase == phase {
			return values
		}
	}
	return nil
}

// float32Passes are features of a network in training mode: of the images as they are, then, where they are needed, of
// the same images moved by last bits.
type float32Passes [][][]float64

// check compares a quantity of the features with the file's, which is that of one more float32 pass: it must come
// within the tolerance, or as near as our own passes are to each other.
func (p *float32Passes) check(
	t *testing.T, network *goldenNetwork, what string, quantity func(features [][]float64) []float64, want []float64,
) {
	t.Helper()
	got := quantity((*p)[0])
	difference := relativeDifference(got, want)
	if difference <= modelTolerance {
		t.Logf("%s: off by %.1e", what, difference)
		return
	}
	if len(*p) == 1 {
		*p = append(*p, network.movedFeatures(t)...)
	}
	var passes [][]float64
	rounding := 0.0
	for _, features := range *p {
		pass := quantity(features)
		for _, other := range passes {
			rounding = max(rounding, relativeDifference(pass, other))
		}
		passes = append(passes, pass)
	}
	tolerance := modelTolerance + roundingMargin*rounding
	t.Logf("%s: off by %.1e; images with other last bits are up to %.1e apart; allowed %.1e",
		what, difference, rounding, tolerance)
	testkit.CheckClose(t, what, got, want, tolerance)
}

// checkRows compares the beginnings of the first rows.
func checkRows(t *testing.T, what string, got, want [][]float64, tolerance float64) {
	t.Helper()
	for row, values := range want {
		testkit.CheckClose(t, fmt.Sprintf("%s of image %d", what, row), got[row][:len(values)], values, tolerance)
	}
}

func rowNorms(rows [][]float64) []float64 {
	var norms []float64
	for _, row := range rows {
		norms = append(norms, norm(row))
	}
	return norms
}

func norm(values []float64) float64 {
	sum := 0.0
	for _, value := range values {
		sum += value * value
	}
	return math.Sqrt(sum)
}

// relativeDifference is the largest difference over the largest entry of want.
func relativeDifference(got, want []float64) float64 {
	difference, largest := 0.0, 0.0
	for i := range want {
		difference = max(difference, math.Abs(got[i]-want[i]))
		largest = max(largest, math.Abs(want[i]))
	}
	return difference / largest
}
