package goconv_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/layers/activation"
	"github.com/gomlx/gomlx/ml/model"
)

// updates are elementwise ends of a computation, of a weight w, a velocity v and a gradient g.
var updates = map[string]func(w, v, g *graph.Node) []*graph.Node{
	"momentum": func(w, v, g *graph.Node) []*graph.Node {
		g = graph.Add(g, graph.MulScalar(w, 1e-4))
		v = graph.Add(graph.MulScalar(v, 0.9), g)
		return []*graph.Node{v, graph.Sub(w, graph.MulScalar(graph.Add(g, graph.MulScalar(v, 0.9)), 0.1))}
	},
	"Adam": func(w, v, g *graph.Node) []*graph.Node {
		v = graph.Add(graph.MulScalar(v, 0.99), graph.MulScalar(graph.Square(g), 0.01))
		step := graph.Div(g, graph.AddScalar(graph.Sqrt(v), 1e-3))
		return []*graph.Node{graph.Sub(w, graph.MulScalar(step, 0.01)), v}
	},
	"a number first": func(w, v, g *graph.Node) []*graph.Node {
		ones := graph.Scalar(w.Graph(), w.DType(), 1)
		return []*graph.Node{graph.Mul(graph.Sub(ones, w), graph.Div(ones, graph.Add(g, v)))}
	},
	"a number that is computed": func(w, v, g *graph.Node) []*graph.Node {
		return []*graph.Node{graph.Sub(w, graph.Mul(graph.ReduceAllMax(g), graph.Add(v, g)))}
	},
	"rectified": func(w, v, g *graph.Node) []*graph.Node {
		return []*graph.Node{graph.Mul(activation.Relu(graph.Sub(w, v)), g)}
	},
	"one result that is another's operand": func(w, v, g *graph.Node) []*graph.Node {
		sum := graph.Add(w, v)
		product := graph.Mul(sum, g)
		return []*graph.Node{product, graph.Sub(product, sum), sum}
	},
	"a value that a reduction needs too": func(w, v, g *graph.Node) []*graph.Node {
		sum := graph.Add(w, v)
		return []*graph.Node{graph.Mul(graph.Sub(sum, g), w), graph.ReduceAllMax(sum)}
	},
	"an operand that is returned": func(w, v, g *graph.Node) []*graph.Node {
		return []*graph.Node{graph.Sub(graph.Add(w, v), g), w}
	},
	"the same value twice": func(w, v, g *graph.Node) []*graph.Node {
		result := graph.Sub(graph.Add(w, v), g)
		return []*graph.Node{result, result}
	},
}

// TestUpdatesAreBitForBitThoseOfTheInnerBackend computes them beside a convolution, without which nothing is fused.
func TestUpdatesAreBitForBitThoseOfTheInnerBackend(t *testing.T) {
	random := rand.New(rand.NewPCG(21, 22))
	fused, whole := open(t, ""), open(t, "im2col")
	for name, update := range updates {
		for _, size := range []int{3, 1030, 70_001} {
			t.Run(fmt.Sprintf("%s/%d", name, size), func(t *testing.T) {
				inputs := []*tensors.Tensor{randomTensor(random, graphShape(2, 5, 6, 2))}
				for range 3 {
					inputs = append(inputs, randomTensor(random, graphShape(size)))
				}
				fn := func(x []*graph.Node) []*graph.Node {
					return append(update(x[1], x[2], x[3]), convolve(x[0]))
				}
				got, want := call(t, fused, fn, inputs...), call(t, whole, fn, inputs...)
				for i := range len(want) - 1 {
					checkSame(t, fmt.Sprintf("result %d", i), got[i], want[i])
				}
			})
		}
	}
}

// TestLargeElementwiseOperationsAreBitForBitThoseOfTheInnerBackend computes them in the middle of a computation.
func TestLargeElementwiseOperationsAreBitForBitThoseOfTheInnerBackend(t *testing.T) {
	random := rand.New(rand.NewPCG(25, 26))
	inputs := []*tensors.Tensor{randomTensor(random, graphShape(2, 5, 6, 2))}
	for range 2 {
		inputs = append(inputs, randomTensor(random, graphShape(7, 3001)))
	}
	fn := func(operands []*graph.Node) []*graph.Node {
		x, y := operands[1], operands[2]
		sum := graph.Add(x, y)
		rectified := activation.Relu(graph.Sub(sum, graph.MulScalar(x, 3)))
		loss := graph.ReduceAllSum(graph.Mul(rectified, graph.Sqrt(graph.AddScalar(graph.Square(sum), 1))))
		gradients := graph.Gradient(loss, x, y)
		twice := graph.Add(gradients[0], gradients[0])
		return []*graph.Node{graph.Sin(rectified), graph.Sin(twice), graph.Cos(gradients[1]), loss, convolve(operands[0])}
	}
	got, want := call(t, open(t, ""), fn, inputs...), call(t, open(t, "im2col"), fn, inputs...)
	for i := range len(want) - 1 {
		checkSame(t, fmt.Sprintf("result %d", i), got[i], want[i])
	}
}

// TestUpdatedVariablesAreWrittenInPlace takes steps with variables, whose old values GoMLX gives away.
func TestUpdatedVariablesAreWrittenInPlace(t *testing.T) {
	for name, update := range updates {
		if name != "momentum" && name != "Adam" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			got, want := stepped(t, open(t, ""), update), stepped(t, open(t, "im2col"), update)
			for i := range want {
				checkSame(t, fmt.Sprintf("variable %d", i), got[i], want[i])
			}
		})
	}
}

