package models

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// ResNet is a residual network of basic blocks (He et al., arXiv 1512.03385) for 32x32 images: a 3x3 convolution to
// width channels, then one stage per entry of blocks, with that many blocks. Every stage after the first halves the
// image and doubles the channels; the shortcut is then a 1x1 convolution. The last batch normalization of every block
// starts at scale 0. Features: width * 2^(stages-1). It panics unless there is a stage, and the width and all blocks are
// positive.
//
// ResNet(64, 3, 4, 6, 3) is the paper's ResNet-34, ResNet(16, 3, 3, 3) the CIFAR ResNet-20.
func ResNet(width int, blocks ...int) Backbone {
	checkStages("ResNet", width, blocks)
	return func(scope *model.Scope, images *Node) *Node {
		x := convolution(scope.In("conv1"), images, width, 3, 1)
		x = relu(batchNorm(scope.In("bn1"), x).Done())
		return globalMean(residualStages(scope, x, "shortcut", true, width, blocks))
	}
}

// ImageNetResNet is a residual network of basic blocks for 224x224 images: a 7x7 convolution of stride 2 and a 3x3
// max-pool of stride 2 in front of the stages of [ResNet], and scales that start at 1. It panics where ResNet does.
//
// ImageNetResNet(64, 2, 2, 2, 2) is the paper's ResNet-18.
func ImageNetResNet(width int, blocks ...int) Backbone {
	checkStages("ImageNetResNet", width, blocks)
	return func(scope *model.Scope, images *Node) *Node {
		x := convolution(scope.In("conv1"), images, width, 7, 2)
		x = relu(batchNorm(scope.In("bn1"), x).Done())
		x = MaxPool(x).Window(3).Strides(2).PaddingPerDim([][2]int{{1, 1}, {1, 1}}).Done()
		return globalMean(residualStages(scope, x, "downsample", false, width, blocks))
	}
}

// residualStages names its scopes as the published networks do: layer1/0, layer1/1, …, layer2/0, …
func residualStages(scope *model.Scope, x *Node, shortcut string, zeroScale bool, width int, blocks []int) *Node {
	for stage, count := range blocks {
		stageScope := scope.In("layer%d", stage+1)
		for block := range count {
			stride := 1
			if stage > 0 && block == 0 {
				stride = 2
			}
			x = basicBlock(stageScope.In("%d", block), x, shortcut, zeroScale, width<<stage, stride)
		}
	}
	return x
}

// basicBlock computes relu(bn(conv(relu(bn(conv(x))))) + shortcut(x)).
func basicBlock(scope *model.Scope, x *Node, shortcut string, zeroScale bool, channels, stride int) *Node {
	y := convolution(scope.In("conv1"), x, channels, 3, stride)
	y = relu(batchNorm(scope.In("bn1"), y).Done())
	y = convolution(scope.In("conv2"), y, channels, 3, 1)
	last := batchNorm(scope.In("bn2"), y)
	if zeroScale {
		last.ZeroScale()
	}
	y = last.Done()
	if stride != 1 || x.Shape().Dim(-1) != channels {
		scope = scope.In("%s", shortcut)
		x = batchNorm(scope.In("1"), convolution(scope.In("0"), x, channels, 1, stride)).Done()
	}
	return relu(Add(y, x))
}
