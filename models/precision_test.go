package models_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/training"
	"github.com/dismax-go/dismax/models"
	"github.com/dismax-go/dismax/tests/testkit"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"
)

// families are small models of each family.
var families = []string{"resnet8", "densenet-bc-40", "wideresnet-10-1"}

// bfloat16Cosines are between the gradients of 64 images in bfloat16 and in float32, at least. Those of a new DenseNet
// depend on every bit: to round nothing but 32 images to bfloat16 makes 0.98 of the cosine, where it is 0.998 for the
// others. The more images, the more of that cancels: it was 0.95 to 0.97 of 32 images (goconv, four seeds; XLA on a CPU
// and a GPU, one), and 0.975 to 0.989 of 64 (the same but the GPU).
var bfloat16Cosines = map[string]float64{"resnet8": 0.99, "densenet-bc-40": 0.95, "wideresnet-10-1": 0.99}

const (
	// A number in bfloat16 is off by up to 2^-9 = 0.2%. In a network of 40 layers that adds up to 1.7% of the largest
	// feature (measured, in training mode, for DenseNet; 0.4% for the others).
	bfloat16Features = 3e-2
	// The statistics of the first layers differ by the rounding of their operand, 0.4% of the largest; they would be
	// worse by far if they were summed in bfloat16.
	bfloat16Statistics = 1e-2
)

// waves are images of 4 classes, [count, 32, 32, 3]: patterns that the class determines under a little noise.
func waves(count int) (images, labels *tensors.Tensor) {
	const size = 32
	random := rand.New(rand.NewPCG(1, 0))
	var pixels []float32
	var classes []int32
	for i := range count {
		class := i % 4
		classes = append(classes, int32(class))
		for position := range size * size * 3 {
			x, y, colour := position/3%size, position/3/size, position%3
			angle := float64(class+1)*float64(x)/8 + float64(4-class)*float64(y+colour)/12
			pixels = append(pixels, float32(math.Sin(angle)+0.1*random.NormFloat64()))
		}
	}
	return tensors.FromFlatDataAndDimensions(pixels, count, size, size, 3),
		tensors.FromFlatDataAndDimensions(classes, count, 1)
}

// classifier is a registered model with the DisMax head, its backbone in the dtype, and a store of fixed seed.
func classifier(t *testing.T, name string, dtype dtypes.DType) (
	store *model.Store, logits func(scope *model.Scope, images *Node) *Node, loss train.LossFn,
) {
	t.Helper()
	m, err := models.ByName(name)
	if err != nil {
		t.Fatal(err)
	}
	dismax, err := dismaxlib.LossByName("dismax")
	if err != nil {
		t.Fatal(err)
	}
	store = model.NewStore()
	if err := store.SetRNGStateFromSeed(1); err != nil {
		t.Fatal(err)
	}
	backbone := models.MixedPrecision(m.Backbone, dtype)
	return store, func(scope *model.Scope, images *Node) *Node {
		return dismax.Head(scope, backbone(scope.In("backbone"), images), 4)
	}, dismax.Function
}

// outcome is what a classifier makes of a batch.
type outcome struct {
	store     *model.Store
	logits    []float64
	gradients []float64 // of the loss to all trainable variables, one after the other; none in evaluation
}

func compute(t *testing.T, name string, dtype dtypes.DType, training bool) outcome {
	t.Helper()
	store, logits, loss := classifier(t, name, dtype)
	exec, err := model.NewExec(testkit.Backend(t), store, func(scope *model.Scope, images, labels *Node) []*Node {
		scope.SetTraining(images.Graph(), training)
		predictions := []*Node{logits(scope, images)}
		if !training {
			return predictions
		}
		mean := ReduceAllMean(loss([]*Node{labels}, predictions))
		return append(predictions, scope.BuildTrainableVariablesGradientsGraph(mean)...)
	})
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	images, labels := waves(64)
	outputs, err := exec.Call(images, labels)
	if err != nil {
		t.Fatalf("%s in %s: %v", name, dtype, err)
	}
	result := outcome{store: store, logits: values(t, outputs[0])}
	for _, gradient := range outputs[1:] {
		result.gradients = append(result.gradients, values(t, gradient)...)
	}
	return result
}

