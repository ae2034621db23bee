package goconv_test

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/kerneltest"
)

// keeps is a convolution that keeps its weights: 3x3 of 32 channels.
func keeps(t *testing.T, backend compute.Backend) *graph.Exec {
	t.Helper()
	exec, err := graph.NewExec(backend, func(x, w *graph.Node) *graph.Node { return graph.Convolve(x, w).PadSame().Done() })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(exec.Finalize)
	return exec
}

// Variables are written to between calls, as by a training step between two evaluations, and also in place.
func TestConvolutionsSeeWeightsThatChangedSince(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 12))
	x, w := randomTensor(random, graphShape(2, 16, 16, 32)), randomTensor(random, graphShape(3, 3, 32, 32))
	kept, anew := keeps(t, open(t, "")), keeps(t, open(t, "weights=0"))
	x2, w2 := mustClone(t, x), mustClone(t, w)
	for call := range 9 {
		if call%3 == 2 { // so that some calls see the weights again, and some do not
			for _, weights := range []*tensors.Tensor{w, w2} {
				tensors.MustMutableFlatData(weights, func(flat []float32) { flat[call*1000] = float32(call) })
			}
		}
		got, want := float64s(kept.MustCall1(x, w)), float64s(anew.MustCall1(x2, w2))
		if !slices.Equal(got, want) {
			t.Errorf("call %d: results differ from those without weights that are kept", call)
		}
	}
}

func TestWeightsAreKeptWhereNothingTrains(t *testing.T) {
	kerneltest.NeedKernels(t)
	convolve := func(v []*graph.Node) *graph.Node { return graph.Convolve(v[0], v[1]).PadSame().Done() }
	energy := func(v []*graph.Node) *graph.Node { return graph.ReduceAllSum(graph.Square(convolve(v))) }
	for _, test := range []struct {
		name, options string
		computation   func(v []*graph.Node) []*graph.Node
		want          int
	}{
		{"inference", "", func(v []*graph.Node) []*graph.Node { return []*graph.Node{convolve(v)} }, 1},
		{"gradient of the input", "", func(v []*graph.Node) []*graph.Node { return graph.Gradient(energy(v), v[0]) }, 2},
		{"training", "", func(v []*graph.Node) []*graph.Node { return graph.Gradient(energy(v), v[1]) }, 0},
		{"no budget", "weights=0", func(v []*graph.Node) []*graph.Node { return []*graph.Node{convolve(v)} }, 0},
		{"no Winograd", "winograd=0", func(v []*graph.Node) []*graph.Node { return []*graph.Node{convolve(v)} }, 0},
	} {
		random := rand.New(rand.NewPCG(15, 16))
		backend := open(t, test.options)
		exec, err := graph.NewExec(backend, test.computation)
		if err != nil {
			t.Fatal(err)
		}
		x, w := randomTensor(random, graphShape(2, 16, 16, 32)), randomTensor(random, graphShape(3, 3, 32, 32))
		for range 3 {
			exec.MustCall(x, w)
		}
		if got := goconv.KeptWeights(backend); got != test.want {
			t.Errorf("%s: the weights of %d convolutions are kept, want %d", test.name, got, test.want)
		}
		exec.Finalize()
	}
}

// The same computation runs many times at once, with two kinds of weights.
func TestWeightsAreKeptForCallsAtTheSameTime(t *testing.T) {
	random := rand.New(rand.NewPCG(13, 14))
	backend := open(t, "")
	exec := keeps(t, backend)
	var callers sync.WaitGroup
	for range 2 {
		x, w := randomTensor(random, graphShape(2, 16, 16, 32)), randomTensor(random, graphShape(3, 3, 32, 32))
		want := float64s(exec.MustCall1(x, w))
		for range 2 {
			x, w := mustClone(t, x), mustClone(t, w)
			callers.Go(func() {
				for range 20 {
					y, err := exec.Call1(x, w)
					if err != nil {
						t.Error(err)
						return
					}
					if !slices.Equal(float64s(y), want) {
						t.Error("results differ from those of a call alone")
					}
				}
			})
		}
	}
	callers.Wait()
}

func mustClone(t *testing.T, tensor *tensors.Tensor) *tensors.Tensor {
	t.Helper()
	clone, err := tensor.LocalClone()
	if err != nil {
		t.Fatal(err)
	}
	return clone
}
