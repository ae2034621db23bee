package goconv_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
)

// convolve is a 3x3 convolution of x, [batch, height, width, 2], by a constant kernel.
func convolve(x *graph.Node) *graph.Node {
	kernel := graph.AddScalar(graph.IotaFull(x.Graph(), graphShape(3, 3, 2, 2)), -10)
	return graph.Convolve(x, graph.MulScalar(kernel, 1./20)).PadSame().Done()
}

// TestComputationsCutAtConvolutionsAgreeWithWholeOnes runs computations that are awkward to cut.
func TestComputationsCutAtConvolutionsAgreeWithWholeOnes(t *testing.T) {
	tests := map[string]func(x *graph.Node) []*graph.Node{
		"one convolution": func(x *graph.Node) []*graph.Node { return []*graph.Node{convolve(x)} },
		"convolutions of convolutions": func(x *graph.Node) []*graph.Node {
			return []*graph.Node{convolve(convolve(convolve(x)))}
		},
		"an input is an output, twice": func(x *graph.Node) []*graph.Node {
			return []*graph.Node{x, convolve(x), x}
		},
		"a convolution is an output, twice": func(x *graph.Node) []*graph.Node {
			y := convolve(x)
			return []*graph.Node{y, graph.Sin(y), y}
		},
		"a constant is an output": func(x *graph.Node) []*graph.Node {
			return []*graph.Node{convolve(x), graph.Ones(x.Graph(), graphShape(2, 3))}
		},
		"a convolution of constants": func(x *graph.Node) []*graph.Node {
			constant := graph.IotaFull(x.Graph(), x.Shape())
			return []*graph.Node{graph.Add(convolve(constant), x)}
		},
		"a value used early and late": func(x *graph.Node) []*graph.Node {
			early := graph.Exp(x)
			y := convolve(graph.Tanh(convolve(early)))
			return []*graph.Node{graph.Add(y, early), graph.Mul(early, x)}
		},
		"a convolution that nothing uses": func(x *graph.Node) []*graph.Node {
			convolve(graph.Sin(x))
			return []*graph.Node{graph.Add(convolve(x), x)}
		},
		"a result with several outputs across a cut": func(x *graph.Node) []*graph.Node {
			y, mean, variance := graph.InternalBatchNormForTraining(convolve(x), graph.Ones(x.Graph(), graphShape(2)),
				graph.Zeros(x.Graph(), graphShape(2)), 1e-3, -1)
			return []*graph.Node{convolve(y), mean, variance, graph.Sqrt(variance)}
		},
		"two normalizations of one operand": func(x *graph.Node) []*graph.Node {
			ones, zeros := graph.Ones(x.Graph(), graphShape(2)), graph.Zeros(x.Graph(), graphShape(2))
			y := convolve(x)
			a, mean, _ := graph.InternalBatchNormForTraining(y, ones, zeros, 1e-3, -1)
			b, sameMean, variance := graph.InternalBatchNormForTraining(y, graph.MulScalar(ones, 2), zeros, 1e-3, -1)
			return []*graph.Node{convolve(graph.Add(a, b)), mean, sameMean, variance}
		},
		"a gradient that is a part of the normalization's": func(x *graph.Node) []*graph.Node {
			ones, zeros := graph.Ones(x.Graph(), graphShape(2)), graph.Zeros(x.Graph(), graphShape(2))
			bias := graph.MulScalar(graph.ReduceMean(x, 0, 1, 2), 0.5)
			y, _, _ := graph.InternalBatchNormForTraining(convolve(x), ones, zeros, 1e-3, -1)
			biased := graph.Add(y, graph.ExpandLeftToRank(bias, 4))
			return graph.Gradient(weightedLoss(biased), bias, x, ones, zeros)
		},
		"a sort, which keeps it whole": func(x *graph.Node) []*graph.Node {
			return []*graph.Node{graph.Sort(convolve(x), 1, true)}
		},
	}
	random := rand.New(rand.NewPCG(11, 12))
	cut, whole := open(t, ""), open(t, "im2col")
	for name, fn := range tests {
		t.Run(name, func(t *testing.T) {
			onOperands := func(operands []*graph.Node) []*graph.Node { return fn(operands[0]) }
			x := randomTensor(random, graphShape(2, 5, 6, 2))
			got, want := call(t, cut, onOperands, x), call(t, whole, onOperands, x)
			for i := range want {
				if e := relativeError(got[i], want[i]); e > 1e-5 {
					t.Errorf("output %d is off by %.2g relative", i, e)
				}
			}
		})
	}
}

