package golden

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/models"
	"github.com/dismax-go/dismax/models/statedict"
	"github.com/dismax-go/dismax/tests/testkit"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// publishedNames maps the golden files' names to ours.
var publishedNames = map[string]string{
	"densenet_bc_100": "densenet-bc-100", "resnet34": "resnet34",
	"wide_resnet_28_10": "wideresnet-28-10", "resnet18_imagenet": "resnet18-imagenet",
}

// goldenNetwork is a backbone with the weights and the images that the note of models.json defines.
type goldenNetwork struct {
	architecture *models.Model
	*modelCase
	phase  float64
	dtype  dtypes.DType
	store  *model.Store
	images *tensors.Tensor
	passes map[bool]*model.Exec // of training, and not
}

func newGoldenNetwork(t *testing.T, c *modelCase, phase float64, dtype dtypes.DType) *goldenNetwork {
	t.Helper()
	architecture, err := models.ByName(publishedNames[c.Model])
	if err != nil {
		t.Fatal(err)
	}
	n := &goldenNetwork{architecture: architecture, modelCase: c, phase: phase, dtype: dtype, store: model.NewStore(),
		passes: map[bool]*model.Exec{}}
	n.setImages(func(value float64) float32 { return float32(value) })
	n.features(t, false) // makes the variables
	n.setWeights(t)
	return n
}

// features returns the features of the images, a row for each. Training uses the batch's statistics, and moves the
// running ones.
func (n *goldenNetwork) features(t *testing.T, training bool) [][]float64 {
	t.Helper()
	if n.passes[training] == nil {
		pass := model.MustNewExec(testkit.Backend(t), n.store, func(scope *model.Scope, images *Node) *Node {
			scope.SetTraining(images.Graph(), training)
			return n.architecture.Backbone(scope.In("backbone"), images)
		})
		t.Cleanup(pass.Finalize)
		n.passes[training] = pass
	}
	features, err := n.passes[training].Call1(n.images)
	if err != nil {
		t.Fatal(err)
	}
	return rowsOf(t, features)
}

// movedFeatures returns the features in training mode of images whose last bits were moved at random, a few times.
func (n *goldenNetwork) movedFeatures(t *testing.T) [][][]float64 {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	var moved [][][]float64
	for range 16 {
		n.setImages(lastBits(random))
		moved = append(moved, n.features(t, true))
	}
	return moved
}

// runningNorms returns the norm of the running mean or variance of each batch normalization, in the file's order.
func (n *goldenNetwork) runningNorms(t *testing.T, statistic string) []float64 {
	t.Helper()
	var norms []float64
	for _, entry := range n.StateOrder {
		if layer, ok := strings.CutSuffix(entry[0].(string), ".running_mean"); ok {
			variable := n.store.GetVariable(model.JoinPath("/backbone", strings.ReplaceAll(layer, ".", "/"), statistic))
			norms = append(norms, norm(valuesOf(t, variable.MustValue())))
		}
	}
	return norms
}

// lastBits makes float32 values, and moves a third of them up to the next one, and a third down.
func lastBits(random *rand.Rand) func(value float64) float32 {
	return func(value float64) float32 {
		rounded := float32(value)
		if direction := random.IntN(3) - 1; direction != 0 {
			return math.Nextafter32(rounded, float32(math.Inf(direction)))
		}
		return rounded
	}
}

// setImages makes the images cos(0.05 i + phase) over the flat NCHW index i, with the angle in float32, which those of
// the file were made with: its training mode tells the difference.
func (n *goldenNetwork) setImages(round func(value float64) float32) {
	batch, channels, height, width := n.Input[0], n.Input[1], n.Input[2], n.Input[3]
	values := make([]float64, batch*channels*height*width)
	for i := range values {
		x, y, channel, image := i%width, i/width%height, i/width/height%channels, i/width/height/channels
		angle := float32(float32(0.05)*float32(i)) + float32(n.phase)
		values[((image*height+y)*width+x)*channels+channel] = float64(round(math.Cos(float64(angle))))
	}
	n.images = tensorOf(values, n.dtype, batch, height, width, channels)
}

