package grid_test

import (
	"fmt"
	"log"

	"github.com/dismax-go/dismax/dismaxlib/experiment/grid"
)

func Example() {
	g, err := grid.Open("table2-cifar10")
	if err != nil {
		log.Fatal(err)
	}
	scale, err := grid.ScaleByName("cpu")
	if err != nil {
		log.Fatal(err)
	}
	runs, err := g.Runs(scale)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(runs[0].Spec.Dataset, len(runs) > 1)
	// Output: cifar10 true
}
