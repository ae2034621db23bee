package models

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// Normalize maps uint8 images [batch, height, width, 3] to what a [Backbone] takes: (pixel/255 - mean) / std for each
// colour, float32.
func Normalize(images *Node, mean, std [3]float32) *Node {
	// The constants fill a row of pixels, since the Go backend is slow at rows of three numbers.
	width := images.Shape().Dim(2)
	perColour := func(values [3]float32) *Node {
		return Reshape(Const(images.Graph(), slices.Repeat(values[:], width)), 1, 1, width, 3)
	}
	pixels := DivScalar(ConvertDType(images, dtypes.Float32), 255)
	return Div(Sub(pixels, perColour(mean)), perColour(std))
}
