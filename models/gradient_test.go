package models_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/models"
	"github.com/dismax-go/dismax/tests/testkit"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// smallBackbones has one of each family, with the size of the images that it is given.
var smallBackbones = []struct {
	name      string
	backbone  models.Backbone
	imageSize int
}{
	{"ResNet", models.ResNet(8, 1, 1, 1), 8},
	{"ImageNetResNet", models.ImageNetResNet(8, 1, 1), 24},
	{"DenseNetBC", models.DenseNetBC(10, 4), 8},
	{"WideResNet", models.WideResNet(10, 1), 8},
}

// TestGradientsMatchFiniteDifferences moves four weights of every variable: the one of the steepest gradient, and three
// at random. The differences are good to about 1e-9 of the gradient.
func TestGradientsMatchFiniteDifferences(t *testing.T) {
	for _, test := range smallBackbones {
		t.Run(test.name, func(t *testing.T) {
			p := newProjection(t, test.backbone, test.imageSize, dtypes.Float64)
			_, gradients := p.differentiate(t)
			random := rand.New(rand.NewPCG(2, 0))
			for _, variable := range p.variables {
				gradient := gradients[variable.Path()]
				allowed := 1e-7 * gradientScale(gradients, variable.Path())
				i := steepest(gradient)
				for range 4 {
					p.checkGradient(t, variable, i, gradient[i], allowed)
					i = random.IntN(len(gradient))
				}
			}
		})
	}
}

func steepest(gradient []float64) int {
	largest := 0
	for i := range gradient {
		if math.Abs(gradient[i]) > math.Abs(gradient[largest]) {
			largest = i
		}
	}
	return largest
}

// TestFloat32GradientsMatchFloat64 compares the kernels that training runs on with the ones of the test above.
func TestFloat32GradientsMatchFloat64(t *testing.T) {
	for _, test := range smallBackbones {
		t.Run(test.name, func(t *testing.T) {
			features, gradients := newProjection(t, test.backbone, test.imageSize, dtypes.Float32).differentiate(t)
			want, exact := newProjection(t, test.backbone, test.imageSize, dtypes.Float64).differentiate(t)
			testkit.CheckClose(t, "features", features, want, 1e-4)
			for path, gradient := range exact {
				allowed := 1e-3 * gradientScale(exact, path)
				for i, want := range gradient {
					if got := gradients[path][i]; !(math.Abs(got-want) <= allowed) {
						t.Errorf("gradient of %s, entry %d: got %.7g, want %.7g", path, i, got, want)
						break
					}
				}
			}
		})
	}
}

// gradientScale is the largest entry of a variable's gradient. Some gradients are zero, as that of a bias before a
// batch normalization: theirs is a hundredth of the network's largest.
func gradientScale(gradients map[string][]float64, path string) float64 {
	scale := 0.0
	for other, gradient := range gradients {
		for _, value := range gradient {
			if other != path {
				value *= 0.01
			}
			scale = max(scale, math.Abs(value))
		}
	}
	return scale
}

// projection is a loss of a backbone in training mode: the sum of its features, each times a number of its own.
type projection struct {
	store      *model.Store
	images     *tensors.Tensor
	value, all *model.Exec // all: features, and the gradient by each of the variables
	variables  []*model.Variable
}

