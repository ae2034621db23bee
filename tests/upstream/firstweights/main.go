// Command firstweights shows that an evaluation graph on the go backend keeps the weights that it was compiled with.
package main

import (
	"fmt"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

func main() {
	backend, err := compute.NewWithConfig("go")
	check(err)
	store := model.NewStore()
	weight, err := store.CreateVariable("/w", tensors.FromScalar(float32(1)))
	check(err)
	evaluate, err := model.NewExec(backend, store, func(_ *model.Scope, g *graph.Graph) *graph.Node { return weight.NodeValue(g) })
	check(err)
	for _, value := range []float32{1, 2} {
		check(weight.SetValue(tensors.FromScalar(value)))
		result, err := evaluate.Call1()
		check(err)
		fmt.Printf("the weight is %g, the evaluation sees %v\n", value, result.Value())
	}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
