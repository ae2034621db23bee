package experiment

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/detect"
	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/dismaxlib/training"
	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/model"
)

// DetectorOptions say how a finished run becomes a detector.
type DetectorOptions struct {
	Backend compute.Backend

	// Score is one that the run measured; nil means the first of its loss.
	Score *dismaxlib.Score
	// Rule fits the threshold; nil means conformal, refusing [detect.DefaultRefused] of in-distribution images at most.
	Rule detect.Rule
}

// Detector makes a detector of a finished run, from what is in its folder: the record, the weights and the logits of
// the held-out images. No image is read.
//
// The temperature is that of the record. The threshold is fitted on all held-out images: the temperature that was
// chosen on them changes no raw logit, so that a conformal threshold keeps its promise. What the detector is worth is
// measured on the logits of the test set and of every out-of-distribution set, unless its score needs more than logits.
//
// It is an error if the run held no images out (protocol "paper"), if something was chosen on them that changes the
// network, or if the folder does not hold what was measured.
func Detector(folder string, options DetectorOptions) (*detect.Detector, error) {
	detector, err := newDetector(folder, options)
	if err != nil {
		return nil, fmt.Errorf("making a detector of %s: %w", folder, err)
	}
	return detector, nil
}

func newDetector(folder string, options DetectorOptions) (*detect.Detector, error) {
	if options.Backend == nil {
		return nil, errors.New("DetectorOptions.Backend must be set")
	}
	r, err := record.Read(folder)
	if err != nil {
		return nil, err
	}
	if err := allowsThreshold(r); err != nil {
		return nil, err
	}
	parts, err := partsOf(folder, r, options.Score)
	if err != nil {
		return nil, err
	}
	heldOut, _, err := loadOutputs(folder, r, validationSet)
	if err != nil {
		return nil, err
	}
	if parts.Score.Needs.Has(dismaxlib.NeedsImages) {
		return nil, fmt.Errorf("score %s is computed from images, and a run keeps outputs alone: "+
			"make the detector with detect.New", parts.Score.Name)
	}
	detector, err := detect.New(options.Backend, parts, heldOut, options.Rule)
	if err != nil || parts.Score.Needs != 0 {
		return detector, err
	}
	return detector, measure(detector, folder, r)
}

// measure lets the detector answer for the test sets of the run. Those that are out-of-distribution may have labels, of
// classes that are not the detector's.
func measure(detector *detect.Detector, folder string, r *record.Record) error {
	test, labels, err := loadOutputs(folder, r, testSet)
	if err == nil {
		_, err = detector.Measure(r.Data.Test.Name, test, labels)
	}
	if err != nil {
		return err
	}
	for _, out := range r.OutOfDistribution {
		outputs, _, err := loadOutputs(folder, r, out.Set.Name)
		if err == nil {
			_, err = detector.Measure(out.Set.Name, outputs, nil)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// allowsThreshold refuses a run without images on which a threshold may be fitted.
func allowsThreshold(r *record.Record) error {
	if r.OutputsOnly {
		return errors.New("it holds outputs of a model that was trained elsewhere, and not the model: " +
			"detect.New makes a detector of outputs")
	}
	if r.Spec.Protocol != record.HeldOut {
		return fmt.Errorf("it was trained under protocol %s, which holds out no images to fit a threshold on: "+
			"train with protocol %s", r.Spec.Protocol, record.HeldOut)
	}
	for _, choice := range r.HeldOut.Choices {
		if choice != "temperature" {
			return fmt.Errorf("the %s was chosen on its held-out images, which changes the logits of these: "+
				"a threshold on them would promise nothing", choice)
		}
	}
	return nil
}

// partsOf puts together the parts of a detector that the folder holds.
func partsOf(folder string, r *record.Record, score *dismaxlib.Score) (detect.Parts, error) {
	n, err := Network(r)
	if err != nil {
		return detect.Parts{}, err
	}
	if score == nil {
		if len(n.Loss.Scores) == 0 {
			return detect.Parts{}, fmt.Errorf("loss %s has no score: name one", n.Loss.Name)
		}
		score = n.Loss.Scores[0]
	}
	if !score.AppliesTo(n.Loss) {
		return detect.Parts{}, fmt.Errorf("score %s is not defined for the head of %s: it needs %s", score.Name, n.Loss.Name, score.Needs)
	}
	weights, err := measuredWeights(folder, r)
	if err != nil {
		return detect.Parts{}, err
	}
	parts := detect.Parts{
		Network: n, Weights: weights, Score: score,
		Temperature: r.Test.Temperature, About: Title(r.Spec),
	}
	parts.Fitted, err = loadFitted(folder, r, score)
	return parts, err
}

// loadFitted reads the state of the score, nil if it has none.
func loadFitted(folder string, r *record.Record, score *dismaxlib.Score) (dismaxlib.Fitted, error) {
	if score.Fit == nil {
		return nil, nil
	}
	for _, fitted := range r.Fitted {
		if fitted.Score != score.Name {
			continue
		}
		state := dismaxlib.Fitted{}
		for name, file := range fitted.State {
			var err error
			if state[name], err = loadArray(folder, file); err != nil {
				return nil, err
			}
		}
		return state, nil
	}
	return nil, fmt.Errorf("score %s was not fitted by the run: evaluate it again with that score "+
		"(dismax run --again --scores all)", score.Name)
}

// measuredWeights are those of the folder's checkpoint, which must be those that the record measured.
func measuredWeights(folder string, r *record.Record) (*model.Store, error) {
	if r.Collected {
		return nil, errors.New("it is a copy without weights, made by experiment.Collect: use the run itself")
	}
	weights, err := Weights(folder)
	if err != nil {
		return nil, err
	}
	checksum, err := network.Checksum(weights)
	if err != nil {
		return nil, err
	}
	if checksum != r.Model.WeightsSHA256 {
		return nil, errors.New("its checkpoint does not hold the weights that were measured: " +
			"evaluate the run again (dismax run --again)")
	}
	return weights, nil
}

// Network returns the network that a run trained, of which [Weights] are the weights. It is an error if its model or its
// loss is not registered.
func Network(r *record.Record) (*network.Network, error) {
	return network.Description{
		Model: r.Spec.Model, Loss: r.Spec.Loss, ClassNames: r.Model.ClassNames,
		Height: r.Model.Height, Width: r.Model.Width, Mean: r.Model.Mean, Std: r.Model.Std, DType: r.Spec.DType,
	}.Network()
}

// Weights returns a store with the variables that a run trained: those of the backbone in the scope "backbone" and those
// of the head in the scope "head". They are those of the best epoch, if the finished run kept it.
func Weights(folder string) (*model.Store, error) {
	r, err := recordIn(folder)
	if err != nil {
		return nil, err // it may say that the best epoch was kept
	}
	if r != nil && r.Spec.KeepBest {
		return training.BestWeights(filepath.Join(folder, checkpointFolder))
	}
	return training.Weights(filepath.Join(folder, checkpointFolder))
}
