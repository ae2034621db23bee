package models

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// wideResNetLastMomentum is the momentum of the final batch normalization in the published network: it follows the
// last batches nearly alone.
const wideResNetLastMomentum = 0.9

// WideResNet is a wide residual network (Zagoruyko and Komodakis, arXiv 1605.07146) for 32x32 images, without dropout:
// three stages of (depth-4)/6 pre-activated blocks with 16, 32 and 64 times widen channels. Its convolutions have
// biases. Features: 64 * widen. It panics unless the depth is 6n+4, from 10, and widen positive.
//
// WideResNet(28, 10) is the paper's WideResNet-28-10.
func WideResNet(depth, widen int) Backbone {
	checkDepth("WideResNet", depth)
	checkPositive("WideResNet", "widen", widen)
	blocks := (depth - 4) / 6
	return func(scope *model.Scope, images *Node) *Node {
		x := biasedConvolution(scope.In("conv1"), images, 16, 3, 1)
		for stage := range 3 {
			stageScope := scope.In("layer%d", stage+1)
			for block := range blocks {
				stride := 1
				if stage > 0 && block == 0 {
					stride = 2
				}
				x = wideBlock(stageScope.In("%d", block), x, 16*widen<<stage, stride)
			}
		}
		x = batchNorm(scope.In("bn1"), x).Momentum(wideResNetLastMomentum).Done()
		return globalMean(relu(x))
	}
}

// wideBlock computes conv(relu(bn(conv(relu(bn(x)))))) + shortcut(x), the stride in the second convolution.
func wideBlock(scope *model.Scope, x *Node, channels, stride int) *Node {
	y := relu(batchNorm(scope.In("bn1"), x).Done())
	y = biasedConvolution(scope.In("conv1"), y, channels, 3, 1)
	y = relu(batchNorm(scope.In("bn2"), y).Done())
	y = biasedConvolution(scope.In("conv2"), y, channels, 3, stride)
	if stride != 1 || x.Shape().Dim(-1) != channels {
		x = biasedConvolution(scope.In("shortcut").In("0"), x, channels, 1, stride)
	}
	return Add(y, x)
}
