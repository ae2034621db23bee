package initial_test

import (
	"math"
	"slices"
	"testing"

	"github.com/dismax-go/dismax/internal/initial"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

func seeded(t *testing.T, seed int64) *model.Store {
	t.Helper()
	store := model.NewStore()
	if err := store.SetRNGStateFromSeed(seed); err != nil {
		t.Fatal(err)
	}
	return store
}

// graphOf returns a graph on a backend whose memory the host can write to.
func graphOf(t *testing.T) *graph.Graph {
	t.Helper()
	backend, err := gobackend.New("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(backend.Finalize)
	return graph.NewGraph(backend, t.Name())
}

func normal(g *graph.Graph, store *model.Store, path string, shape shapes.Shape) []float32 {
	return tensors.MustCopyFlatData[float32](initial.Normal(g, store.RootScope().At("%s", path), "weights", shape, 2).MustValue())
}

func TestAVariableDependsOnItsSeedAndItsPathAlone(t *testing.T) {
	g := graphOf(t)
	shape := shapes.Make(dtypes.Float32, 3, 4)
	store := seeded(t, 1)
	first, second := normal(g, store, "a", shape), normal(g, store, "b", shape)
	other := seeded(t, 1)
	if got := normal(g, other, "b", shape); !slices.Equal(got, second) {
		t.Errorf("created first: got %v, want what it is when created second, %v", got, second)
	}
	if slices.Equal(first, second) || slices.Equal(normal(g, seeded(t, 2), "a", shape), first) {
		t.Error("two paths or two seeds gave the same values")
	}
	if got := normal(g, store, "a", shape); !slices.Equal(got, first) {
		t.Errorf("the variable that is there: got %v, want %v", got, first)
	}
}

func TestThePublishedStream(t *testing.T) {
	g := graphOf(t)
	got := normal(g, seeded(t, 1), "a", shapes.Make(dtypes.Float32, 3))
	if want := []float32{1.9697046, -2.5213225, 1.4654382}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v: networks of earlier versions would not come again", got, want)
	}
}

func TestTheMomentsAreThoseAskedFor(t *testing.T) {
	g := graphOf(t)
	shape := shapes.Make(dtypes.Float64, 100_000)
	for name, test := range map[string]struct {
		variable *model.Variable
		std      float64
	}{
		"normal":  {initial.Normal(g, seeded(t, 3).RootScope(), "x", shape, 2), 2},
		"uniform": {initial.Uniform(g, seeded(t, 3).RootScope(), "x", shape, -1, 1), 1 / math.Sqrt(3)},
	} {
		sum, squares := 0.0, 0.0
		values := tensors.MustCopyFlatData[float64](test.variable.MustValue())
		for _, value := range values {
			sum, squares = sum+value, squares+value*value
		}
		n := float64(len(values))
		if mean, std := sum/n, math.Sqrt(squares/n); math.Abs(mean) > 0.03 || math.Abs(std/test.std-1) > 0.01 {
			t.Errorf("%s: mean %g and deviation %g, want 0 and %g", name, mean, std, test.std)
		}
	}
}

func TestAStoreOfShapesHoldsNoValues(t *testing.T) {
	g := graphOf(t)
	store := seeded(t, 1)
	initial.ShapesOnly(store)
	if initial.Normal(g, store.RootScope(), "x", shapes.Make(dtypes.Float32, 3), 1).HasValue() {
		t.Error("values were drawn")
	}
}

func TestAConstantHasItsValueOnTheHostUnlessItIsThereAlready(t *testing.T) {
	g := graphOf(t)
	store := seeded(t, 1)
	constant := func(value float64) []float32 {
		variable := initial.Constant(g, store.RootScope().At("a"), "x", shapes.Make(dtypes.Float32, 2), value)
		return tensors.MustCopyFlatData[float32](variable.MustValue())
	}
	for _, value := range []float64{3, 4} {
		if got, want := constant(value), []float32{3, 3}; !slices.Equal(got, want) {
			t.Errorf("made with %g: got %v, want %v", value, got, want)
		}
	}
	if got := initial.ConstantAt(g, store, "/half", shapes.Make(dtypes.BFloat16, 2), 1); got.HasValue() {
		t.Error("a variable of bfloat16 has a value; want it left to the graph")
	}
}
