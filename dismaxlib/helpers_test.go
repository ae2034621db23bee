package dismaxlib_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/tests/testkit"
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// problem is a batch of features and labels and the variables of a head, in plain Go.
type problem struct {
	features   [][]float64
	prototypes [][]float64 // SoftMax: the weights
	labels     []int32
	scale      float64 // the distance scale; 0 stands for 1
}

// randomProblem draws features like those behind a ReLU.
func randomProblem(seed uint64, batch, features, classes int) problem {
	random := rand.New(rand.NewPCG(seed, 0))
	p := problem{scale: 0.8}
	for range batch {
		row := make([]float64, features)
		for i := range row {
			row[i] = max(0.1*random.NormFloat64(), random.NormFloat64())
		}
		p.features = append(p.features, row)
		p.labels = append(p.labels, random.Int32N(int32(classes)))
	}
	for range classes {
		row := make([]float64, features)
		for i := range row {
			row[i] = random.NormFloat64()
		}
		p.prototypes = append(p.prototypes, row)
	}
	return p
}

// outcome is what a head and a loss make of a problem.
type outcome struct {
	logits    [][]float64
	loss      float64
	gradients map[string][]float64 // of "features" and of each trainable variable; training only
}

// run puts a problem through head and loss, in a graph of training or of evaluation.
func (p problem) run(t testing.TB, loss *dismaxlib.Loss, dtype dtypes.DType, training bool) outcome {
	t.Helper()
	result, err := p.try(loss, testkit.Backend(t), dtype, training)
	if err != nil {
		t.Fatalf("%s: %v", loss.Name, err)
	}
	return result
}

func (p problem) try(
	loss *dismaxlib.Loss, backend compute.Backend, dtype dtypes.DType, training bool,
) (outcome, error) {
	store := p.store(loss, dtype)
	var names []string
	outputs, err := model.CallOnceN(backend, store, func(scope *model.Scope, inputs []*Node) []*Node {
		features, labels := inputs[0], inputs[1]
		g := features.Graph()
		scope.SetTraining(g, training)
		loss.Images(scope, Zeros(g, shapes.Make(dtype, len(p.features), 2, 2, 1)))
		logits := loss.Head(scope, features, len(p.prototypes))
		value := loss.Function([]*Node{labels}, []*Node{logits})
		outputs := []*Node{logits, value}
		if training {
			names = []string{"features"}
			wrt := []*Node{features}
			for variable := range store.IterVariables() {
				if variable.Trainable {
					names = append(names, variable.Name())
					wrt = append(wrt, variable.NodeValue(g))
				}
			}
			outputs = append(outputs, Gradient(value, wrt...)...)
		}
		return outputs
	}, tensor(p.features, dtype), tensors.FromFlatDataAndDimensions(p.labels, len(p.labels), 1))
	if err != nil {
		return outcome{}, err
	}
	result := outcome{loss: numbers(outputs[1])[0], gradients: make(map[string][]float64)}
	logits := numbers(outputs[0])
	for len(logits) > 0 {
		result.logits = append(result.logits, logits[:len(p.prototypes)])
		logits = logits[len(p.prototypes):]
	}
	for i, name := range names {
		result.gradients[name] = numbers(outputs[2+i])
	}
	return result, nil
}

// store returns the variables of the problem's head.
func (p problem) store(loss *dismaxlib.Loss, dtype dtypes.DType) *model.Store {
	store := model.NewStore()
	scope := store.RootScope().In(dismaxlib.HeadScope)
	name := "prototypes"
	if loss.Name == "softmax" {
		name = "weights"
		bias := make([]float64, len(p.prototypes))
		for i := range bias {
			bias[i] = 0.1 * float64(i)
		}
		scope.VariableWithValue("bias", tensor([][]float64{bias}, dtype, len(bias)))
	}
	scope.VariableWithValue(name, tensor(p.prototypes, dtype))
	if err := store.SetRNGStateFromSeed(1); err != nil { // for what the head draws itself
		panic(err)
	}
	if p.scale != 0 && (loss.Name == "isomaxplus" || strings.HasPrefix(loss.Name, "dismax")) {
		scope.VariableWithValue("distance_scale", tensor([][]float64{{p.scale}}, dtype, []int{}...))
	}
	return store
}

// tensor returns rows as a tensor of float32 or float64, shaped [rows, columns] or as the dimensions say.
func tensor(rows [][]float64, dtype dtypes.DType, dimensions ...int) *tensors.Tensor {
	var flat []float64
	for _, row := range rows {
		flat = append(flat, row...)
	}
	if dimensions == nil {
		dimensions = []int{len(rows), len(rows[0])}
	}
	if dtype == dtypes.Float64 {
		return tensors.FromFlatDataAndDimensions(flat, dimensions...)
	}
	rounded := make([]float32, len(flat))
	for i, value := range flat {
		rounded[i] = float32(value)
	}
	return tensors.FromFlatDataAndDimensions(rounded, dimensions...)
}

// numbers returns the values of a float32 or float64 tensor.
func numbers(tensor *tensors.Tensor) []float64 {
	if tensor.DType() == dtypes.Float64 {
		return tensors.MustCopyFlatData[float64](tensor)
	}
	var values []float64
	for _, value := range tensors.MustCopyFlatData[float32](tensor) {
		values = append(values, float64(value))
	}
	return values
}

// allLosses returns every registered loss.
func allLosses(t testing.TB) []*dismaxlib.Loss {
	t.Helper()
	var all []*dismaxlib.Loss
	for _, name := range dismaxlib.LossNames() {
		all = append(all, lossByName(t, name))
	}
	return all
}

func lossByName(t testing.TB, name string) *dismaxlib.Loss {
	t.Helper()
	loss, err := dismaxlib.LossByName(name)
	if err != nil {
		t.Fatal(err)
	}
	return loss
}

func isFinite(values ...float64) bool {
	for _, value := range values {
		if math.IsNaN(value) || math.IsInf(value, 0) {
			return false
		}
	}
	return true
}
