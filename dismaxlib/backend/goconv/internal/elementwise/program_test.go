package elementwise

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/kerneltest"
)

// everyOp computes ((a + s) * b - a) / b, and the square root of its square plus s, from arrays a and b and a number s.
var everyOp = Program{
	Scalar: []bool{false, true, false}, Outputs: 2, Temporaries: 2,
	Steps: []Step{
		{Add, 0, 1, 5}, {Mul, 5, 2, 5}, {Sub, 5, 0, 6}, {Div, 6, 2, 3},
		{Mul, 3, 3, 5}, {Add, 5, 1, 5}, {Sqrt, 5, 5, 4},
	},
}

func TestEveryOperationIsExact(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, size := range []int{1, 7, 8, block - 1, block, block + 9, chunk, chunk + block + 3} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			program := everyOp
			program.Size = size
			a, b, s := kerneltest.Normal(random, size), kerneltest.Normal(random, size), float32(0.75)
			outputs := [][]float32{make([]float32, size), make([]float32, size)}
			program.Run(outputs, [][]float32{a, {s}, b}, kerneltest.InOrder)
			for i := range size {
				sum := a[i] + s
				product := sum * b[i]
				difference := product - a[i]
				quotient := difference / b[i]
				square := quotient * quotient
				want := []float32{quotient, float32(math.Sqrt(float64(square + s)))}
				if outputs[0][i] != want[0] || outputs[1][i] != want[1] {
					t.Fatalf("element %d: got %g and %g, want %g", i, outputs[0][i], outputs[1][i], want)
				}
			}
		})
	}
}

func TestRectifiersPassWhatIsPositive(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	a := []float32{-2, 0, float32(math.Copysign(0, -1)), 1e-45, 3, inf, -inf, nan, -1, 7, nan, 5}
	b := []float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, nan}
	program := Program{Size: len(a), Scalar: make([]bool, 2), Outputs: 2, Steps: []Step{{Relu, 0, 0, 2}, {ReluGradient, 2, 1, 3}}}
	outputs := [][]float32{make([]float32, len(a)), make([]float32, len(a))}
	program.Run(outputs, [][]float32{a, b}, kerneltest.InOrder)
	want := [][]float32{{0, 0, a[2], 1e-45, 3, inf, 0, nan, 0, 7, nan, 5}, {0, 0, 0, 4, 5, 6, 0, 0, 0, 10, 0, nan}}
	for o, name := range []string{"rectified", "gradient"} {
		for i := range a {
			if math.Float32bits(outputs[o][i]) != math.Float32bits(want[o][i]) {
				t.Errorf("%s: of %g and %g: got %g, want %g", name, a[i], b[i], outputs[o][i], want[o][i])
			}
		}
	}
}

func TestOutputsAreWrittenOverInputsThatNoLaterStepReads(t *testing.T) {
	const output = 0 // what the step {Div, 6, 2, 3} writes
	for input, want := range []bool{true, false, true} {
		if got := everyOp.InPlace(output, input); got != want {
			t.Errorf("output %d over input %d: got %t, want %t", output, input, got, want)
		}
	}
	reread := Program{Scalar: []bool{false}, Outputs: 1, Steps: []Step{{Mul, 0, 0, 1}, {Add, 0, 1, 1}}}
	if reread.InPlace(0, 0) {
		t.Error("an input that is read after the output was written may be written over, want not")
	}

	random := rand.New(rand.NewPCG(3, 4))
	program := everyOp
	program.Size = chunk + 77
	a, b, s := kerneltest.Normal(random, program.Size), kerneltest.Normal(random, program.Size), []float32{0.5}
	want := [][]float32{make([]float32, program.Size), make([]float32, program.Size)}
	program.Run(want, [][]float32{a, s, b}, kerneltest.InOrder)
	second := make([]float32, program.Size)
	program.Run([][]float32{a, second}, [][]float32{a, s, b}, kerneltest.InOrder)
	for i := range a {
		if a[i] != want[0][i] || second[i] != want[1][i] {
			t.Fatalf("element %d in place: got %g and %g, want %g and %g", i, a[i], second[i], want[0][i], want[1][i])
		}
	}
}

// BenchmarkMomentum takes steps of SGD with momentum and weight decay on ten million weights.
func BenchmarkMomentum(b *testing.B) {
	const size = 10_000_000
	random := rand.New(rand.NewPCG(5, 6))
	program := Program{
		Size: size, Scalar: []bool{false, false, false, true, true, true}, Outputs: 2, Temporaries: 1,
		Steps: []Step{
			{Mul, 0, 3, 8}, {Add, 2, 8, 8}, {Mul, 1, 4, 6}, {Add, 6, 8, 6}, // v = 0.9 v + (g + 0.0001 w)
			{Mul, 6, 5, 8}, {Sub, 0, 8, 7}, // w = w - 0.1 v
		},
	}
	w, v, g := kerneltest.Normal(random, size), kerneltest.Normal(random, size), kerneltest.Normal(random, size)
	inputs := [][]float32{w, v, g, {1e-4}, {0.9}, {0.1}}
	for b.Loop() {
		program.Run([][]float32{v, w}, inputs, kerneltest.InOrder)
	}
	b.ReportMetric(5*4*size*float64(b.N)/b.Elapsed().Seconds()/1e9, "GB/s")
}

// BenchmarkSum adds arrays of 8 MB, as the gradients of a layer are.
func BenchmarkSum(b *testing.B) {
	const size = 2 << 20
	random := rand.New(rand.NewPCG(7, 8))
	program := Program{Size: size, Scalar: []bool{false, false}, Outputs: 1, Steps: []Step{{Add, 0, 1, 2}}}
	x, y, sum := kerneltest.Normal(random, size), kerneltest.Normal(random, size), make([]float32, size)
	for b.Loop() {
		program.Run([][]float32{sum}, [][]float32{x, y}, kerneltest.InOrder)
	}
	b.ReportMetric(3*4*size*float64(b.N)/b.Elapsed().Seconds()/1e9, "GB/s")
}
