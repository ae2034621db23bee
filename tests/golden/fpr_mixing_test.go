package golden

import (
	"fmt"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/tests/testkit"
	. "github.com/gomlx/gomlx/core/graph"
)

// mixingCase is one entry of fpr_mixing.json, whose images are NCHW. Large cases give a rule instead of the images,
// and for each mixed image the images that its quadrants come from: top-left, top-right, bottom-left, bottom-right.
type mixingCase struct {
	Batch, Channels, Rows, Cols int
	Permutation                 []int
	Targets                     []int32
	MixedTargets                []int32 `json:"mixed_targets"`
	Images, Mixed               []float64
	Rule                        string
	SourceImageOfQuadrant       [][4]int `json:"source_image_of_quadrant"`
}

func TestGoldenFPRMixing(t *testing.T) {
	var file struct{ Cases []mixingCase }
	testkit.Golden(t, "fpr_mixing.json", &file)
	if len(file.Cases) == 0 {
		t.Fatal("fpr_mixing.json holds no cases")
	}
	for i, c := range file.Cases {
		t.Run(fmt.Sprintf("%d_%dx%dx%dx%d", i, c.Batch, c.Rows, c.Cols, c.Channels), func(t *testing.T) {
			for _, precision := range precisions {
				checkMixingCase(t, &c, precision.dtype.String(), func(images []float64) []float64 {
					input := tensorOf(images, precision.dtype, c.Batch, c.Rows, c.Cols, c.Channels)
					output, err := CallOnce(testkit.Backend(t), dismaxlib.MixQuadrants, input)
					if err != nil {
						t.Fatal(err)
					}
					return valuesOf(t, output)
				}, precision.tolerance)
			}
		})
	}
}

// checkMixingCase shuffles the images of a case, mixes them as NHWC and compares with the mixed images of the case.
func checkMixingCase(t *testing.T, c *mixingCase, what string, mix func([]float64) []float64, tolerance float64) {
	t.Helper()
	shuffled := make([]float64, c.Batch*c.Rows*c.Cols*c.Channels)
	want := make([]float64, len(shuffled))
	at := 0
	for n := range c.Batch {
		if got := c.Targets[c.Permutation[n]]; got != c.MixedTargets[n] {
			t.Errorf("target %d after the permutation: got %d, want %d", n, got, c.MixedTargets[n])
		}
		for row := range c.Rows {
			for col := range c.Cols {
				for channel := range c.Channels {
					shuffled[at] = c.pixel(t, c.Images, c.Permutation[n], channel, row, col)
					want[at] = c.mixedPixel(t, n, channel, row, col)
					at++
				}
			}
		}
	}
	testkit.CheckClose(t, "mixed images of "+what, mix(shuffled), want, tolerance)
}

// pixel reads NCHW images or, where the case gives no images, computes them by its rule.
func (c *mixingCase) pixel(t *testing.T, images []float64, image, channel, row, col int) float64 {
	t.Helper()
	if images != nil {
		return images[((image*c.Channels+channel)*c.Rows+row)*c.Cols+col]
	}
	if c.Rule != "images[n,c,r,q] = 1000*n + 10*c + (r*cols+q)/1024" {
		t.Fatalf("a case with neither images nor a rule that this test knows: %q", c.Rule)
	}
	return float64(1000*image+10*channel) + float64(row*c.Cols+col)/1024
}

func (c *mixingCase) mixedPixel(t *testing.T, image, channel, row, col int) float64 {
	t.Helper()
	if c.Mixed != nil {
		return c.pixel(t, c.Mixed, image, channel, row, col)
	}
	quadrant := 0
	if row >= c.Rows/2 {
		quadrant += 2
	}
	if col >= c.Cols/2 {
		quadrant++
	}
	return c.pixel(t, c.Images, c.SourceImageOfQuadrant[image][quadrant], channel, row, col)
}
