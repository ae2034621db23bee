package plot

import (
	"image/color"
	"math"
	"slices"
	"testing"

	"github.com/dismax-go/dismax/reports/internal/check"
)

// fiveDots is a plane with a point for each of two classes, one unknown point and a prototype.
func fiveDots() *Plane {
	return &Plane{Title: "Features", Axes: [2]string{"feature 1", "feature 2"},
		Points: [][]float64{{1, 2}, {-3, 0}, {0, 1}}, Labels: []int32{0, 1, Unknown}, Classes: []string{"cat", "dog"},
		Prototypes: [][]float64{{0, 0}, {2, 2}}, Circle: true}
}

func TestPlaneNamesWhatItShows(t *testing.T) {
	plot, err := fiveDots().Plot()
	check.Holds(t, check.SVG(t, plot, err), ">Features<", ">feature 1<", ">feature 2<", ">cat<", ">dog<", ">unknown<",
		">prototype<")
}

func TestPlaneSeesAllPointsUnlessToldOtherwise(t *testing.T) {
	plane := fiveDots()
	plane.Points = append(plane.Points, []float64{math.Inf(1), math.NaN()})
	plane.Labels = append(plane.Labels, 0)
	// The farthest coordinate is 3, and the last cell is half a cell from the edge.
	if got, want := slices.MaxFunc(plane.Grid(), byFirst)[0], 3*1.08*(1-1.0/planeCells); math.Abs(got-want) > 1e-12 {
		t.Errorf("the grid ends at %g, want %g", got, want)
	}
	plot, err := plane.Plot()
	check.SVG(t, plot, err)
	plane.Half = 1
	if got, want := plane.Grid()[0][0], -(1 - 1.0/planeCells); math.Abs(got-want) > 1e-12 {
		t.Errorf("the grid begins at %g, want %g", got, want)
	}
	if got := (&Plane{}).half(); got != 1 {
		t.Errorf("half of an empty plane: got %g, want 1", got)
	}
}

func byFirst(a, b []float64) int {
	if a[0] < b[0] {
		return -1
	}
	return 1
}

func TestPlaneRegionsLieWhereTheirGridPointsAre(t *testing.T) {
	plane := &Plane{Title: "Regions", Half: 2}
	for _, at := range plane.Grid() {
		class := int32(0) // blue at the lower left
		if at[0] > 0 && at[1] > 0 {
			class = 1 // vermilion at the upper right
		}
		plane.Regions = append(plane.Regions, class)
	}
	plot, err := plane.Plot()
	check.SVG(t, plot, err)
	picture := check.PNG(t, plot)
	size := picture.Bounds().Size()
	for _, test := range []struct {
		x, y  float64
		isRed bool
	}{{0.8, 0.25, true}, {0.3, 0.25, false}, {0.8, 0.7, false}, {0.3, 0.7, false}} {
		c := color.RGBAModel.Convert(picture.At(int(test.x*float64(size.X)), int(test.y*float64(size.Y)))).(color.RGBA)
		if got := c.R > c.B; got != test.isRed {
			t.Errorf("at (%g, %g) of the picture: %v, want red: %v", test.x, test.y, c, test.isRed)
		}
	}
}

func TestPlaneScoresHaveAKeyAndAThreshold(t *testing.T) {
	plane := &Plane{Title: "Scores", Half: 1, ScoreName: "MPS", Threshold: new(float64)}
	for _, at := range plane.Grid() {
		plane.Scores = append(plane.Scores, at[0]/(1-1.0/planeCells))
	}
	plot, err := plane.Plot()
	check.Holds(t, check.SVG(t, plot, err), ">MPS from -1.00 to 1.00<", ">threshold<", "<image ")
	for i := range plane.Scores {
		plane.Scores[i] = 0.5
	}
	plot, err = plane.Plot()
	check.Holds(t, check.SVG(t, plot, err), ">MPS from 0.50 to 0.50<")
}

func TestHeatGoesFromDarkToLight(t *testing.T) {
	last := -1
	for i := range 21 {
		c := heat(float64(i), 0, 20)
		if light := 3*int(c.R) + 6*int(c.G) + int(c.B); light <= last {
			t.Errorf("value %d of 20 is not lighter than the one before: %v", i, c)
		} else {
			last = light
		}
	}
}

func TestPlaneRefusesWhatItCannotDraw(t *testing.T) {
	grid := len((&Plane{}).Grid())
	for want, plane := range map[string]*Plane{
		"half of its side is -1":            {Half: -1},
		"half of its side is +Inf":          {Half: math.Inf(1)},
		"3 regions: want one for each":      {Regions: make([]int32, 3)},
		"2 scores: want one for each":       {Scores: make([]float64, 2)},
		"choose one as the background":      {Regions: make([]int32, grid), Scores: make([]float64, grid)},
		"a threshold needs scores":          {Threshold: new(float64)},
		"a score is not finite":             {Scores: append(make([]float64, grid-1), math.NaN())},
		"0 labels for 1 points":             {Points: [][]float64{{1, 2}}},
		"point 1 has 3 coordinates, want 2": {Prototypes: [][]float64{{1, 2}, {1, 2, 3}}},
	} {
		_, err := plane.Plot()
		check.Error(t, err, want)
	}
}

func TestAThresholdThatManyScoresHaveIsDrawn(t *testing.T) {
	threshold := 0.05
	p := Plane{Half: 4, Threshold: &threshold, ScoreName: "share"}
	for _, at := range p.Grid() {
		hill := math.Sin(3*at[0]+math.Cos(at[1])) * math.Cos(2*at[1]-at[0])
		p.Scores = append(p.Scores, math.Floor(max(0, 60*hill))/400)
	}
	plot, err := p.Plot()
	if err != nil {
		t.Fatal(err)
	}
	check.PNG(t, plot)
}
