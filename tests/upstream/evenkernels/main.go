// Command evenkernels shows that GoMLX's gradient of the input of a convolution is shifted by a pixel where the kernel
// has an even number of taps.
package main

import (
	"fmt"

	"github.com/gomlx/compute"
	_ "github.com/gomlx/compute/gobackend"
	"github.com/gomlx/gomlx/core/graph"
)

func main() {
	backend, err := compute.NewWithConfig("go")
	check(err)
	differentiate, err := graph.NewExec(backend, func(x, kernel *graph.Node) *graph.Node {
		y := graph.Convolve(x, kernel).NoPadding().Done() // y[i] = 1 x[i] + 10 x[i+1]
		first := graph.ReduceAllSum(graph.SliceAxis(y, 1, graph.AxisElem(0)))
		return graph.Reshape(graph.Gradient(first, x)[0], -1)
	})
	check(err)
	images, kernel := [][][]float32{{{1}, {2}, {3}, {4}}}, [][][]float32{{{1}}, {{10}}}
	gradient, err := differentiate.Call1(images, kernel)
	check(err)
	fmt.Printf("the gradient of y[0] = 1 x[0] + 10 x[1] is [1 10 0 0], GoMLX has %v\n", gradient.Value())
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
