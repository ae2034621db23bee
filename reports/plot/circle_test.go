package plot

import (
	"image/color"
	"math"
	"testing"

	"github.com/dismax-go/dismax/reports/internal/check"
)

func TestCircleDirectionsAreUnitVectorsInOrder(t *testing.T) {
	directions := new(Circle).Directions()
	degrees := Degrees(directions)
	for i, at := range directions {
		if got := math.Hypot(at[0], at[1]); math.Abs(got-1) > 1e-12 {
			t.Errorf("direction %d has length %g, want 1", i, got)
		}
		if want := float64(i) / 2; math.Abs(degrees[i]-want) > 1e-9 {
			t.Errorf("direction %d: got %g degrees, want %g", i, degrees[i], want)
		}
	}
}

func TestDegreesIgnoreLength(t *testing.T) {
	for _, test := range []struct{ x, y, want float64 }{{5, 0, 0}, {0, 0.1, 90}, {-3, 0, 180}, {1, -1, 315}, {0, 0, 0}} {
		if got := Degrees([][]float64{{test.x, test.y}})[0]; math.Abs(got-test.want) > 1e-9 {
			t.Errorf("(%g, %g): got %g degrees, want %g", test.x, test.y, got, test.want)
		}
	}
}

func TestCircleCountsPointsByDirection(t *testing.T) {
	c := Circle{Points: [][]float64{{1, 0.01}, {9, 0.1}, {0.01, 1}, {-1, 0.01}, {0, 0}, {math.NaN(), 1}},
		Labels: []int32{0, 0, 1, Unknown, 0, 1}}
	known, unknown := c.histogram()
	for name, test := range map[string]struct{ got, want int }{
		"class 0 at 0 degrees":  {known[0][0], 2},
		"class 0 at 90 degrees": {known[0][circleBins/4], 0},
		"class 1 at 90 degrees": {known[1][circleBins/4], 1},
		"unknown below 180":     {unknown[Unknown][circleBins/2-1], 1},
	} {
		if test.got != test.want {
			t.Errorf("%s: got %d points, want %d", name, test.got, test.want)
		}
	}
}

func TestCirclePutsKnownPointsOutsideAndUnknownOnesInside(t *testing.T) {
	c := &Circle{Title: "Directions", Points: [][]float64{{2, 0.01}, {-3, 0.01}}, Labels: []int32{0, Unknown},
		Classes: []string{"cat"}, Prototypes: [][]float64{{0, 4}, {0, 0}}}
	c.Regions = make([]int32, len(c.Directions()))
	plot, err := c.Plot()
	check.Holds(t, check.SVG(t, plot, err), ">Directions<", ">cat<", ">unknown<", ">prototype<")
	picture := check.PNG(t, plot)
	var colours, greys []int // columns with a dark mark, beside the ring
	size := picture.Bounds().Size()
	for x := range size.X {
		for y := size.Y / 2; y < size.Y*3/4; y++ {
			switch color.RGBAModel.Convert(picture.At(x, y)).(color.RGBA) {
			case color.RGBA{0x00, 0x72, 0xB2, 0xFF}:
				colours = append(colours, x)
			case color.RGBA{0x8A, 0x93, 0x9E, 0xFF}:
				greys = append(greys, x)
			}
		}
	}
	if len(colours) == 0 || colours[0] < size.X*3/4 {
		t.Errorf("the known point at the right is not drawn to the right of the circle: columns %v", colours)
	}
	if len(greys) == 0 || greys[0] < size.X/5 || greys[len(greys)-1] > size.X/2 {
		t.Errorf("the unknown point at the left is not drawn within the circle: columns %v", greys)
	}
}

func TestCircleWithoutRegionsIsALine(t *testing.T) {
	plot, err := (&Circle{Title: "Empty"}).Plot()
	check.SVG(t, plot, err)
}

func TestCircleRefusesWhatItCannotDraw(t *testing.T) {
	for want, c := range map[string]*Circle{
		"3 regions: want one for each":      {Regions: make([]int32, 3)},
		"1 labels for 0 points":             {Labels: []int32{1}},
		"point 0 has 1 coordinates, want 2": {Points: [][]float64{{1}}, Labels: []int32{0}},
	} {
		_, err := c.Plot()
		check.Error(t, err, want)
	}
}
