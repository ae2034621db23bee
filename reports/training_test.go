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
	check.Holds(t, svg, ">Training loss<", ">CIFAR-10, ResNet-34: mean loss of each epoch<", ">SoftMax<", ">DisMax, 2 seeds<",
		">rate divided by 10<", ">epoch<", ">60<", "#0072B2", "#D55E00")
}

func TestTrainingCurvesOfSeveralModelsHaveDashes(t *testing.T) {
	small := changed("dismax", 1, func(r *record.Record) { r.Spec.Model, r.Spec.LearningRateDrops = "resnet20", nil })
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
		"negative": {-1, -2},
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
	other := changed("dismax", 1, func(r *record.Record) { r.Spec.Dataset = "svhn" })
	plot, err := TrainingCurves(fixture.New("dismax", 1), other)
	check.SVG(t, plot, err)
	if plot.Subtitle != "" {
		t.Errorf("got subtitle %q, want none", plot.Subtitle)
	}
}

func TestTrainingCurvesNeedAnEpoch(t *testing.T) {
	_, err := TrainingCurves(changed("dismax", 1, func(r *record.Record) { r.Epochs = nil }), nil)
	check.Error(t, err, "no record holds an epoch")
}
