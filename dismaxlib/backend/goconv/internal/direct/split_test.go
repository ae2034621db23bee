package direct

import "testing"

// The widths of panels are those of AVX2 and of AVX-512, whatever this processor has: nothing is computed.
func TestForwardSharesImagesOutEvenly(t *testing.T) {
	defer func(detected *kernelSet) { kernels = detected }(kernels)
	for _, panels := range [][2]int{{16, 24}, {16, 32}} {
		kernels = &kernelSet{panels: panels}
		checkSplits(t)
	}
}

func checkSplits(t *testing.T) {
	t.Helper()
	for _, test := range []struct {
		batch, size, in, out   int
		workers, groups, parts int
	}{
		{32, 32, 16, 16, 1, 5, 1},
		{32, 32, 16, 16, 2, 6, 1},
		{32, 32, 16, 16, 8, 8, 1},
		{32, 32, 16, 16, 16, 16, 1},
		{3, 32, 99, 64, 2, 3, 2},    // an image is a group
		{3, 32, 16, 16, 16, 3, 1},   // there are no more images, and one panel
		{16, 4, 64, 384, 4, 1, 4},   // one group of images
		{16, 4, 64, 128, 16, 16, 1}, // more workers than panels
		{4, 4, 64, 128, 16, 4, 4},
		{16, 4, 512, 512, 2, 4, 1},
		{16, 4, 512, 512, 8, 3, 8}, // channels come out even
		{16, 4, 512, 48, 2, 4, 1},  // channels do not
	} {
		axis := Spatial{Size: test.size, Taps: 3, Positions: test.size, Stride: 1, Dilation: 1, Pad: 1, InputDilation: 1}
		f := NewForward(Convolution{Batch: test.batch, In: test.in, Out: test.out, Axes: [2]Spatial{axis, axis},
			KernelStrides: [4]int{3 * test.in * test.out, test.in * test.out, test.out, 1}})
		if groups, parts := f.split(test.workers); groups != test.groups || parts != test.parts {
			t.Errorf("%d images of %d for %d workers: got %d groups and %d parts, want %d and %d (panels %v)", test.batch,
				test.size, test.workers, groups, parts, test.groups, test.parts, kernels.panels)
		}
	}
}
