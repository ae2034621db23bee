package experiment

import (
	"context"
	"fmt"
	"slices"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/calibrate"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/dismax-go/dismax/dismaxlib/record"
)

const (
	histogramBins = 60
	rocPoints     = 200
)

// The sets of outputs that every run has, beside those of out-of-distribution sets.
const (
	testSet       = "test"
	validationSet = "validation"
)

// evaluate passes every set through the trained network once and fills the record from the outputs.
func (e *run) evaluate(ctx context.Context) error {
	scorer, err := e.newScorer(ctx)
	if err != nil {
		return err
	}
	defer scorer.Finalize()
	test, err := e.predict(ctx, testSet, e.images.Test)
	if err != nil {
		return err
	}
	e.record.InferenceImagesPerSecond = test.InputsPerSecond
	temperature, err := e.fitTemperature(ctx, test)
	if err != nil {
		return err
	}
	if err := e.measureTest(test, temperature); err != nil {
		return err
	}
	inScores, err := scorer.Compute(test)
	if err != nil {
		return err
	}
	inFloor, err := floorScores(ctx, e.images.Test)
	if err != nil {
		return err
	}
	for _, set := range e.images.out {
		out, err := e.predict(ctx, set.Name, set.Test)
		if err != nil {
			return err
		}
		outScores, err := scorer.Compute(out)
		if err != nil {
			return fmt.Errorf("scoring %s: %w", set.Name, err)
		}
		if err := e.measureDetection(ctx, set, inScores, outScores, inFloor); err != nil {
			return fmt.Errorf("detecting %s: %w", set.Name, err)
		}
	}
	return nil
}

// newScorer fits the scores that have to be, on the training images as they are, and keeps their states.
func (e *run) newScorer(ctx context.Context) (*network.Scorer, error) {
	fitted := map[string]dismaxlib.Fitted{}
	if slices.ContainsFunc(e.scores, func(s *dismaxlib.Score) bool { return s.Fit != nil }) {
		e.doing = "fitting scores on the training images"
		outputs, err := e.pass(ctx, e.images.Train)
		e.doing = ""
		if err != nil {
			return nil, fmt.Errorf("fitting scores: %w", err)
		}
		weights, bias, err := network.LinearHead(e.store)
		if err != nil {
			return nil, err
		}
		fitted, err = dismaxlib.FitScores(e.scores, dismaxlib.TrainingOutputs{
			Logits: outputs.Logits, Features: outputs.Features, Labels: e.images.Train.Labels,
			Weights: weights, Bias: bias,
		})
		if err != nil {
			return nil, err
		}
		if err := e.saveFitted(fitted); err != nil {
			return nil, err
		}
		if slices.ContainsFunc(e.scores, isFittedWithin) {
			e.forward.Finalize()
			if err := e.newForward(fitted); err != nil {
				return nil, err
			}
		}
	}
	return network.NewScorer(e.options.Backend, e.scores, fitted, e.network, e.store)
}

// isFittedWithin reports whether a score with a state is computed within the network.
func isFittedWithin(s *dismaxlib.Score) bool {
	return s.Fit != nil && s.Needs.Has(dismaxlib.NeedsImages)
}

// newForward prepares the network for passing images through it.
func (e *run) newForward(fitted map[string]dismaxlib.Fitted) (err error) {
	scores := e.scores
	if fitted == nil { // states are not there before training ends
		scores = slices.DeleteFunc(slices.Clone(scores), isFittedWithin)
	}
	e.forward, err = e.network.Forward(e.options.Backend, e.store, scores, fitted)
	return err
}

// pass passes images through the network as it is.
func (e *run) pass(ctx context.Context, images *datasets.Images) (*network.Outputs, error) {
	if e.forward == nil {
		if err := e.newForward(nil); err != nil {
			return nil, err
		}
	}
	loader, err := datasets.NewLoader(images, datasets.LoaderOptions{
		BatchSize: min(network.LargestBatch, max(images.Len(), 1)),
	})
	if err != nil {
		return nil, err
	}
	return e.forward.Run(ctx, e.counted(loader, images.Len()))
}

// predict passes one set of images through the network and keeps the outputs in the folder.
func (e *run) predict(ctx context.Context, set string, images *datasets.Images) (*network.Outputs, error) {
	e.doing = "evaluating on " + set
	outputs, err := e.pass(ctx, images)
	e.doing = ""
	if err != nil {
		return nil, fmt.Errorf("evaluating on %s: %w", set, err)
	}
	e.log("evaluated on %s: %d images", set, images.Len())
	return outputs, e.saveOutputs(set, outputs, images.Labels)
}

