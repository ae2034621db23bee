package reports

import (
	"math"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/reports/internal/check"
	"github.com/dismax-go/dismax/reports/internal/fixture"
)

func TestTrainingCurvesShareAColourAcrossSeeds(t *testing.T) {
	plot, err := TrainingCurves(fixture.New("dismax", 1), fixture.New("dismax", 2), fixture.New("softmax", 1))
	svg := check.SVG(t, plot, err)
	check.Holds(t, svg, ">Training loss<", ">CIFAR-10, ResNet-34: mean loss of each epoch<", ">SoftMax<",
		">DisMax, 2 seeds<", ">rate divided by 10<", ">epoch<", ">60<", "#0072B2", "#D55E00")
}

func TestTrainingCurvesOfSeveralModelsHaveDashes(t *testing.T) {
	small := changed("dismax", 1, func(r *record.Record) {
		resNet20(r)
		r.Spec.LearningRateDrops = nil
	})
	plot, err := TrainingCurves(small, fixture.New("dismax", 1))
	svg := check.SVG(t, plot, err)
	check.Holds(t, svg, ">DisMax, ResNet-20<", ">DisMax, ResNet-34<", "stroke-dasharray:6,3", ">CIFAR-10: mean loss")
	if strings.Contains(svg, "rate divided") {
		t.Error("runs with different schedules have marks of a shared one")
	}
}

func TestTrainingCurvesDrawShortAndBrokenRuns(t *testing.T) {
	for name, losses := range map[string][]float64{
		"one epoch": {2}, "not finite": {2, math.NaN(), 1, math.Inf(1)}, "nothing finite": {math.NaN()}, "zero": {0, 0},
		"negative": {-1, -2}, "the largest": {1, math.MaxFloat64}, "nothing drawn": {math.MaxFloat64},
	} {
		t.Run(name, func(t *testing.T) {
			r := changed("dismax", 1, func(r *record.Record) {
				r.Epochs = nil
				for _, loss := range losses {
					r.Epochs = append(r.Epochs, record.Epoch{Loss: loss})
				}
			})
			plot, err := TrainingCurves(r)
			check.SVG(t, plot, err)
		})
	}
}

func TestTrainingCurvesOfDifferentDataSetsSayNothingOfOne(t *testing.T) {
	other := changed("dismax", 1, trainedOn("svhn", "SVHN"))
	plot, err := TrainingCurves(fixture.New("dismax", 1), other)
	check.SVG(t, plot, err)
	if plot.Subtitle != "" {
		t.Errorf("got subtitle %q, want none", plot.Subtitle)
	}
}

func TestTrainingCurvesShowTheHeldOutImagesWhereRecordsHaveThem(t *testing.T) {
	with := fixture.New("dismax", 1)
	without := changed("softmax", 1, func(r *record.Record) {
		for i := range r.Epochs {
			r.Epochs[i].Validation = nil
		}
	})
	row, err := TrainingCurves(with, without)
	svg := check.SVG(t, row, err)
	check.Holds(t, svg, ">Training loss<", ">Validation loss<", ">Validation accuracy<", `viewBox="0 0 870 290"`, ">80%<")
	if got := strings.Count(svg, ">SoftMax<"); got != 1 {
		t.Errorf("SoftMax stands in %d legends, want that of the training loss only", got)
	}
	alone, err := TrainingCurves(without)
	if svg := check.SVG(t, alone, err); strings.Contains(svg, "Validation") {
		t.Error("a record without held-out images has plots of them")
	}
}

func TestTrainingCurvesShowWhatWasMeasuredOnTheWay(t *testing.T) {
	r := changed("dismax", 1, func(r *record.Record) {
		for i := range r.Epochs {
			r.Epochs[i].Diagnostic = &record.Diagnostic{Detections: []record.DiagnosticDetection{
				{Set: "svhn", Score: "MMLES", AUROC: 0.5 + float64(i)/1000}, {Set: "svhn", Score: "MPS", AUROC: 0},
			}}
		}
	})
	row, err := TrainingCurves(r)
	check.Holds(t, check.SVG(t, row, err), ">Detection<", ">AUROC<", ">50%<")
}

func TestTrainingCurvesNeedAnEpoch(t *testing.T) {
	_, err := TrainingCurves(changed("dismax", 1, func(r *record.Record) { r.Epochs = nil }), nil)
	check.Error(t, err, "no record holds an epoch")
}
