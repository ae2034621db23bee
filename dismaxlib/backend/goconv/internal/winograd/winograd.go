package winograd

import "github.com/dismax-go/dismax/dismaxlib/backend/goconv/internal/direct"

// From so many input channels (for the gradient of the kernel, output channels too) and tiles in the batch, the package is
// faster than the direct kernels; doc.go has the measurements.
const (
	leastChannels      = 32
	leastForwardTiles  = 32
	leastGradientTiles = 16
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
func PaysForward(c direct.Convolution) bool {
	return Supported(c) && c.In >= leastChannels && fills(c, leastForwardTiles)
}

// PaysKernelGradient reports the same of the gradient of the kernel.
func PaysKernelGradient(c direct.Convolution) bool {
	return Supported(c) && min(c.In, c.Out) >= leastChannels && fills(c, leastGradientTiles) &&
		c.KernelStrides[3] == 1
}

// fills reports whether the results fill so many tiles, with at most 5/8 of the multiplications of the direct kernels:
// tiles may reach beyond the results.
func fills(c direct.Convolution, tiles int) bool {
	t := newTiling(c)
	results := c.Axes[0].Positions * c.Axes[1].Positions
	return t.count() >= tiles && 8*planes*t.rows*t.columns <= 5*9*results
}
