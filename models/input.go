package models

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// Normalize maps uint8 images [batch, height, width, 3] to what a [Backbone] takes: (pixel/255 - mean) / std for each
// colour, float32.
func Normalize(images *Node, mean, std [3]float32) *Node {
	perColour := func(values [3]float32) *Node { return Reshape(Const(images.Graph(), values[:]), 1, 1, 1, 3) }
	pixels := DivScalar(ConvertDType(images, dtypes.Float32), 255)
	return Div(Sub(pixels, perColour(mean)), perColour(std))
}
