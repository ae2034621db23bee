package network_test

import (
	"context"
	"fmt"
	"log"

	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// A network by its names, with initial weights, looks at two black images. Training gives it better ones.
func Example() {
	device, _, err := backend.Open("goconv")
	check(err)
	n, err := network.Description{Model: "resnet8", Loss: "dismax", ClassNames: []string{"cat", "dog", "owl"},
		Height: 32, Width: 32, Mean: []float32{0.5, 0.5, 0.5}, Std: []float32{0.25, 0.25, 0.25}}.Network()
	check(err)
	weights, images := model.NewStore(), make([]uint8, 2*n.PixelBytes())
	_, err = model.CallOnce(device, weights, n.Logits, tensors.FromFlatDataAndDimensions(images, 2, 32, 32, 3))
	check(err)

	outputs, err := n.Predict(context.Background(), device, weights, images)
	check(err)
	fmt.Println(outputs.Logits.Shape(), network.Parameters(weights), "parameters")
	// Output: (Float32)[2, 3] 77585 parameters
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
