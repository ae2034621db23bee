package models_test

import (
	"testing"

	"github.com/dismax-go/dismax/models"
	"github.com/dismax-go/dismax/tests/testkit"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

func newNormalizer(t *testing.T) *Exec {
	t.Helper()
	exec, err := NewExec(testkit.Backend(t), func(images *Node) *Node {
		return models.Normalize(images, []float32{.5, .25, 0}, []float32{.25, .5, 1})
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(exec.Finalize)
	return exec
}

func TestNormalizeMapsEachColour(t *testing.T) {
	pixels := []uint8{0, 0, 0, 255, 255, 255, 51, 102, 153} // an image of 1x3 pixels
	output, err := newNormalizer(t).Call1(tensors.FromFlatDataAndDimensions(pixels, 1, 1, 3, 3))
	if err != nil {
		t.Fatal(err)
	}
	want := []float64{-2, -.5, 0, 2, 1.5, 1, -1.2, .3, .6}
	testkit.CheckClose(t, "pixels", values(t, output), want, 1e-6)
}

func TestNormalizeTakesGreyImagesAndFloatPixels(t *testing.T) {
	exec, err := NewExec(testkit.Backend(t), func(images *Node) *Node {
		return models.Normalize(images, []float32{.5}, []float32{.25})
	})
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	want := []float64{-2, 2, -1.2}
	for _, images := range []*tensors.Tensor{
		tensors.FromFlatDataAndDimensions([]uint8{0, 255, 51}, 1, 1, 3, 1),
		tensors.FromFlatDataAndDimensions([]float32{0, 255, 51}, 1, 1, 3, 1),
	} {
		output, err := exec.Call1(images)
		if err != nil {
			t.Fatal(err)
		}
		testkit.CheckClose(t, images.DType().String(), values(t, output), want, 1e-6)
	}
}

func TestNormalizeRefusesWhatDoesNotFitTheChannels(t *testing.T) {
	for _, test := range []struct {
		name      string
		mean, std []float32
		shape     []int
	}{
		{"one mean for three channels", []float32{.5}, []float32{.5, .5, .5}, []int{1, 1, 1, 3}},
		{"one deviation for three channels", []float32{.5, .5, .5}, []float32{.5}, []int{1, 1, 1, 3}},
		{"two channels", []float32{.5, .5}, []float32{.5, .5}, []int{1, 1, 1, 2}},
		{"no batch", []float32{.5, .5, .5}, []float32{.5, .5, .5}, []int{1, 1, 3}},
	} {
		t.Run(test.name, func(t *testing.T) {
			exec, err := NewExec(testkit.Backend(t), func(images *Node) *Node {
				return models.Normalize(images, test.mean, test.std)
			})
			if err != nil {
				t.Fatal(err)
			}
			defer exec.Finalize()
			if _, err := exec.Call1(tensors.FromShape(shapes.Make(dtypes.Uint8, test.shape...))); err == nil {
				t.Error("got no error, want one")
			}
		})
	}
}

// If it reads past the images, this test does not fail: the program ends, in about half of all attempts.
func TestNormalizeReadsNothingPastTheImages(t *testing.T) {
	normalizer := newNormalizer(t)
	images := tensors.FromShape(shapes.Make(dtypes.Uint8, 64, 32, 32, 3))
	var kept []*tensors.Tensor // so that every output ends where the memory ended before
	for range 60 {
		output, err := normalizer.Call1(images)
		if err != nil {
			t.Fatal(err)
		}
		kept = append(kept, output)
	}
	for _, output := range kept {
		output.FinalizeAll()
	}
}
