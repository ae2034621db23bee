package models

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// DenseNetBC is a densely connected network with bottlenecks and compression 1/2 (Huang et al., arXiv 1608.06993) for
// 32x32 images: three dense blocks of (depth-4)/6 layers, each adding growth channels to its input. It panics unless the
// depth is 6n+4, from 10, and the growth positive.
//
// DenseNetBC(100, 12) is the paper's DenseNet-BC-100, with 342 features.
func DenseNetBC(depth, growth int) Backbone {
	checkDepth("DenseNetBC", depth)
	checkPositive("DenseNetBC", "growth", growth)
	layersPerBlock := (depth - 4) / 6
	return func(scope *model.Scope, images *Node) *Node {
		x := convolution(scope.In("conv1"), images, 2*growth, 3, 1)
		for block := 1; block <= 3; block++ {
			blockScope := scope.In("block%d", block).In("layer")
			for layer := range layersPerBlock {
				x = denseLayer(blockScope.In("%d", layer), x, growth)
			}
			if block < 3 {
				x = denseTransition(scope.In("trans%d", block), x)
			}
		}
		return globalMean(relu(batchNorm(scope.In("bn1"), x).Done()))
	}
}

// denseLayer appends growth new channels, made through a bottleneck of 4*growth, to the channels of x.
func denseLayer(scope *model.Scope, x *Node, growth int) *Node {
	y := relu(batchNorm(scope.In("bn1"), x).Done())
	y = convolution(scope.In("conv1"), y, 4*growth, 1, 1)
	y = relu(batchNorm(scope.In("bn2"), y).Done())
	y = convolution(scope.In("conv2"), y, growth, 3, 1)
	return Concatenate([]*Node{x, y}, -1)
}

// denseTransition halves the channels and the image.
func denseTransition(scope *model.Scope, x *Node) *Node {
	y := relu(batchNorm(scope.In("bn1"), x).Done())
	y = convolution(scope.In("conv1"), y, x.Shape().Dim(-1)/2, 1, 1)
	return MeanPool(y).Window(2).Strides(2).NoPadding().Done()
}