// stepped takes three steps and returns the variables.
func stepped(t *testing.T, backend compute.Backend, update func(w, v, g *graph.Node) []*graph.Node) [][]float64 {
	t.Helper()
	random := rand.New(rand.NewPCG(23, 24))
	store := model.NewStore()
	initial := randomTensor(random, graphShape(3, 3, 2, 700))
	velocity, gradient := must(initial.LocalClone()), randomTensor(random, initial.Shape())
	images := randomTensor(random, graphShape(2, 5, 6, 2))
	exec, err := model.NewExec(backend, store, func(scope *model.Scope, x, g *graph.Node) *graph.Node {
		w, v := scope.VariableWithValue("w", initial), scope.VariableWithValue("v", velocity)
		before := w.NodeValue(x.Graph())
		after := update(before, v.NodeValue(x.Graph()), g)
		w.SetNodeValue(after[1])
		v.SetNodeValue(after[0])
		// A convolution that needs the weight from before the step.
		return graph.Convolve(x, before).PadSame().Done()
	})
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	for range 3 {
		kept := float64s(gradient)
		if _, err := exec.Call(images, gradient); err != nil {
			t.Fatal(err)
		}
		checkSame(t, "the gradient, which was not given away", float64s(gradient), kept)
	}
	var values [][]float64
	for _, name := range []string{"/w", "/v"} {
		values = append(values, float64s(store.GetVariable(name).MustValue()))
	}
	return values
}

func checkSame(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", what, len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] && !(got[i] != got[i] && want[i] != want[i]) {
			t.Fatalf("%s: entry %d is %.9g, want %.9g", what, i, got[i], want[i])
		}
	}
}

// TestMemoryOfUpdatesIsThatOfTheOldValues checks that the kernels do write over what is given away.
func TestMemoryOfUpdatesIsThatOfTheOldValues(t *testing.T) {
	backend := open(t, "")
	builder := backend.Builder("update")
	main := builder.Main()
	image, taps, w := graphShape(1, 4, 4, 1), graphShape(3, 3, 1, 1), graphShape(50)
	x := must(main.Parameter("x", image, nil))
	kernel := must(main.Parameter("kernel", taps, nil))
	weight := must(main.Parameter("w", w, nil))
	gradient := must(main.Parameter("g", w, nil))
	convolved := must(main.ConvGeneral(x, kernel, compute.ConvolveAxesConfig{
		InputBatch: 0, InputSpatial: []int{1, 2}, InputChannels: 3,
		KernelSpatial: []int{0, 1}, KernelInputChannels: 2, KernelOutputChannels: 3,
		OutputBatch: 0, OutputSpatial: []int{1, 2}, OutputChannels: 3,
	}, []int{1, 1}, [][2]int{{1, 1}, {1, 1}}, nil, nil, 1, 1))
	updated := must(main.Sub(weight, must(main.Mul(gradient, gradient))))
	if err := main.Return([]compute.Value{convolved, updated}, nil); err != nil {
		t.Fatal(err)
	}
	executable := must(builder.Compile())
	for _, donated := range []bool{true, false} {
		var inputs []compute.Buffer
		for _, shape := range []shapes.Shape{image, taps, w, w} {
			inputs = append(inputs, must(backend.BufferFromFlatData(0, slices.Repeat([]float32{2}, shape.Size()), shape)))
		}
		memory := &must(inputs[2].Data()).([]float32)[0]
		outputs := must(executable.Execute(inputs, []bool{false, false, donated, false}, 0))
		result := must(outputs[1].Data()).([]float32)
		if same := &result[0] == memory; same != donated {
			t.Errorf("donated %t: the result has the old value's memory: %t", donated, same)
		}
		if result[49] != -2 {
			t.Errorf("donated %t: result %g, want -2", donated, result[49])
		}
		if !donated && *memory != 2 {
			t.Errorf("the old value became %g, though it was not given away", *memory)
		}
	}
}

// BenchmarkSumsAndRectifiers computes what lies between the convolutions of ResNet-20 in its gradient, by kernels and by
// the inner backend's operations.
func BenchmarkSumsAndRectifiers(b *testing.B) {
	image := graphShape(32, 32, 32, 16)
	relu := compute.ActivationConfig{Type: compute.ActivationRelu}
	for name, options := range map[string]string{"kernels": "", "inner": "im2col"} {
		b.Run(name, func(b *testing.B) {
			backend := open(b, options)
			builder := backend.Builder(name)
			main := builder.Main()
			x := must(main.Parameter("x", image, nil))
			y := must(main.Parameter("y", image, nil))
			v := must(main.Add(x, y))
			for range 10 {
				z := must(main.FusedActivationVJP(y, y, v, relu))
				v = must(main.Add(z, x))
			}
			most := must(main.Slice(v, []int{0, 0, 0, 0}, []int{32, 32, 32, 15}, nil))
			corner := must(main.Slice(most, []int{0, 0, 0, 0}, []int{1, 1, 1, 1}, nil))
			if err := main.Return([]compute.Value{corner}, nil); err != nil {
				b.Fatal(err)
			}
			executable := must(builder.Compile())
			var inputs []compute.Buffer
			for range 2 {
				inputs = append(inputs, must(backend.BufferFromFlatData(0, make([]float32, image.Size()), image)))
			}
			for b.Loop() {
				must(executable.Execute(inputs, nil, 0))
			}
		})
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