// setWeights gives the backbone its weights and running statistics.
func (n *goldenNetwork) setWeights(t *testing.T) {
	t.Helper()
	state := statedict.State{}
	for k, entry := range n.StateOrder {
		name, dimensions := nameAndDimensions(entry)
		gain, offset := 0.1, 0.0
		switch {
		case len(dimensions) == 4:
			gain = math.Sqrt(2 / float64(dimensions[1]*dimensions[2]*dimensions[3]))
		case strings.HasSuffix(name, ".weight"), strings.HasSuffix(name, ".running_var"):
			offset = 1
		}
		values := sines(dimensions, 0.37*float64(k)+n.phase, gain, offset)
		state[name] = tensors.FromFlatDataAndDimensions(values, dimensions...)
	}
	if err := state.Load(n.store, statedict.Place{Scope: "/backbone"}); err != nil {
		t.Fatal(err)
	}
}

// nameAndDimensions reads an entry of the file's state_order.
func nameAndDimensions(entry [2]any) (name string, dimensions []int) {
	for _, dimension := range entry[1].([]any) {
		dimensions = append(dimensions, int(dimension.(float64)))
	}
	return entry[0].(string), dimensions
}

// sines returns offset + gain sin(0.1 (i mod 1009) + shift) for all flat indices i of the dimensions.
func sines(dimensions []int, shift, gain, offset float64) []float32 {
	const period = 1009
	var sine [period]float64
	for i := range sine {
		sine[i] = math.Sin(0.1*float64(i) + shift)
	}
	size := 1
	for _, dimension := range dimensions {
		size *= dimension
	}
	values := make([]float32, size)
	for i := range values {
		values[i] = float32(offset + gain*sine[i%period])
	}
	return values
}

// goldenHead is a DisMax head with the prototypes that the note of models.json defines.
type goldenHead struct {
	classes int
	dtype   dtypes.DType
	store   *model.Store
}

func newGoldenHead(t *testing.T, c *modelCase, phase float64, dtype dtypes.DType) *goldenHead {
	t.Helper()
	h := &goldenHead{classes: c.Classes, dtype: dtype, store: model.NewStore()}
	h.logits(t, [][]float64{make([]float64, c.FeatureDim)}) // makes the variables
	dimensions := []int{c.Classes, c.FeatureDim}
	var values []float64
	for _, value := range sines(dimensions, phase, 1, 0) {
		values = append(values, float64(value))
	}
	prototypes := h.store.GetVariable(model.JoinPath("/", dismaxlib.HeadScope, "prototypes"))
	if err := prototypes.SetValue(tensorOf(values, dtype, dimensions...)); err != nil {
		t.Fatal(err)
	}
	return h
}

// logits returns the logits of rows of features.
func (h *goldenHead) logits(t *testing.T, features [][]float64) [][]float64 {
	t.Helper()
	input := tensorOf(slices.Concat(features...), h.dtype, len(features), len(features[0]))
	logits, err := model.CallOnce(testkit.Backend(t), h.store, func(scope *model.Scope, features *Node) *Node {
		return dismaxlib.DisMax(scope, features, h.classes).Done()
	}, input)
	if err != nil {
		t.Fatal(err)
	}
	return rowsOf(t, logits)
}

func trainableParameters(store *model.Store) int {
	parameters := 0
	for variable := range store.IterVariables() {
		if variable.Trainable {
			parameters += variable.Shape().Size()
		}
	}
	return parameters
}

// rowsOf returns the rows of a matrix.
func rowsOf(t *testing.T, matrix *tensors.Tensor) [][]float64 {
	t.Helper()
	flat, columns := valuesOf(t, matrix), matrix.Shape().Dim(1)
	rows := make([][]float64, matrix.Shape().Dim(0))
	for i := range rows {
		rows[i] = flat[i*columns : (i+1)*columns]
	}
	return rows
}
