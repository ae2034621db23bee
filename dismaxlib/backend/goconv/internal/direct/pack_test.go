package direct

import (
	"slices"
	"testing"
)

func TestPanelsReachBeyondTheChannelsAsLittleAsCanBe(t *testing.T) {
	defer func(detected *kernelSet) { kernels = detected }(kernels)
	for _, test := range []struct {
		channels     int
		avx2, avx512 []int // widths
	}{
		{1, []int{16}, []int{16}},
		{12, []int{16}, []int{16}},
		{20, []int{24}, []int{32}},
		{32, []int{16, 16}, []int{32}},
		{40, []int{24, 16}, []int{32, 16}},
		{48, []int{24, 24}, []int{32, 16}},
		{60, []int{24, 24, 16}, []int{32, 32}},
		{80, []int{24, 24, 16, 16}, []int{32, 32, 16}},
	} {
		for panels, want := range map[[2]int][]int{{16, 24}: test.avx2, {16, 32}: test.avx512} {
			kernels = &kernelSet{panels: panels}
			var got []int
			next := 0
			for _, panel := range newPanels(test.channels) {
				if panel.First != next || panel.Valid != min(panel.Width, test.channels-panel.First) {
					t.Errorf("%d channels in panels of %v: got a panel %+v, want it to begin at %d", test.channels, panels, panel, next)
				}
				got, next = append(got, panel.Width), next+panel.Width
			}
			if !slices.Equal(got, want) {
				t.Errorf("%d channels in panels of %v: got widths %v, want %v", test.channels, panels, got, want)
			}
		}
	}
}
