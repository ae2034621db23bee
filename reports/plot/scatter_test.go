package plot

import (
	"math"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/reports/internal/check"
)

func TestScatterNamesItsCloudsAndCurves(t *testing.T) {
	plot, err := Scatter(Chart{Title: "a & b", X: Axis{Label: "max"}, Y: Axis{Label: "mean"}},
		[]Cloud{{Name: "known", Points: []Point{{1, 2}, {math.NaN(), 3}}}, {Name: "unknown", Points: []Point{{3, 4}}, Small: true}},
		[]Arrow{{Point{1, 2}, Point{3, 4}}, {Point{1, 2}, Point{1, 2}}},
		Curve{Name: "level", X: []float64{0, 4}, Y: []float64{4, 0}, Reference: true})
	check.Holds(t, check.SVG(t, plot, err), ">a &amp; b<", ">known<", ">unknown<", ">level<", ">max<", ">mean<")
}

// Outlines have strokes where marks are filled.
func TestHollowPointsAreOutlines(t *testing.T) {
	strokes := func(clouds ...Cloud) int {
		plot, err := Scatter(Chart{}, clouds, nil)
		return strings.Count(check.SVG(t, plot, err), "stroke-width:")
	}
	filled := strokes(Cloud{Points: []Point{{1, 2}, {3, 4}}})
	if got := strokes(Cloud{Points: []Point{{1, 2}}, Hollow: []Point{{3, 4}}}); got <= filled {
		t.Errorf("a hollow point makes %d strokes where filled ones alone make %d", got, filled)
	}
	strokes(Cloud{Hollow: []Point{{1, 2}}}) // they are enough for a plot
}

func TestScatterWithoutAPointIsRefused(t *testing.T) {
	_, err := Scatter(Chart{}, []Cloud{{Name: "x", Points: []Point{{math.Inf(1), 0}}}}, nil)
	check.Error(t, err, "no point")
}

func TestStripsShowEveryRowAndTheLine(t *testing.T) {
	plot, err := Strips(Chart{Title: "AUROC", X: Axis{Label: "area", Share: true, Lines: []float64{0.75}, LinesName: "floor"}},
		Strip{Name: "SoftMax", Values: []float64{0.7, 0.71}},
		Strip{Name: "paper", Values: []float64{0.9}, Hollow: true, Lower: 0.88, Upper: 0.92},
		Strip{Name: "none yet"})
	check.Holds(t, check.SVG(t, plot, err), ">SoftMax<", ">paper<", ">none yet<", ">floor<")
}

func TestStripsRefuseWhatTheyCannotShow(t *testing.T) {
	_, err := Strips(Chart{}, Strip{Name: "empty"})
	check.Error(t, err, "no value")
	_, err = Strips(Chart{}, Strip{Name: "bad", Values: []float64{math.NaN()}})
	check.Error(t, err, `"bad"`)
}

func TestAltTellsWhatIsDrawn(t *testing.T) {
	chart := Chart{Title: "Accuracy", X: Axis{Label: "epoch", Lines: []float64{2}, LinesName: "drop"}, Y: Axis{Label: "share"}}
	must := func(p *Plot, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return p.Alt()
	}
	curve := Curve{Name: "SoftMax", X: []float64{1, 2}, Y: []float64{0, 1}}
	counts := Histogram{Name: "in", Counts: []int{1, 3}}
	for _, test := range []struct{ got, want string }{
		{must(Curves(chart, curve)), "Accuracy. Horizontal axis: epoch. Vertical axis: share. Shown: SoftMax; drop."},
		{must(Histograms(chart, []float64{0, 1, 2}, counts)), "Accuracy. Horizontal axis: epoch. Vertical axis: share. Shown: in; drop."},
		{must(Scatter(chart, []Cloud{{Name: "runs", Points: []Point{{1, 1}}}}, nil)), "Accuracy. Horizontal axis: epoch. Vertical axis: share. Shown: runs; drop."},
		{must(Strips(chart, Strip{Name: "seed 1", Values: []float64{1}})), "Accuracy. Horizontal axis: epoch. Rows: seed 1. Shown: drop."},
		{must(Intervals(chart, Interval{"seed 1", 1, 0, 4})), "Accuracy. Horizontal axis: epoch. Rows: seed 1: 1.0 (0.0 to 4.0)."},
		{must(Dots(chart, "a", "b", DotGroup{"x", []DotRow{{"one", []float64{1}, nil}}})), "Accuracy. Horizontal axis: epoch. Rows: x, one. Shown: a; b."},
		{must((&Plane{Title: "Plane", Axes: [2]string{"u", "v"}}).Plot()), "Plane. Horizontal axis: u. Vertical axis: v."},
		{must(Reliability("Bins", "", Neutral, ReliabilityBin{0, 1, 2, 0.5, 0.5})),
			"Bins. Horizontal axis: largest probability. Vertical axis: accuracy. Shown: accuracy; gap to confidence; perfect."},
	} {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
}

func TestAltTellsWhatAllPartsShow(t *testing.T) {
	row := &Plot{parts: []*Plot{{Title: "left", Subtitle: "one seed"}, {Title: "right"}}}
	if got, want := row.Alt(), "left. one seed. right."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
