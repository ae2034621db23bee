package reports

import (
	"math"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/reports/internal/check"
	"github.com/dismax-go/dismax/reports/internal/fixture"
)

func TestScoreHistogramShowsTheScoreOfTheLossByDefault(t *testing.T) {
	plot, err := ScoreHistogram(fixture.New("softmax", 1), "svhn", "")
	check.Holds(t, check.SVG(t, plot, err), ">SoftMax: MPS on CIFAR-10 and SVHN<", ">in: CIFAR-10, ", ">out: SVHN, ",
		">AUROC ")
	plot, err = ScoreHistogram(fixture.New("softmax", 1), "svhn", "ES")
	check.Holds(t, check.SVG(t, plot, err), ">SoftMax: ES on CIFAR-10 and SVHN<")
	other := changed("my-loss", 1, func(r *record.Record) {
		r.OutOfDistribution = fixture.New("isomax", 1).OutOfDistribution
		r.Loss.Scores = []string{"ES"}
	})
	plot, err = ScoreHistogram(other, "svhn", "")
	check.Holds(t, check.SVG(t, plot, err), ">my-loss: ES on")
}

func TestScoreHistogramHasALineAtTheThresholdOf95Percent(t *testing.T) {
	plot, err := ScoreHistogram(fixture.New("softmax", 1), "svhn", "")
	check.Holds(t, check.SVG(t, plot, err), ">95% of the in-distribution images lie to the right, to a bin&#39;s width<", "stroke-dasharray:3,3")
	for name, test := range map[string]struct {
		in   []int
		want []float64
	}{
		"within a bin":   {[]int{0, 10, 90, 0}, []float64{1.5}},
		"at an edge":     {[]int{5, 15, 0, 80}, []float64{1}},
		"in the first":   {[]int{100, 0, 0, 0}, []float64{0.05}},
		"nothing":        {[]int{0, 0, 0, 0}, nil},
		"lengths differ": {[]int{1, 1, 1}, nil},
	} {
		got := threshold95(record.Histogram{Edges: []float64{0, 1, 2, 3, 4}, In: test.in})
		if len(got) != len(test.want) || len(got) > 0 && math.Abs(got[0]-test.want[0]) > 1e-12 {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}

func TestScoreHistogramNamesWhatTheRecordHolds(t *testing.T) {
	_, err := ScoreHistogram(fixture.New("dismax", 1), "lsun", "")
	check.Error(t, err, `"lsun"`, "tinyimagenet, svhn")
	_, err = ScoreHistogram(fixture.New("dismax", 1), "svhn", "ES")
	check.Error(t, err, `"ES"`, "MMLES, MPS")
	_, err = ScoreHistogram(changed("dismax", 1, func(r *record.Record) { r.OutOfDistribution = nil }), "svhn", "")
	check.Error(t, err, "it has none")
	noScores := changed("dismax", 1, func(r *record.Record) { r.OutOfDistribution[1].Scores = nil })
	_, err = ScoreHistogram(noScores, "svhn", "")
	check.Error(t, err, `"MMLES"`, "it has none")
}

func TestScoreHistogramRefusesBrokenHistograms(t *testing.T) {
	for name, histogram := range map[string]record.Histogram{
		"empty":          {},
		"no counts":      {Edges: []float64{0, 1}, In: []int{0}, Out: []int{1}},
		"lengths differ": {Edges: []float64{0, 1, 2}, In: []int{1}, Out: []int{1, 1}},
		"not finite":     {Edges: []float64{0, math.Inf(1)}, In: []int{1}, Out: []int{1}},
		"not growing":    {Edges: []float64{0, 0}, In: []int{1}, Out: []int{1}},
	} {
		t.Run(name, func(t *testing.T) {
			r := changed("dismax", 1, func(r *record.Record) { r.OutOfDistribution[1].Scores[0].Histogram = histogram })
			_, err := ScoreHistogram(r, "svhn", "")
			check.Error(t, err, "no histogram of MMLES on svhn")
		})
	}
}

func TestTextsStayInsideThePlot(t *testing.T) {
	long := strings.Repeat("very long name ", 20)
	plot, err := ScoreHistogram(changed(long, 1, func(r *record.Record) {
		r.OutOfDistribution, r.Loss.Scores = fixture.New("dismax", 1).OutOfDistribution, []string{"MMLES"}
		r.OutOfDistribution[1].Set.Name, r.OutOfDistribution[1].Set.Title = long, ""
	}), long, "")
	svg := check.SVG(t, plot, err)
	check.Holds(t, svg, "very long na", "…<")
	if strings.Contains(svg, long) {
		t.Error("the whole of a long name is drawn")
	}
}

func TestPlotEscapesNames(t *testing.T) {
	plot, err := TrainingCurves(fixture.New(strange, 1))
	check.Holds(t, check.SVG(t, plot, err), "a|b_c*&lt;i&gt;&amp;")
}
