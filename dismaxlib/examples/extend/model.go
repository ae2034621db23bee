package main

import (
	"github.com/dismax-go/dismax/models"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/layers/activation"
	"github.com/gomlx/gomlx/ml/model"
)

func init() {
	models.Register(&models.Model{
		Name: "two-layers", Title: "Two convolutions", ImageSize: 32, Features: 32, Backbone: twoLayers,
	})
}

// twoLayers maps normalized images [batch, height, width, 3] to features [batch, 32].
func twoLayers(scope *model.Scope, x *Node) *Node {
	for i, channels := range []int{16, 32} {
		x = layers.Convolution(scope.In("layer%d", i), x).Channels(channels).KernelSize(3).PadSame().Done()
		x = MaxPool(activation.Relu(x)).Window(2).Done()
	}
	return ReduceMean(x, 1, 2)
}
