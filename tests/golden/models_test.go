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
	// roundingMargin is how many times the rounding that was seen in a few float32 passes (see rounding) another
	// float32 pass, the file's, may be off. Over 12 phases PyTorch's was off by 1.3 times that at most.
	roundingMargin = 3
	// largestRounding is what no float32 pass of these networks may be off by, or it is wrong. The largest seen: 0.13.
	largestRounding = 0.5
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
// by 3e-9. PyTorch's own float32 moves by a tenth with another number of threads. So the training mode is compared
// strictly in float64, and with the file's float32 values within 1e-3 or what float32 rounding explains.
func TestGoldenModels(t *testing.T) {
	var file modelsFile
	testkit.Golden(t, "models.json", &file)
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
	exact := newGoldenNetwork(t, cases[0], phase, dtypes.Float64)
	training := &trainingPasses{exact: exact.features(t, true), float32: [][][]float64{network.features(t, true)}}
	t.Run("float64", func(t *testing.T) { checkFloat64(t, exact, training.exact, cases) })

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
func checkFloat64(t *testing.T, network *goldenNetwork, features [][]float64, cases []*modelCase) {
	want := findFloat64Values(t, network.Model, network.phase)
	if want == nil {
		t.Skipf("models_float64.json has no values for the phase %g: tests/golden/models_float64.py makes them",
			network.phase)
	}
	checkRows(t, "training features", features, [][]float64{want.TrainFeatures}, float64Tolerance)
	testkit.CheckClose(t, "norms of training features", rowNorms(features), want.TrainFeaturesL2, float64Tolerance)
	for _, c := range cases {
		logits := newGoldenHead(t, c, network.phase, dtypes.Float64).logits(t, features)
		checkRows(t, fmt.Sprintf("training logits of %d classes", c.Classes), logits, want.TrainLogitsFirst10[c.Classes],
			float64Tolerance)
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

// trainingPasses are features of a network in training mode.
type trainingPasses struct {
	exact   [][]float64   // in float64
	float32 [][][]float64 // in float32: of the images as they are, then, where needed, of images moved by last bits
}

// check compares a quantity of the features with the file's. Where the float32 pass does not come within the tolerance,
// the float64 pass must, or within what rounding explains.
func (p *trainingPasses) check(
	t *testing.T, network *goldenNetwork, what string, quantity func(features [][]float64) []float64, want []float64,
) {
	t.Helper()
	if difference := relativeDifference(quantity(p.float32[0]), want); difference <= modelTolerance {
		t.Logf("%s: float32 differs by %.1e", what, difference)
		return
	}
	if len(p.float32) == 1 {
		p.float32 = append(p.float32, network.movedFeatures(t)...)
	}
	exact, rounding := quantity(p.exact), 0.0
	for _, features := range p.float32 {
		rounding = max(rounding, relativeDifference(quantity(features), exact))
	}
	tolerance := max(modelTolerance, roundingMargin*rounding)
	t.Logf("%s: float32 differs by %.1e, float64 by %.1e; rounding makes float32 and float64 differ by up to %.1e, "+
		"tolerance %.1e", what, relativeDifference(quantity(p.float32[0]), want), relativeDifference(exact, want),
		rounding, tolerance)
	if !(rounding < largestRounding) {
		t.Errorf("%s: float32 and float64 differ by %.1e: more than rounding does", what, rounding)
	}
	testkit.CheckClose(t, what, exact, want, tolerance)
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
