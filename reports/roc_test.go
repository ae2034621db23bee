package reports

import (
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/reports/internal/check"
	"github.com/dismax-go/dismax/reports/internal/fixture"
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
