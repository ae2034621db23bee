package models

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// Normalize maps images [batch, height, width, channels], uint8 or float with pixel values from 0 to 255, to what a
// [Backbone] takes, float32: (pixel/255 - mean) / std for each channel. The mean and the standard deviation, one number
// for each of the 1 or 3 channels, are of pixel values from 0 to 1. Like all graph-building code it panics on errors.
func Normalize(images *Node, mean, std []float32) *Node {
	if images.Rank() != 4 {
		panic(fmt.Errorf("models.Normalize: images of shape %s: [batch, height, width, channels] is expected",
			images.Shape()))
	}
	width, channels := images.Shape().Dim(2), images.Shape().Dim(3)
	if channels != 1 && channels != 3 || len(mean) != channels || len(std) != channels {
		panic(fmt.Errorf("models.Normalize: %d means and %d deviations for images of shape %s: one of each is needed "+
			"for each of 1 or 3 channels", len(mean), len(std), images.Shape()))
	}
	// The constants fill a row of pixels, since the Go backend is slow at rows of three numbers.
	perChannel := func(values []float32) *Node {
		return Reshape(Const(images.Graph(), slices.Repeat(values, width)), 1, 1, width, channels)
	}
	pixels := DivScalar(ConvertDType(images, dtypes.Float32), 255)
	return Div(Sub(pixels, perChannel(mean)), perChannel(std))
}
