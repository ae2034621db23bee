package experiment

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/detect"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/dismaxlib/training"
	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/model"
)

// DefaultRefused is the share of in-distribution images that a detector may refuse unless its rule says otherwise.
const DefaultRefused = 0.05

// DetectorOptions say how a finished run becomes a detector.
type DetectorOptions struct {
	Backend compute.Backend

	// Data is where the run's images are, as in [Options]: the temperature and the threshold are fitted on those that
	// it held out.
	Data string
	// Score is one of dismaxlib.ScoreNames; empty means the paper's for the run's loss.
	Score string
	// Rule fits the threshold; nil means conformal, refusing [DefaultRefused] of in-distribution images at most.
	Rule detect.Rule
}

// Detector makes a detector of a finished run, from the record and the checkpoint in its folder. The validation images
// are parted at random: one half fits the temperature, by the run's criterion, and the other the threshold, since a
// conformal threshold promises nothing about images on which something was fitted before.
//
// It is an error if the run held no images out (protocol "paper"), or if the images are no longer those of the record.
func Detector(folder string, options DetectorOptions) (*detect.Detector, error) {
	detector, err := newDetector(folder, options)
	if err != nil {
		return nil, fmt.Errorf("making a detector of %s: %w", folder, err)
	}
	return detector, nil
}

func newDetector(folder string, options DetectorOptions) (*detect.Detector, error) {
	finished, err := record.Read(folder)
	if err != nil {
		return nil, err
	}
	set, err := reopen(finished, options.Data)
	if err != nil {
		return nil, err
	}
	weights, err := Weights(folder)
	if err != nil {
		return nil, err
	}
	loss, err := dismaxlib.LossByName(finished.Spec.Loss)
	if err != nil {
		return nil, err
	}
	score, rule := options.Score, options.Rule
	if score == "" {
		score = loss.Scores[0]
	}
	if rule == nil {
		rule = detect.Conformal(DefaultRefused)
	}
	detector, err := detect.New(options.Backend, detect.Network{
		Model: finished.Spec.Model, Loss: finished.Spec.Loss, Classes: len(set.Classes), ClassNames: set.Classes,
		Height: set.Validation.Height, Width: set.Validation.Width,
		Normalization: detect.Normalization{Mean: [3]float32(set.Mean), Std: [3]float32(set.Std)},
	}, score, weights)
	if err != nil {
		return nil, err
	}
	return detector, fit(detector, set.Validation, finished.Spec, rule)
}

// reopen opens the images of a finished run again.
func reopen(finished *record.Record, data string) (*datasets.Dataset, error) {
	if finished.Spec.Protocol != record.HeldOut {
		return nil, fmt.Errorf("it was trained under protocol %s, which holds out no images to fit a threshold on: "+
			"train with protocol %s", finished.Spec.Protocol, record.HeldOut)
	}
	spec := finished.Spec
	if data != "" && !slices.Contains(datasets.Names(), spec.Dataset) {
		spec.Dataset = data // images of the user's own, which may have moved
	}
	set, err := openInDistribution(context.Background(), spec, datasets.Options{Data: data, Offline: true}) // the run had them here
	if err != nil {
		return nil, err
	}
	if got, want := set.Validation.SHA256(), finished.Data.Validation.SHA256; got != want {
		return nil, fmt.Errorf("the validation images of %s (%s) are not those of the run: their checksum is %s, "+
			"and the record has %s; name the run's images as the data", set.Name, set.Origin, got, want)
	}
	return set, nil
}

// Weights returns a store with the variables that a run trained, those of the backbone in the scope "backbone" and those
// of the head in the scope "head".
func Weights(folder string) (*model.Store, error) {
	return training.Weights(filepath.Join(folder, checkpointFolder))
}

// mostFitted is how many images the temperature and the threshold are each fitted on at most: more would take memory
// and change neither visibly.
const mostFitted = 5000

// fit fits the temperature on one half of the images and the threshold on the other.
func fit(detector *detect.Detector, images *datasets.Images, spec record.Spec, rule detect.Rule) error {
	order := rand.New(rand.NewPCG(uint64(spec.Seed), 0)).Perm(images.Len())
	half := len(order) / 2
	first, err := images.Select(order[:min(half, mostFitted)]).InMemory(context.Background())
	if err != nil {
		return err
	}
	if _, err := detector.FitTemperature(first.Pixels, first.Labels, criterion(spec)); err != nil {
		return err
	}
	second, err := images.Select(order[half:min(len(order), half+mostFitted)]).InMemory(context.Background())
	if err != nil {
		return err
	}
	_, err = detector.FitThreshold(second.Pixels, rule)
	return err
}
