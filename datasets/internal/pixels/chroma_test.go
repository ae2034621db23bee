package pixels

import (
	"image"
	"slices"
	"testing"

	"github.com/dismax-go/dismax/datasets/internal/fixture"
)

func TestColourDifferencesAreInterpolatedAsByLibjpeg(t *testing.T) {
	// Two by two values stored, for four by four pixels.
	stored := []uint8{0, 160, 80, 240}
	for y, want := range [][]uint8{
		{0, 40, 120, 160},
		{20, 60, 140, 180},
		{60, 100, 180, 220},
		{80, 120, 200, 240},
	} {
		got := make([]uint8, 4)
		interpolateRow(got, stored, 2, y, 2, libjpeg)
		if !slices.Equal(got, want) {
			t.Errorf("row %d is %v, want %v", y, got, want)
		}
	}
	odd := make([]uint8, 3)
	interpolateRow(odd, stored, 2, 0, 1, libjpeg)
	if want := []uint8{0, 40, 120}; !slices.Equal(odd, want) {
		t.Errorf("a picture of 3 by 1 pixels has %v, want %v", odd, want)
	}
}

func TestPicturesOfOddSizeAreRead(t *testing.T) {
	for _, size := range []image.Point{{1, 1}, {1, 2}, {2, 1}, {3, 5}, {17, 33}} {
		to := make([]uint8, size.X*size.Y*3)
		target := Target{Height: size.Y, Width: size.X, Exact: true}
		if _, err := target.Decode(to, fixture.JPEG(size.X, size.Y, 200, 30)); err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(to); i += 3 {
			if red, green := int(to[i]), int(to[i+1]); red < 196 || red > 204 || green < 26 || green > 34 {
				t.Errorf("%v: pixel %d is %v, want about 200, 30, 100", size, i/3, to[i:i+3])
			}
		}
	}
}
