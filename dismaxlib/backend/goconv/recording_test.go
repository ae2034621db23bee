package goconv_test

import (
	"math/rand/v2"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/dismax-go/dismax/internal/cores"
)

func TestARecordingSplitsKernelsForItsCoresAndNamesThem(t *testing.T) {
	backend := open(t, "")
	random := rand.New(rand.NewPCG(1, 2))
	x := randomTensor(random, shapes.Make(dtypes.Float32, 2, 8, 8, 4)) // one group of images for the direct kernels
	w := randomTensor(random, shapes.Make(dtypes.Float32, 3, 3, 4, 64))
	exec, err := graph.NewExec(backend, func(x, w *graph.Node) *graph.Node {
		return graph.Convolve(x, w).PadSame().Done()
	})
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	want, err := exec.Call1(x, w)
	if err != nil {
		t.Fatal(err)
	}
	defer cores.Stop()
	for _, number := range []int{1, 2} {
		recording := cores.Start(number)
		got, err := exec.Call1(x, w)
		if err != nil {
			t.Fatal(err)
		}
		if !got.Equal(want) {
			t.Errorf("recorded for %d cores, the results are not those without a recording", number)
		}
		work := recording.Take()
		if len(work.Kernels) != 1 || work.Kernels[0].Name != "direct.(*Forward).Run[2 8 8 64]" {
			t.Fatalf("got %+v, want the kernel of the convolution", work)
		}
		sections := work.Kernels[0].Sections // the last is behind the packing of weights
		if tasks := len(sections[len(sections)-1]); tasks != number {
			t.Errorf("for %d cores: %d tasks, want as many", number, tasks)
		}
		if work.Delegated <= 0 {
			t.Errorf("for %d cores: the inner backend took %v, want something", number, work.Delegated)
		}
	}
}