// newProjection draws images and variables, float32 values in every dtype.
func newProjection(t *testing.T, backbone models.Backbone, imageSize int, dtype dtypes.DType) *projection {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 0))
	p := &projection{store: model.NewStore(), images: normal(random, dtype, 0, 1, 4, imageSize, imageSize, 3)}
	loss := func(scope *model.Scope, images *Node) (features, value *Node) {
		scope.SetTraining(images.Graph(), true)
		features = backbone(scope.In("backbone"), images)
		return features, ReduceAllSum(Mul(features, Cos(IotaFull(images.Graph(), features.Shape()))))
	}
	p.value = newExec(t, p.store, func(scope *model.Scope, images *Node) *Node {
		_, value := loss(scope, images)
		return value
	})
	p.all = newExec(t, p.store, func(scope *model.Scope, images *Node) []*Node {
		features, value := loss(scope, images)
		nodes := make([]*Node, len(p.variables))
		for i, variable := range p.variables {
			nodes[i] = variable.NodeValue(images.Graph())
		}
		return append([]*Node{features}, Gradient(value, nodes...)...)
	})
	p.valueAt(t) // makes the variables
	for variable := range p.store.IterVariables() {
		if variable.Trainable {
			p.variables = append(p.variables, variable)
		}
	}
	slices.SortFunc(p.variables, func(a, b *model.Variable) int { return strings.Compare(a.Path(), b.Path()) })
	for _, variable := range p.variables {
		mean, deviation := 0.0, 0.3
		if variable.Name() == "scale" {
			mean = 1
		}
		p.set(t, variable, normal(random, dtype, mean, deviation, variable.Shape().Dimensions...))
	}
	return p
}

func newExec[F model.ExecGraphFn](t *testing.T, store *model.Store, build F) *model.Exec {
	t.Helper()
	exec, err := model.NewExec(testkit.Backend(t), store, build)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(exec.Finalize)
	return exec
}

// normal draws a tensor of float32 or float64.
func normal(random *rand.Rand, dtype dtypes.DType, mean, deviation float64, dimensions ...int) *tensors.Tensor {
	values := make([]float32, shapes.Make(dtype, dimensions...).Size())
	for i := range values {
		values[i] = float32(mean + deviation*random.NormFloat64())
	}
	if dtype == dtypes.Float32 {
		return tensors.FromFlatDataAndDimensions(values, dimensions...)
	}
	return tensors.FromFlatDataAndDimensions(toFloat64(values), dimensions...)
}

func toFloat64(values []float32) []float64 {
	wide := make([]float64, len(values))
	for i, value := range values {
		wide[i] = float64(value)
	}
	return wide
}

func (p *projection) set(t *testing.T, variable *model.Variable, value *tensors.Tensor) {
	t.Helper()
	if err := variable.SetValue(value); err != nil {
		t.Fatal(err)
	}
}

// differentiate returns the features and the gradient by each variable, by its path.
func (p *projection) differentiate(t *testing.T) (features []float64, gradients map[string][]float64) {
	t.Helper()
	outputs, err := p.all.Call(p.images)
	if err != nil {
		t.Fatal(err)
	}
	gradients = make(map[string][]float64)
	for i, variable := range p.variables {
		gradients[variable.Path()] = numbers(outputs[1+i])
	}
	return numbers(outputs[0]), gradients
}

// numbers returns the values of a float32 or float64 tensor.
func numbers(tensor *tensors.Tensor) []float64 {
	if tensor.DType() == dtypes.Float32 {
		return toFloat64(tensors.MustCopyFlatData[float32](tensor))
	}
	return tensors.MustCopyFlatData[float64](tensor)
}

func (p *projection) valueAt(t *testing.T) float64 {
	t.Helper()
	value, err := p.value.Call1(p.images)
	if err != nil {
		t.Fatal(err)
	}
	return numbers(value)[0]
}

// checkGradient compares an entry of a float64 gradient with a central difference. The step is small enough that it
// takes no activation across the kink of its ReLU, where the difference would be no derivative.
func (p *projection) checkGradient(t *testing.T, variable *model.Variable, i int, got, allowed float64) {
	t.Helper()
	const step = 1e-5
	original := tensors.MustCopyFlatData[float64](variable.MustValue())
	moved := func(by float64) float64 {
		values := slices.Clone(original)
		values[i] += by
		p.set(t, variable, tensors.FromFlatDataAndDimensions(values, variable.Shape().Dimensions...))
		return p.valueAt(t)
	}
	defer moved(0)
	if want := (moved(step) - moved(-step)) / (2 * step); !(math.Abs(got-want) <= allowed) {
		t.Errorf("gradient of %s, entry %d: got %.10g, want %.10g within %.1e", variable.Path(), i, got, want, allowed)
	}
}
