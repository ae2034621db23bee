package compilations_test

import (
	"testing"

	"github.com/dismax-go/dismax/internal/compilations"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

func TestEveryGraphAndEveryShapeCounts(t *testing.T) {
	inner, err := gobackend.New("")
	if err != nil {
		t.Fatal(err)
	}
	defer inner.Finalize()
	counting := compilations.Count(inner)
	store := model.NewStore()
	sum := store.RootScope().VariableWithValue("sum", float32(0))
	add, err := model.NewExec(counting, store, func(scope *model.Scope, x *graph.Node) *graph.Node {
		scope.SetTraining(x.Graph(), true) // else the go backend takes the variable for a constant
		sum.SetNodeValue(graph.Add(sum.NodeValue(x.Graph()), graph.ReduceAllSum(x)))
		return sum.NodeValue(x.Graph())
	})
	if err != nil {
		t.Fatal(err)
	}
	add.WithName("add")
	for _, test := range []struct {
		x      []float32
		want   float32
		graphs int
	}{{[]float32{1, 2}, 3, 1}, {[]float32{3, 4}, 10, 1}, {[]float32{5}, 15, 2}} {
		got, err := add.Call1(test.x)
		if err != nil {
			t.Fatal(err)
		}
		if value := got.Value(); value != test.want || len(counting.Graphs()) != test.graphs {
			t.Errorf("added %v: got %v and the graphs %v, want %v and %d graphs",
				test.x, value, counting.Graphs(), test.want, test.graphs)
		}
	}
	if first := counting.Graphs()[0]; first.Name != "add#1" || first.Took <= 0 {
		t.Errorf("the first graph is %+v, want add#1 and its time", first)
	}
}
