package golden

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/models"
	"github.com/dismax-go/dismax/tests/testkit"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// modelTolerance is relative to the largest entry; the golden values are float32.
const modelTolerance = 1e-3

// modelNames maps the golden files' names to ours.
var modelNames = map[string]string{
	"densenet_bc_100": "densenet-bc-100", "resnet34": "resnet34",
	"wide_resnet_28_10": "wideresnet-28-10", "resnet18_imagenet": "resnet18-imagenet",
}

// modelCase is one entry of models.json. Its values of the training mode are not compared: the float32 rounding of the
// two nearly equal images moves them by more than any useful tolerance, in PyTorch too.
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
	StateOrder          [][2]any    `json:"state_order"` // pairs of a name and its dimensions
}

func TestGoldenModels(t *testing.T) {
	var file struct {
		Phase float64
		Cases []modelCase
	}
	testkit.Golden(t, "models.json", &file)
	orders := map[string][][2]any{} // cases of the same model share the first one's
	for _, c := range file.Cases {
		if c.StateOrder != nil {
			orders[c.Model] = c.StateOrder
		}
		c.StateOrder = orders[c.Model]
		t.Run(fmt.Sprintf("%s/%d", c.Model, c.Classes), func(t *testing.T) { checkModel(t, c, file.Phase) })
	}
}

func checkModel(t *testing.T, c modelCase, phase float64) {
	architecture, err := models.ByName(modelNames[c.Model])
	if err != nil {
		t.Fatal(err)
	}
	if architecture.Features != c.FeatureDim {
		t.Errorf("%d features are declared, want %d", architecture.Features, c.FeatureDim)
	}
	store := model.NewStore()
	evaluate := func() (features, logits *tensors.Tensor) {
		exec, err := model.NewExec(testkit.Backend(t), store, func(scope *model.Scope, images *Node) (*Node, *Node) {
			features := architecture.Backbone(scope.In("backbone"), images)
			return features, dismaxlib.DisMax(scope, features, c.Classes).Done()
		})
		if err != nil {
			t.Fatal(err)
		}
		defer exec.Finalize()
		outputs, err := exec.Call(modelInput(c, phase))
		if err != nil {
			t.Fatal(err)
		}
		return outputs[0], outputs[1]
	}
	evaluate() // makes the variables
	fillModel(t, store, c, phase)

	features, logits := evaluate()
	checkRows(t, "evaluation features", features, [][]float64{c.EvalFeaturesFirst8})
	testkit.CheckClose(t, "norms of evaluation features", rowNorms(features), c.EvalFeaturesL2, modelTolerance)
	checkRows(t, "evaluation logits", logits, c.EvalLogitsFirst10)
}

// modelInput is cos(0.05 i + phase) over the flat NCHW index i, as NHWC.
func modelInput(c modelCase, phase float64) *tensors.Tensor {
	n, channels, height, width := c.Input[0], c.Input[1], c.Input[2], c.Input[3]
	values := make([]float32, n*channels*height*width)
	for i := range values {
		x, y, channel, image := i%width, i/width%height, i/width/height%channels, i/width/height/channels
		values[((image*height+y)*width+x)*channels+channel] = float32(math.Cos(0.05*float64(i) + phase))
	}
	return tensors.FromFlatDataAndDimensions(values, n, height, width, channels)
}

// fillModel gives the model the weights that the note of the file defines, and counts its parameters.
func fillModel(t *testing.T, store *model.Store, c modelCase, phase float64) {
	t.Helper()
	state, parameters := map[string]models.StateTensor{}, 0
	for k, pair := range c.StateOrder {
		name, dimensions := pair[0].(string), []int{}
		for _, dimension := range pair[1].([]any) {
			dimensions = append(dimensions, int(dimension.(float64)))
		}
		state[name] = fillTensor(name, dimensions, 0.37*float64(k)+phase)
		if !strings.Contains(name, "running_") {
			parameters += len(state[name].Values)
		}
	}
	if parameters != c.BackboneParameters {
		t.Errorf("the file lists %d backbone parameters, want %d", parameters, c.BackboneParameters)
	}
	if err := models.LoadState(store, "/backbone", state); err != nil {
		t.Fatal(err)
	}
	trainable := 0
	for variable := range store.IterVariables() {
		if variable.Trainable {
			trainable += variable.Shape().Size()
		}
		if strings.HasSuffix(variable.Path(), "/prototypes") {
			fill := fillTensor("", variable.Shape().Dimensions, phase)
			if err := variable.SetValue(tensors.FromFlatDataAndDimensions(fill.Values, fill.Dimensions...)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if trainable != c.TrainableParameters {
		t.Errorf("%d trainable parameters, want %d", trainable, c.TrainableParameters)
	}
}

func fillTensor(name string, dimensions []int, shift float64) models.StateTensor {
	size := 1
	for _, dimension := range dimensions {
		size *= dimension
	}
	gain, offset := 0.1, 0.0
	switch {
	case name == "":
		gain = 1 // prototypes
	case len(dimensions) == 4:
		gain = math.Sqrt(2 / float64(dimensions[1]*dimensions[2]*dimensions[3]))
	case strings.HasSuffix(name, ".weight"), strings.HasSuffix(name, ".running_var"):
		offset = 1
	}
	values := make([]float32, size)
	for i := range values {
		values[i] = float32(offset + gain*math.Sin(0.1*float64(i%1009)+shift))
	}
	return models.StateTensor{Dimensions: dimensions, Values: values}
}

// checkRows compares the beginnings of the first rows.
func checkRows(t *testing.T, what string, got *tensors.Tensor, want [][]float64) {
	t.Helper()
	for row, values := range want {
		testkit.CheckClose(t, fmt.Sprintf("%s of image %d", what, row), matrixRow(got, row)[:len(values)], values, modelTolerance)
	}
}

func rowNorms(matrix *tensors.Tensor) []float64 {
	norms := make([]float64, matrix.Shape().Dim(0))
	for row := range norms {
		for _, value := range matrixRow(matrix, row) {
			norms[row] += value * value
		}
		norms[row] = math.Sqrt(norms[row])
	}
	return norms
}

func matrixRow(matrix *tensors.Tensor, row int) []float64 {
	flat := tensors.MustCopyFlatData[float32](matrix)
	columns := matrix.Shape().Dim(1)
	values := make([]float64, columns)
	for i, value := range flat[row*columns : (row+1)*columns] {
		values[i] = float64(value)
	}
	return values
}
