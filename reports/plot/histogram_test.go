package plot

import (
	"math"
	"testing"

	"github.com/dismax-go/dismax/reports/internal/check"
)

func TestHistogramsShowShares(t *testing.T) {
	p, err := Histograms(Chart{Title: "Scores", X: Axis{Label: "score"}, Y: Axis{Label: "share"}}, []float64{0, 1, 2, 3},
		Histogram{Name: "known", Counts: []int{0, 1, 1}}, Histogram{Name: "unknown", Counts: []int{4, 0, 0}, Colour: Neutral})
	check.Holds(t, check.SVG(t, p, err), ">Scores<", ">score<", ">share<", ">known<", ">unknown<", ">100%<",
		"#0072B2", "#8A939E")
}

func TestHistogramsRefuseWhatTheyCannotShow(t *testing.T) {
	one := Histogram{Name: "mine", Counts: []int{1}}
	for want, test := range map[string]struct {
		edges      []float64
		histograms []Histogram
	}{
		"0 edges make no bin":           {nil, []Histogram{{}}},
		"there are none":                {[]float64{0, 1}, nil},
		`"mine" has 1 counts for 2`:     {[]float64{0, 1, 2}, []Histogram{one}},
		`"none" counts nothing`:         {[]float64{0, 1}, []Histogram{{Name: "none", Counts: []int{0}}}},
		"edge 1 is 0":                   {[]float64{0, 0}, []Histogram{one}},
		"edge 1 is +Inf":                {[]float64{0, math.Inf(1)}, []Histogram{one}},
		"edge 0 is NaN":                 {[]float64{math.NaN(), 1}, []Histogram{one}},
		"edge 1 is 1e+301":              {[]float64{0, 1e301}, []Histogram{one}},
		`"mine" holds -1 values in bin`: {[]float64{0, 1, 2}, []Histogram{{Name: "mine", Counts: []int{3, -1}}}},
	} {
		_, err := Histograms(Chart{}, test.edges, test.histograms...)
		check.Error(t, err, want)
	}
}

func TestHistogramsJoinBinsOfFewValues(t *testing.T) {
	edges, in, out := []float64{0}, Histogram{}, Histogram{}
	for i := range 60 {
		edges = append(edges, float64(i+1))
		in.Counts, out.Counts = append(in.Counts, 2), append(out.Counts, 3)
	}
	// 2 * 120^(1/3) is 9.9: the fewest bins that divide 60 and are no fewer are 10.
	gotEdges, got := coarser(edges, []Histogram{in, out})
	if len(got[0].Counts) != 10 || len(gotEdges) != 11 || gotEdges[1] != 6 || got[0].Counts[9] != 12 ||
		got[1].Counts[0] != 18 {
		t.Errorf("got %v and %v, want 10 bins of 12 and 18 values", gotEdges, got)
	}
	for i := range in.Counts {
		in.Counts[i], out.Counts[i] = 2000, 2000
	}
	if _, got := coarser(edges, []Histogram{in, out}); len(got[0].Counts) != 60 {
		t.Errorf("many values: got %d bins, want all 60", len(got[0].Counts))
	}
}

func TestHistogramsNameTheLineOfAThreshold(t *testing.T) {
	plot, err := Histograms(Chart{X: Axis{Label: "score", Lines: []float64{1}, LinesName: "threshold"}}, []float64{0, 1, 2},
		Histogram{Name: "known", Counts: []int{1, 3}})
	check.Holds(t, check.SVG(t, plot, err), ">threshold<", ">known<")
}