// values copies a tensor, which must be float32.
func values(t *testing.T, tensor *tensors.Tensor) []float64 {
	t.Helper()
	flat, err := tensors.CopyFlatData[float32](tensor)
	if err != nil {
		t.Fatal(err)
	}
	wide := make([]float64, len(flat))
	for i, value := range flat {
		wide[i] = float64(value)
	}
	return wide
}

func TestBFloat16EvaluatesLikeFloat32(t *testing.T) {
	for _, name := range families {
		single, half := compute(t, name, dtypes.Float32, false), compute(t, name, dtypes.BFloat16, false)
		testkit.CheckClose(t, name+": logits", half.logits, single.logits, bfloat16Features)
	}
}

func TestBFloat16TrainsLikeFloat32(t *testing.T) {
	for _, name := range families {
		t.Run(name, func(t *testing.T) {
			single, half := compute(t, name, dtypes.Float32, true), compute(t, name, dtypes.BFloat16, true)
			testkit.CheckClose(t, "logits", half.logits, single.logits, bfloat16Features)
			if got, want := cosine(half.gradients, single.gradients), bfloat16Cosines[name]; !(got > want) {
				t.Errorf("the cosine between the gradients is %.4f, want more than %g", got, want)
			}
			checkVariables(t, half.store, single.store)
		})
	}
}

// checkVariables compares the variables of backbones after a training step.
func checkVariables(t *testing.T, got, want *model.Store) {
	t.Helper()
	if got.NumVariables() != want.NumVariables() {
		t.Errorf("%d variables, want %d", got.NumVariables(), want.NumVariables())
	}
	for variable := range want.Scope("/backbone").IterVariables() {
		same := got.GetVariable(variable.Path())
		if same == nil || !same.Shape().Equal(variable.Shape()) {
			t.Errorf("variable %s is %v, want %v", variable.Path(), same, variable)
			continue
		}
		if !variable.Trainable {
			testkit.CheckClose(t, variable.Path(), values(t, same.MustValue()), values(t, variable.MustValue()), bfloat16Statistics)
		}
	}
}

func cosine(a, b []float64) float64 {
	var product, squareA, squareB float64
	for i := range a {
		product += a[i] * b[i]
		squareA += a[i] * a[i]
		squareB += b[i] * b[i]
	}
	return product / math.Sqrt(squareA*squareB)
}

func TestBFloat16Learns(t *testing.T) {
	for _, name := range families {
		store, logits, loss := classifier(t, name, dtypes.BFloat16)
		trainer := train.NewTrainer(testkit.Backend(t), store, logits, loss, &training.SGD{
			LearningRate: 0.1, Momentum: 0.9, Nesterov: true, WeightDecay: 1e-4,
		}, nil, nil)
		var losses []float64
		for range 6 {
			images, labels := waves(32)
			metrics, err := trainer.TrainStep(train.Batch{Inputs: []*tensors.Tensor{images}, Labels: []*tensors.Tensor{labels}})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			losses = append(losses, shapes.ConvertTo[float64](metrics[0].Value()))
		}
		if first, last := losses[0], losses[len(losses)-1]; !(last < 0.75*first) {
			t.Errorf("%s: losses %.3f, want the last below 3/4 of the first", name, losses)
		}
	}
}

func TestFloat32NeedsNoConversion(t *testing.T) {
	for _, name := range families {
		m, err := models.ByName(name)
		if err != nil {
			t.Fatal(err)
		}
		g := NewGraph(testkit.Backend(t), name)
		images := Parameter(g, "images", shapes.Make(dtypes.Float32, 2, 32, 32, 3))
		models.MixedPrecision(m.Backbone, dtypes.Float32)(model.NewStore().RootScope(), images)
		for _, node := range g.Nodes() {
			if node.Type() == NodeTypeConvertDType {
				t.Errorf("%s: the graph of float32 has %s", name, node)
			}
		}
	}
}

func TestDTypesHaveNames(t *testing.T) {
	for name, want := range map[string]dtypes.DType{
		"": dtypes.Float32, "float32": dtypes.Float32, "bfloat16": dtypes.BFloat16,
	} {
		if got, err := models.DTypeByName(name); err != nil || got != want {
			t.Errorf("%q is %s (%v), want %s", name, got, err, want)
		}
	}
	if _, err := models.DTypeByName("float16"); err == nil || !strings.Contains(err.Error(), "float32, bfloat16") {
		t.Errorf("float16: error %v, want one that lists what there is", err)
	}
}