// fitTemperature fits the temperature on the images that the protocol says.
func (e *run) fitTemperature(ctx context.Context, test *network.Outputs) (float64, error) {
	outputs, labels := test, e.images.Test.Labels
	if e.spec.Protocol == record.HeldOut {
		var err error
		if outputs, err = e.predict(ctx, validationSet, e.images.Validation); err != nil {
			return 0, err
		}
		labels = e.images.Validation.Labels
		e.record.HeldOut.Choices = append(e.record.HeldOut.Choices, "temperature")
	}
	logits, err := network.LogitsOf(outputs.Logits)
	if err != nil {
		return 0, err
	}
	return temperatureOf(e.spec, logits, labels)
}

// temperatureOf fits the temperature on the logits as the spec says.
func temperatureOf(spec record.Spec, logits metrics.Logits, labels []int32) (float64, error) {
	result, err := criterion(spec)(logits, labels)
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
func (e *run) measureTest(test *network.Outputs, temperature float64) error {
	logits, err := network.LogitsOf(test.Logits)
	if err != nil {
		return err
	}
	before, err := metrics.Evaluate(logits, e.images.Test.Labels, e.spec.CalibrationBins)
	if err != nil {
		return fmt.Errorf("measuring on the test set: %w", err)
	}
	after, err := metrics.Evaluate(logits.At(temperature), e.images.Test.Labels, e.spec.CalibrationBins)
	if err != nil {
		return fmt.Errorf("measuring on the test set: %w", err)
	}
	e.record.Test = record.Test{
		Accuracy: before.Accuracy, Temperature: temperature,
		Before: calibrationRecord(before), After: calibrationRecord(after),
	}
	if e.spec.Protocol == record.HeldOut {
		e.record.Test.AfterPaper, err = fitOnTest(e.spec, logits, e.images.Test.Labels)
	}
	return err
}

// fitOnTest fits the temperature on the test set itself, as the paper does.
func fitOnTest(spec record.Spec, logits metrics.Logits, labels []int32) (*record.Fit, error) {
	temperature, err := temperatureOf(spec, logits, labels)
	if err != nil {
		return nil, err
	}
	after, err := metrics.Evaluate(logits.At(temperature), labels, spec.CalibrationBins)
	if err != nil {
		return nil, fmt.Errorf("measuring on the test set: %w", err)
	}
	return &record.Fit{Temperature: temperature, Calibration: calibrationRecord(after)}, nil
}

// measureDetection adds one out-of-distribution set to the record, from the scores of the test set and of that one, and
// the floor of the test set.
func (e *run) measureDetection(ctx context.Context, set *datasets.Dataset, in, out [][]float64, inFloor []float64) error {
	convention, err := metrics.ConventionByName(e.spec.Convention)
	if err != nil {
		return err
	}
	entry := record.OutOfDistribution{Set: describe(set, set.Test)}
	for i, score := range e.scores {
		detection, err := detectionRecord(score, in[i], out[i], convention)
		if err != nil {
			return fmt.Errorf("score %s: %w", score.Name, err)
		}
		entry.Scores = append(entry.Scores, detection)
	}
	if entry.Floor, err = floorRecord(ctx, inFloor, set, convention); err != nil {
		return err
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

func detectionRecord(score *dismaxlib.Score, in, out []float64, convention metrics.Convention) (record.Detection, error) {
	d := record.Detection{Score: score.Name, Title: score.Title, Parameters: score.Parameters}
	if err := measureScore(&d, in, out, convention); err != nil {
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
	d.Histogram = record.Histogram(histogram)
	for _, point := range curve {
		d.ROC = append(d.ROC, record.ROCPoint(point))
	}
	return d, nil
}

// measureScore fills in what the convention decides, all but the intervals.
func measureScore(d *record.Detection, in, out []float64, convention metrics.Convention) error {
	detection, err := metrics.Detect(in, out, convention)
	if err != nil {
		return err
	}
	d.Convention = convention.String()
	d.AUROC, d.AUPRIn, d.AUPROut = detection.AUROC, detection.AUPRIn, detection.AUPROut
	d.FPR95, d.TNR95, d.DetectionAccuracy = detection.FPR95, detection.TNR95, detection.DetectionAccuracy
	return nil
}
