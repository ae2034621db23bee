package experiment

import (
	"fmt"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/dismax-go/dismax/dismaxlib/record"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// measureTest fits the temperature and fills the record's metrics of the test set.
func (e *givenRun) measureTest() error {
	test, err := network.LogitsOf(e.given.Test.Logits)
	if err != nil {
		return err
	}
	labels, fitLogits, fitLabels := e.given.Test.Labels, test, e.given.Test.Labels
	if validation := e.given.Validation; validation != nil {
		if fitLogits, err = network.LogitsOf(validation.Logits); err != nil {
			return err
		}
		fitLabels = validation.Labels
	}
	temperature, err := temperatureOf(e.spec, fitLogits, fitLabels)
	if err != nil {
		return err
	}
	before, err := evaluationWithIntervals(test, labels, e.spec.CalibrationBins)
	if err != nil {
		return err
	}
	after, err := evaluationWithIntervals(test.At(temperature), labels, e.spec.CalibrationBins)
	if err != nil {
		return err
	}
	e.record.Test = record.Test{
		Accuracy: before.Accuracy, Temperature: temperature, Before: before.Calibration, After: after.Calibration,
		Intervals: &record.TestIntervals{
			Accuracy: before.accuracyInterval, Before: before.intervals, After: after.intervals,
		},
	}
	if e.given.Validation != nil {
		e.record.Test.AfterPaper, err = fitOnTest(e.spec, test, labels)
	}
	return err
}

// measuredCalibration is an evaluation at one temperature.
type measuredCalibration struct {
	Accuracy float64
	record.Calibration
	accuracyInterval record.Interval
	intervals        record.CalibrationIntervals
}

func evaluationWithIntervals(logits metrics.Logits, labels []int32, bins int) (measuredCalibration, error) {
	evaluation, err := metrics.Evaluate(logits, labels, bins)
	if err != nil {
		return measuredCalibration{}, fmt.Errorf("measuring on the test set: %w", err)
	}
	intervals, err := metrics.Bootstrap{}.Evaluation(logits, labels, bins)
	if err != nil {
		return measuredCalibration{}, fmt.Errorf("measuring on the test set: %w", err)
	}
	return measuredCalibration{
		Accuracy: evaluation.Accuracy, Calibration: calibrationRecord(evaluation),
		accuracyInterval: intervalOf(intervals.Accuracy),
		intervals: record.CalibrationIntervals{
			NLL: intervalOf(intervals.NLL), Brier: intervalOf(intervals.Brier),
			ECE: intervalOf(intervals.ECE), MCE: intervalOf(intervals.MCE),
		},
	}, nil
}

func intervalOf(i metrics.Interval) record.Interval {
	return record.Interval{Lower: i.Lower, Upper: i.Upper}
}

// measureDetection adds one out-of-distribution set to the record.
func (e *givenRun) measureDetection(set *Answers, in, out [][]float64) error {
	entry := record.OutOfDistribution{Set: set.set(set.Name)}
	for i, score := range e.scores {
		detection, err := detectionRecord(score, in[i], out[i], e.given.Convention)
		if err != nil {
			return fmt.Errorf("score %s: %w", score.Name, err)
		}
		if detection.Intervals, err = detectionIntervals(in[i], out[i], e.given.Convention); err != nil {
			return fmt.Errorf("score %s: %w", score.Name, err)
		}
		entry.Scores = append(entry.Scores, detection)
	}
	e.record.OutOfDistribution = append(e.record.OutOfDistribution, entry)
	return nil
}

func detectionIntervals(in, out []float64, convention metrics.Convention) (*record.DetectionIntervals, error) {
	intervals, err := metrics.Bootstrap{}.Detection(in, out, convention)
	if err != nil {
		return nil, err
	}
	return &record.DetectionIntervals{
		AUROC: intervalOf(intervals.AUROC), AUPRIn: intervalOf(intervals.AUPRIn), AUPROut: intervalOf(intervals.AUPROut),
		FPR95: intervalOf(intervals.FPR95), TNR95: intervalOf(intervals.TNR95),
		DetectionAccuracy: intervalOf(intervals.DetectionAccuracy),
	}, nil
}

// head is the last layer, for the scores that go through it again; nil if it was not given.
func (g *Given) head() *dismaxlib.Network {
	if g.HeadWeights == nil {
		return nil
	}
	return &dismaxlib.Network{
		Store: model.NewStore(),
		Head: func(_ *model.Scope, features *Node) *Node {
			weights := ConvertDType(ConstTensor(features.Graph(), g.HeadWeights), features.DType())
			bias := ConvertDType(ConstTensor(features.Graph(), g.HeadBias), features.DType())
			return Add(MatMul(features, Transpose(weights, 0, 1)), InsertAxes(bias, 0))
		},
	}
}

// outputs are the answers as scores take them.
func (a *Answers) outputs() dismaxlib.Outputs {
	return dismaxlib.Outputs{Logits: a.Logits, Features: a.Features}
}

// size returns the numbers of inputs and of classes.
func (a *Answers) size() (inputs, classes int) {
	return a.Logits.Shape().Dim(0), a.Logits.Shape().Dim(1)
}

// set names the inputs, of which nothing else is known.
func (a *Answers) set(title string) record.Set {
	inputs, _ := a.size()
	return record.Set{Name: title, Title: title, Found: "outputs", Images: inputs}
}
