package plot

import (
	"image/color"
	"testing"

	"github.com/dismax-go/dismax/reports/internal/check"
)

func TestImageGridShowsImagesInOrder(t *testing.T) {
	red, green, blue := []uint8{255, 0, 0}, []uint8{0, 255, 0}, []uint8{0, 0, 255}
	var pixels []uint8
	for _, colour := range [][]uint8{red, green, blue} {
		for range 4 * 4 {
			pixels = append(pixels, colour...)
		}
	}
	plot, err := ImageGrid(pixels, 3, 4, 4, 2, []string{"red & round", "green"})
	check.Holds(t, check.SVG(t, plot, err), ">red &amp; round<", ">green<", "<image ")
	picture := check.PNG(t, plot)
	// Two columns of 192 dots with gaps of 16, rows of 192 dots with 40 for the caption and gaps of 16.
	if got := picture.Bounds().Size(); got.X != 16+2*208 || got.Y != 16+2*248 {
		t.Errorf("got %v dots, want 432 by 512", got)
	}
	for _, test := range []struct {
		x, y int
		want color.RGBA
	}{
		{100, 100, color.RGBA{255, 0, 0, 255}}, {320, 100, color.RGBA{0, 255, 0, 255}},
		{100, 350, color.RGBA{0, 0, 255, 255}}, {320, 350, color.RGBA{255, 255, 255, 255}},
	} {
		if got := color.RGBAModel.Convert(picture.At(test.x, test.y)); got != test.want {
			t.Errorf("at (%d, %d): got %v, want %v", test.x, test.y, got, test.want)
		}
	}
}

func TestImageGridKeepsTheShapeOfImages(t *testing.T) {
	plot, err := ImageGrid(make([]uint8, 8*16*3), 1, 8, 16, 5, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := check.PNG(t, plot).Bounds().Size(); got.X != 16+208 || got.Y != 16+96+16 {
		t.Errorf("got %v dots, want 224 by 128", got)
	}
}

func TestCaptionsOfSeveralLinesStandBelowEachOther(t *testing.T) {
	plot, err := ImageGrid(make([]uint8, 2*4*4*3), 2, 4, 4, 2, []string{"a cat\ncat 90%\nright", "a dog"})
	check.Holds(t, check.SVG(t, plot, err), ">a cat<", ">cat 90%<", ">right<", ">a dog<")
	if got := check.PNG(t, plot).Bounds().Size(); got.X != 16+2*208 || got.Y != 16+192+3*40+16 {
		t.Errorf("got %v dots, want 432 by 344", got)
	}
}

func TestImageGridRefusesWrongSizes(t *testing.T) {
	_, err := ImageGrid(make([]uint8, 11), 1, 2, 2, 1, nil)
	check.Error(t, err, "11 values are too few", "need 12")
	for _, sizes := range [][4]int{{0, 2, 2, 1}, {1, 0, 2, 1}, {1, 2, -1, 1}, {1, 2, 2, 0}} {
		_, err := ImageGrid(make([]uint8, 100), sizes[0], sizes[1], sizes[2], sizes[3], nil)
		check.Error(t, err, "at least 1")
	}
}
