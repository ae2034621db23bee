package experiment

import (
	"slices"
	"testing"

	"github.com/dismax-go/dismax/datasets"
)

// Test sets may be in the order of their classes.
func TestFewImagesAreSpreadOverTheSet(t *testing.T) {
	images := &datasets.Images{Height: 1, Width: 1, Pixels: make([]uint8, 30), Labels: []int32{0, 0, 0, 0, 1, 1, 1, 2, 2, 2}}
	if got := spread(images, 5).Labels; !slices.Equal(got, []int32{0, 0, 1, 1, 2}) {
		t.Errorf("got the labels %v, want some of each class", got)
	}
	if got := spread(images, 10); got != images {
		t.Error("all images are copied")
	}
}
