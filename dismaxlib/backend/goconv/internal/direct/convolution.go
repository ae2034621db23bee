package direct

// Convolution describes a convolution of images x, [Batch, Size..., In], with a kernel of Taps... × In × Out:
//
//	y[batch, position, out] = Σ over tap, in of x'[batch, Stride·position + Dilation·tap - Pad, in] · w[tap, in, out]
//
// where x' is x with InputDilation-1 zeros between its elements and zeros around them. Everything is row-major. There
// are always two spatial axes; a 1-D convolution has 1 for everything of the first.
type Convolution struct {
	Batch, In, Out int
	Axes           [2]Spatial // rows, columns

	// KernelStart is where the kernel's memory has the first tap, input and output channel, and KernelStrides are the
	// steps to the next along the two axes of taps, the input channels and the output channels, in floats. They may be
	// negative: the taps of a kernel run backwards in the gradient of the input.
	KernelStart   int
	KernelStrides [4]int
}

// Spatial is one axis of a convolution.
type Spatial struct {
	Size, Taps, Positions int // of the input, the kernel and the output
	Stride, Dilation, Pad int // Pad counts the zeros in front; those behind follow from Positions
	InputDilation         int
}

// Supported reports whether the package computes this convolution forward. An input dilation, which is what the gradient
// of the input of a strided convolution has, goes with neither stride nor dilation.
func (c *Convolution) Supported() bool {
	if !Available() {
		return false
	}
	for _, axis := range c.Axes {
		if axis.InputDilation > 1 && (axis.Stride > 1 || axis.Dilation > 1) {
			return false
		}
	}
	return true
}

// imageLen and resultLen are the number of floats in an image of x and of y.
func (c *Convolution) imageLen() int  { return c.Axes[0].Size * c.Axes[1].Size * c.In }
func (c *Convolution) resultLen() int { return c.Axes[0].Positions * c.Axes[1].Positions * c.Out }

// phase is a set of output positions along one axis that use the same taps. Without input dilation there is one; with
// a dilation of d, every d-th position meets the same of the kernel's taps at elements of x, and zeros at the others.
type phase struct {
	first, step, count int // of the output positions
	taps, shifts       []int
	stride             int // output position first + i·step reads x at stride·i + shift
}

func (s *Spatial) phases() []phase {
	if s.InputDilation <= 1 {
		whole := phase{step: 1, count: s.Positions, stride: s.Stride}
		for tap := range s.Taps {
			whole.taps = append(whole.taps, tap)
			whole.shifts = append(whole.shifts, s.Dilation*tap-s.Pad)
		}
		return []phase{whole}
	}
	d := s.InputDilation
	var phases []phase
	for first := range min(d, s.Positions) {
		p := phase{first: first, step: d, count: (s.Positions-first-1)/d + 1, stride: 1}
		for tap := range s.Taps {
			if at := first + tap - s.Pad; floorMod(at, d) == 0 {
				p.taps = append(p.taps, tap)
				p.shifts = append(p.shifts, floorDiv(at, d))
			}
		}
		phases = append(phases, p)
	}
	return phases
}

// reach is the range of input positions, [low, high), that the phases read: it contains all of x, and the zeros that
// are needed around it.
func (s *Spatial) reach(phases []phase) (low, high int) {
	low, high = 0, s.Size
	for _, p := range phases {
		for _, shift := range p.shifts {
			low = min(low, shift)
			high = max(high, p.stride*(p.count-1)+shift+1)
		}
	}
	return low, high
}

func floorMod(a, b int) int { return ((a % b) + b) % b }
func floorDiv(a, b int) int { return (a - floorMod(a, b)) / b }
