package winograd

import "github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/direct"

// The smallest numbers of input and output channels, and of tiles in the batch, from which the package is faster than
// the direct kernels; doc.go has the measurements.
const (
	forwardChannels  = 48
	gradientChannels = 32
	leastTiles       = 32
)

// Supported reports whether the package computes this convolution: 3x3 taps of stride 1, without dilations, with any
// padding.
func Supported(c direct.Convolution) bool {
	for _, axis := range c.Axes {
		if axis.Taps != 3 || axis.Stride != 1 || axis.Dilation != 1 || axis.InputDilation > 1 || axis.Positions < 1 {
			return false
		}
	}
	return direct.Available()
}

// PaysForward reports whether the package computes the convolution, and faster than the direct kernels.
func PaysForward(c direct.Convolution) bool { return pays(c, forwardChannels) }

// PaysKernelGradient reports the same of the gradient of the kernel.
func PaysKernelGradient(c direct.Convolution) bool {
	return pays(c, gradientChannels) && c.KernelStrides[3] == 1
}

func pays(c direct.Convolution, channels int) bool {
	if !vectors || !Supported(c) || min(c.In, c.Out) < channels {
		return false
	}
	tiles := newTiling(c)
	positions := c.Axes[0].Positions * c.Axes[1].Positions
	// Tiles that reach beyond the results must not take up what is gained.
	return tiles.count() >= leastTiles && 8*planes*tiles.rows*tiles.columns <= 5*9*positions
}
