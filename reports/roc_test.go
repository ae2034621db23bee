package reports

import (
	"math"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/reports/internal/check"
	"github.com/dismax-go/dismax/reports/internal/fixture"
	"github.com/dismax-go/dismax/reports/plot"
)

func TestROCNamesTheAreaOfEachLoss(t *testing.T) {
	a := changed("softmax", 1, func(r *record.Record) { r.OutOfDistribution[1].Scores[0].AUROC = 0.9 })
	b := changed("dismax", 1, func(r *record.Record) { r.OutOfDistribution[1].Scores[0].AUROC = 0.95 })
	c := changed("dismax", 2, func(r *record.Record) { r.OutOfDistribution[1].Scores[0].AUROC = 0.97 })
	plot, err := ROC("svhn", "", a, b, c)
	check.Holds(t, check.SVG(t, plot, err), ">ROC: CIFAR-10 against SVHN<",
		">SoftMax, MPS: 90.0%<", ">DisMax, MMLES: 96.0 ± 1.4%<")
}

func TestROCLeavesOutRecordsWithoutTheSet(t *testing.T) {
	without := changed("softmax", 1, func(r *record.Record) { r.OutOfDistribution = r.OutOfDistribution[:1] })
	half := changed("dismax", 2, func(r *record.Record) { r.OutOfDistribution[1].Scores[0].ROC = nil })
	plot, err := ROC("svhn", "", without, half, fixture.New("dismax", 1))
	svg := check.SVG(t, plot, err)
	if strings.Contains(svg, "SoftMax") {
		t.Error("SoftMax has no results on SVHN but stands in the legend")
	}
	_, err = ROC("svhn", "", without)
	check.Error(t, err, "ROC: ", `no out-of-distribution set "svhn"`)
	_, err = ROC("svhn", "", half)
	check.Error(t, err, "no ROC curve of MMLES on svhn")
	_, err = ROC("svhn", "")
	check.Error(t, err, "ROC: no records")
}

func TestROCOfSeveralDataSetsNamesThem(t *testing.T) {
	other := changed("dismax", 1, trainedOn("cifar100", "CIFAR-100"))
	plot, err := ROC("svhn", "", fixture.New("dismax", 1), other)
	check.Holds(t, check.SVG(t, plot, err), ">ROC: CIFAR-10, CIFAR-100 against SVHN<")
}

func TestROCOfAReportHasEveryScoreThatGoesWithALoss(t *testing.T) {
	softmax := func(seed int64) *record.Record {
		return changed("softmax", seed, func(r *record.Record) { r.Loss.Scores = []string{"MPS", "ES"} })
	}
	all := sections([]*record.Record{softmax(1), softmax(2), fixture.New("dismax", 1), fixture.New("isomaxplus", 1)})[0]
	plot, err := all.rocOfScores("svhn")
	svg := check.SVG(t, plot, err)
	check.Holds(t, svg, ">ROC: CIFAR-10 against SVHN<", ", lines: mean of the seeds<", ">SoftMax, MPS: ", ">SoftMax, ES: ", ">DisMax, MMLES: ",
		">DisMax, MPS: ", ">IsoMax+, MDS: ", "stroke:#D55E00;stroke-width:1.8;stroke-dasharray:6,3", "stroke:#0072B2;stroke-width:1.8;stroke-dasharray:6,3")
	several := sections([]*record.Record{softmax(1), changed("softmax", 1, resNet20)})[0]
	plot, err = several.rocOfScores("svhn")
	if svg := check.SVG(t, plot, err); strings.Contains(svg, "SoftMax, ES") {
		t.Error("scores and models share the dashes")
	}
}

func TestMeanOfROCCurves(t *testing.T) {
	at := func(x, y float64) plot.Curve { return plot.Curve{X: []float64{0, x, 1}, Y: []float64{0, y, 1}} }
	got := meanCurve([]plot.Curve{at(0, 0.4), at(0.5, 0.9)})
	for i, x := range got.X {
		want := map[float64]float64{0.5: 0.8, 1: 1, 0.25: (0.55 + 0.45) / 2}[x]
		if want > 0 && math.Abs(got.Y[i]-want) > 1e-12 {
			t.Errorf("at %g: got %g, want %g", x, got.Y[i], want)
		}
	}
	if got.Y[0] != 0 || math.Abs(got.Y[1]-0.2) > 1e-12 {
		t.Errorf("at 0: got %g to %g, want 0 to 0.2", got.Y[0], got.Y[1])
	}
}