func TestDonatedInputsAreTakenAndOthersAreKept(t *testing.T) {
	backend := open(t, "")
	exec, err := graph.NewExec(backend, func(x, y *graph.Node) []*graph.Node {
		return []*graph.Node{graph.Add(convolve(graph.Add(convolve(x), y)), x)}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	random := rand.New(rand.NewPCG(13, 14))
	x, y := randomTensor(random, graphShape(2, 5, 6, 2)), randomTensor(random, graphShape(2, 5, 6, 2))
	kept := float64s(y)
	var first []float64
	for round := range 5 {
		clone, err := x.LocalClone()
		if err != nil {
			t.Fatal(err)
		}
		donated, err := graph.DonateTensorBuffer(clone, backend, 0)
		if err != nil {
			t.Fatal(err)
		}
		outputs, err := exec.Call(donated, y)
		if err != nil {
			t.Fatal(err)
		}
		got := float64s(outputs[0])
		if first == nil {
			first = got
		}
		if relativeError(got, first) != 0 {
			t.Fatalf("round %d gives other results than the first", round)
		}
		if relativeError(float64s(y), kept) != 0 {
			t.Fatalf("round %d changed an input that was not donated", round)
		}
	}
}

func TestEqualRunsGiveEqualBits(t *testing.T) {
	random := rand.New(rand.NewPCG(15, 16))
	x := randomTensor(random, graphShape(9, 12, 12, 2))
	fn := func(operands []*graph.Node) []*graph.Node {
		loss := graph.ReduceAllSum(graph.Square(convolve(graph.Tanh(convolve(operands[0])))))
		return graph.Gradient(loss, operands[0])
	}
	var want []float64
	for _, options := range []string{"", "", "parallelism=1", "ops_sequential"} {
		got := call(t, open(t, options), fn, x)[0]
		if want == nil {
			want = got
		}
		for i := range want {
			if math.Float64bits(got[i]) != math.Float64bits(want[i]) {
				t.Fatalf("options %q: element %d is %v, before it was %v", options, i, got[i], want[i])
			}
		}
	}
}

func TestManyGoroutinesExecuteOneComputation(t *testing.T) {
	backend := open(t, "")
	random := rand.New(rand.NewPCG(17, 18))
	x := randomTensor(random, graphShape(3, 8, 8, 2))
	exec, err := graph.NewExec(backend, func(x *graph.Node) []*graph.Node {
		return []*graph.Node{graph.Sin(convolve(graph.Tanh(convolve(x))))}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	run := func() ([]float64, error) {
		clone, err := x.LocalClone()
		if err != nil {
			return nil, err
		}
		outputs, err := exec.Call(clone)
		if err != nil {
			return nil, err
		}
		return float64s(outputs[0]), nil
	}
	want, err := run()
	if err != nil {
		t.Fatal(err)
	}
	problems := make(chan string, 8)
	for range cap(problems) {
		go func() {
			for range 20 {
				got, err := run()
				if err != nil {
					problems <- err.Error()
					return
				}
				if relativeError(got, want) != 0 {
					problems <- "a goroutine got other results"
					return
				}
			}
			problems <- ""
		}()
	}
	for range cap(problems) {
		if problem := <-problems; problem != "" {
			t.Error(problem)
		}
	}
}
