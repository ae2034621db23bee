package goconv_test

import (
	"fmt"
	"log"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv"
	"github.com/gomlx/gomlx/core/graph"
)

// Programs that import the package get the same from GoMLX by its name, as in GOMLX_BACKEND=goconv.
func Example() {
	device, err := goconv.New("")
	if err != nil {
		log.Fatal(err)
	}
	defer device.Finalize()
	sum, err := graph.CallOnce(device, func(image, kernel *graph.Node) *graph.Node {
		return graph.Convolve(image, kernel).NoPadding().Done()
	}, [][][][]float32{{{{1}, {2}}, {{3}, {4}}}}, [][][][]float32{{{{1}}, {{1}}}, {{{1}}, {{1}}}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(sum.Value())
	// Output: [[[[10]]]]
}
