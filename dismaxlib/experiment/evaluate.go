package experiment

import (
	"context"
	"fmt"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/calibrate"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/dismaxlib/training"
	"github.com/gomlx/gomlx/core/tensors"
)

const (
	evaluationBatch = 256
	histogramBins   = 60
	rocPoints       = 200
)

// evaluate passes every set through the trained model once and fills the record from the logits.
func (e *run) evaluate(ctx context.Context) error {
	test, err := e.predict(ctx, e.images.Dataset, e.images.Test, "test")
	if err != nil {
		return err
	}
	e.record.InferenceImagesPerSecond = test.speed
	temperature, err := e.fitTemperature(ctx, test)
	if err != nil {
		return err
	}
	if err := e.measureTest(test, temperature); err != nil {
		return err
	}
	inScores, err := e.scores(test.logits)
	if err != nil {
		return err
	}
	for _, set := range e.images.out {
		out, err := e.predict(ctx, set, set.Test, set.Name)
		if err != nil {
			return err
		}
		if err := e.measureDetection(set, inScores, out.logits); err != nil {
			return fmt.Errorf("detecting %s: %w", set.Name, err)
		}
	}
	return nil
}

// predicted are the logits of one set of images.
type predicted struct {
	logits *tensors.Tensor
	labels []int32
	speed  float64
}

// predict computes the logits of the images and keeps them in the folder.
func (e *run) predict(ctx context.Context, set *datasets.Dataset, images *datasets.Images, name string) (*predicted, error) {
	loader, err := datasets.NewLoader(images, datasets.LoaderOptions{BatchSize: min(evaluationBatch, images.Len())})
	if err != nil {
		return nil, fmt.Errorf("evaluating on %s: %w", set.Name, err)
	}
	prediction, err := training.Predict(ctx, e.options.Backend, e.store, e.classifier.Logits, loader)
	if err != nil {
		return nil, err
	}
	e.log("evaluated on %s: %d images", name, images.Len())
	p := &predicted{logits: prediction.Logits, labels: images.Labels, speed: prediction.ImagesPerSecond}
	return p, saveLogits(e.options.Folder, name, p)
}

// fitTemperature fits the temperature on the images that the protocol says.
func (e *run) fitTemperature(ctx context.Context, test *predicted) (float64, error) {
	fitted := test
	if e.spec.Protocol == record.HeldOut {
		var err error
		if fitted, err = e.predict(ctx, e.images.Dataset, e.images.Validation, "validation"); err != nil {
			return 0, err
		}
	}
	logits, err := training.LogitsOf(fitted.logits)
	if err != nil {
		return 0, err
	}
	result, err := criterion(e.spec)(logits, fitted.labels)
	if err != nil {
		return 0, fmt.Errorf("fitting the temperature: %w", err)
	}
	return result.Temperature, nil
}

// criterion returns the function that fits the temperature as the spec says.
func criterion(spec record.Spec) func(metrics.Logits, []int32) (calibrate.Result, error) {
	if spec.CalibrationCriterion == calibrate.CriterionNLL {
		return calibrate.ByNLL
	}
	return func(logits metrics.Logits, labels []int32) (calibrate.Result, error) {
		return calibrate.ByECE(logits, labels, spec.CalibrationBins)
	}
}

// measureTest fills the record's metrics of the test set.
func (e *run) measureTest(test *predicted, temperature float64) error {
	logits, err := training.LogitsOf(test.logits)
	if err != nil {
		return err
	}
	before, err := metrics.Evaluate(logits, test.labels, e.spec.CalibrationBins)
	if err != nil {
		return fmt.Errorf("measuring on the test set: %w", err)
	}
	after, err := metrics.Evaluate(logits.At(temperature), test.labels, e.spec.CalibrationBins)
	if err != nil {
		return fmt.Errorf("measuring on the test set: %w", err)
	}
	e.record.Test = record.Test{
		Accuracy: before.Accuracy, Temperature: temperature,
		Before: calibrationRecord(before), After: calibrationRecord(after),
	}
	return nil
}

// scores computes every registered score of logits alone.
func (e *run) scores(logits *tensors.Tensor) (map[string][]float64, error) {
	scorer, err := dismaxlib.NewScorer(e.options.Backend, dismaxlib.Scores(0), nil, nil)
	if err != nil {
		return nil, err
	}
	defer scorer.Finalize()
	values, err := scorer.Compute(dismaxlib.Outputs{Logits: logits})
	if err != nil {
		return nil, err
	}
	all := map[string][]float64{}
	for i, score := range dismaxlib.Scores(0) {
		all[score.Name] = values[i]
	}
	return all, nil
}

// measureDetection adds one out-of-distribution set to the record.
func (e *run) measureDetection(set *datasets.Dataset, inScores map[string][]float64, outLogits *tensors.Tensor) error {
	outScores, err := e.scores(outLogits)
	if err != nil {
		return err
	}
	convention, err := metrics.ConventionByName(e.spec.Convention)
	if err != nil {
		return err
	}
	entry := record.OutOfDistribution{Set: describe(set, set.Test)}
	for _, score := range dismaxlib.Scores(0) {
		detection, err := detectionRecord(score.Name, inScores[score.Name], outScores[score.Name], convention)
		if err != nil {
			return fmt.Errorf("score %s: %w", score.Name, err)
		}
		entry.Scores = append(entry.Scores, detection)
	}
	e.record.OutOfDistribution = append(e.record.OutOfDistribution, entry)
	return nil
}

func calibrationRecord(evaluation metrics.Evaluation) record.Calibration {
	c := record.Calibration{NLL: evaluation.NLL, Brier: evaluation.Brier, ECE: evaluation.ECE, MCE: evaluation.MCE}
	for _, bin := range evaluation.Reliability {
		c.Reliability = append(c.Reliability, record.ReliabilityBin(bin))
	}
	return c
}

func detectionRecord(score string, in, out []float64, convention metrics.Convention) (record.Detection, error) {
	detection, err := metrics.Detect(in, out, convention)
	if err != nil {
		return record.Detection{}, err
	}
	histogram, err := metrics.NewHistogram(in, out, histogramBins)
	if err != nil {
		return record.Detection{}, err
	}
	curve, err := metrics.ROC(in, out, rocPoints)
	if err != nil {
		return record.Detection{}, err
	}
	d := record.Detection{
		Score: score, Convention: convention.String(),
		AUROC: detection.AUROC, AUPRIn: detection.AUPRIn, AUPROut: detection.AUPROut,
		FPR95: detection.FPR95, TNR95: detection.TNR95, DetectionAccuracy: detection.DetectionAccuracy,
		Histogram: record.Histogram(histogram),
	}
	for _, point := range curve {
		d.ROC = append(d.ROC, record.ROCPoint(point))
	}
	return d, nil
}
