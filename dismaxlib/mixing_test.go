package dismaxlib_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/tests/testkit"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

var imageSizes = [][4]int{
	{1, 4, 4, 3}, {2, 4, 4, 3}, {3, 2, 2, 1}, {4, 5, 4, 2}, {5, 4, 7, 1}, {8, 9, 3, 3}, {9, 32, 32, 3},
}

// mixed returns the pixels of a batch of distinct pixels 0, 1, 2, … after MixQuadrants.
func mixed(t *testing.T, size [4]int) []float64 {
	t.Helper()
	output, err := CallOnce(testkit.Backend(t), func(g *Graph) *Node {
		return dismaxlib.MixQuadrants(IotaFull(g, shapes.Make(dtypes.Float64, size[:]...)))
	})
	if err != nil {
		t.Fatal(err)
	}
	return numbers(output)
}

func TestMixingPermutesPixelsAndLosesNone(t *testing.T) {
	for _, size := range imageSizes {
		pixels := mixed(t, size)
		slices.Sort(pixels)
		for i, pixel := range pixels {
			if pixel != float64(i) {
				t.Fatalf("size %v: got %g in place %d of the sorted pixels, want %d", size, pixel, i, i)
			}
		}
	}
}

func TestMixingTakesImagesOfAnyDType(t *testing.T) {
	want := mixed(t, [4]int{5, 4, 3, 3}) // 180 pixels
	for _, dtype := range []dtypes.DType{dtypes.Uint8, dtypes.BFloat16, dtypes.Float32} {
		output, err := CallOnce(testkit.Backend(t), func(g *Graph) *Node {
			images := ConvertDType(IotaFull(g, shapes.Make(dtypes.Float64, 5, 4, 3, 3)), dtype)
			return ConvertDType(dismaxlib.MixQuadrants(images), dtypes.Float64)
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := numbers(output); !slices.Equal(got, want) {
			t.Errorf("%s: got pixels %v, want %v", dtype, got, want)
		}
	}
}

func TestMixedQuadrantsComeFromTheirPredecessors(t *testing.T) {
	for _, size := range imageSizes {
		batch, height, width, channels := size[0], size[1], size[2], size[3]
		got, at, plain := mixed(t, size), 0, batch/2
		for image := range batch {
			for row := range height {
				for column := range width {
					back := 0
					if row >= height/2 {
						back++
					}
					if column >= width/2 {
						back += 2
					}
					source := image
					if image >= plain {
						source = plain + (image-plain+3*(batch-plain)-back)%(batch-plain)
					}
					for channel := range channels {
						want := float64(((source*height+row)*width+column)*channels + channel)
						if got[at] != want {
							t.Fatalf("size %v: image %d, row %d, column %d: got pixel %g, want %g",
								size, image, row, column, got[at], want)
						}
						at++
					}
				}
			}
		}
	}
}

func TestMixingRefusesWhatHasNoQuadrants(t *testing.T) {
	for _, size := range [][]int{{4, 1, 8, 3}, {4, 8, 1, 3}, {4, 8, 8}, {4}} {
		_, err := CallOnce(testkit.Backend(t), func(g *Graph) *Node {
			return dismaxlib.MixQuadrants(Zeros(g, shapes.Make(dtypes.Float32, size...)))
		})
		if err == nil || !strings.Contains(err.Error(), "at least 2x2") {
			t.Errorf("images %v: got error %v, want one about 2x2 pixels", size, err)
		}
	}
}

func TestOnlyTrainingImagesOfFPRAreMixed(t *testing.T) {
	for _, loss := range allLosses(t) {
		for _, training := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s_training_%t", loss.Name, training), func(t *testing.T) {
				images := tensors.FromShape(shapes.Make(dtypes.Float32, 8, 2, 2, 1))
				tensors.MustMutableFlatData(images, func(flat []float32) {
					for i := range flat {
						flat[i] = float32(i)
					}
				})
				output, err := model.CallOnce(testkit.Backend(t), model.NewStore(),
					func(scope *model.Scope, images *Node) *Node {
						scope.SetTraining(images.Graph(), training)
						return loss.Images(scope, images)
					}, images)
				if err != nil {
					t.Fatal(err)
				}
				got := !slices.IsSorted(numbers(output))
				if want := training && loss.Name == "dismax-fpr"; got != want {
					t.Errorf("images mixed: got %t, want %t", got, want)
				}
			})
		}
	}
}
