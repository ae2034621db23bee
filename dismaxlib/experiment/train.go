package experiment

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"runtime"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/dismaxlib/training"
	"github.com/gomlx/gomlx/ml/model"
)

// checkpointFolder is where a run's folder keeps its checkpoint.
const checkpointFolder = "checkpoint"

// train trains the network, or goes on training it.
func (e *run) train(ctx context.Context) (*training.History, error) {
	loader, err := datasets.NewLoader(e.images.Train, datasets.LoaderOptions{
		BatchSize: e.spec.BatchSize, Seed: e.spec.Seed, Shuffle: true, Augment: e.spec.Augment, Border: e.border(), DropLast: true,
	})
	if err != nil {
		return nil, err
	}
	if err := e.newDiagnosis(); err != nil {
		return nil, fmt.Errorf("preparing diagnostics: %w", err)
	}
	if e.diagnosis != nil {
		defer e.diagnosis.Finalize()
	}
	watchers := append([]training.Watcher{e.untilFirstStep()}, e.options.Watchers...)
	defer e.report(Progress{})
	return training.Run(ctx, training.Config{
		Backend: e.options.Backend, Devices: e.options.Devices, Store: e.store,
		Model: e.network.Logits, Loss: dismaxlib.SmoothLabels(e.network.Loss.Function, e.spec.LabelSmoothing),
		Optimizer: &training.SGD{Momentum: e.spec.Momentum, Nesterov: e.spec.Nesterov, WeightDecay: e.spec.WeightDecay},
		Schedule:  scheduleOf(e.spec, loader.StepsPerEpoch()), RateChanges: rateChanges(e.spec),
		ContinueAtRate: e.options.ContinueWithLearningRate,
		Data:           loader, Epochs: e.spec.Epochs, AfterEpoch: e.afterEpoch, KeepBest: e.spec.KeepBest,
		Folder: filepath.Join(e.options.Folder, checkpointFolder), Identity: e.identity(),
		Watchers: watchers, Log: e.options.Log,
	})
}

// border is the colour that crops reach into: the mean of the network's normalization, if the spec says so, which may be
// that of the run that its weights come from.
func (e *run) border() (colour [3]uint8) {
	if e.spec.Border == BorderMean {
		for i := range colour {
			colour[i] = uint8(math.Round(255 * float64(e.network.Mean[i])))
		}
	}
	return colour
}

// rateChanges are those of the spec, as training takes them.
func rateChanges(spec record.Spec) []training.RateChange {
	var changes []training.RateChange
	for _, change := range spec.LearningRateChanges {
		changes = append(changes, training.RateChange(change))
	}
	return changes
}

// scheduleOf is the learning rate that the spec says.
func scheduleOf(spec record.Spec, stepsPerEpoch int) training.Schedule {
	if spec.Schedule == ScheduleCosine {
		return training.Cosine{Peak: spec.LearningRate, WarmUp: spec.WarmUp * stepsPerEpoch, Steps: spec.Epochs * stepsPerEpoch}
	}
	schedule := training.MultiStep{Initial: spec.LearningRate, Factor: 0.1}
	for _, epoch := range spec.LearningRateDrops {
		schedule.Milestones = append(schedule.Milestones, epoch*stepsPerEpoch)
	}
	return schedule
}

// takeBest puts the weights of the best epoch in place of the last one's, if the spec says so.
func (e *run) takeBest() error {
	if !e.spec.KeepBest {
		return nil
	}
	best, err := training.BestWeights(filepath.Join(e.options.Folder, checkpointFolder))
	if err != nil {
		return err
	}
	if e.forward != nil {
		e.forward.Finalize()
		e.forward = nil
	}
	e.store = best
	return nil
}

func (e *run) afterEpoch(ctx context.Context, epoch *training.Epoch, _ *model.Store) error {
	if err := e.validate(ctx, epoch); err != nil {
		return err
	}
	return e.diagnose(ctx, epoch)
}

// validate measures how the network does on the held-out images, after an epoch. It chooses the best epoch, if the
// spec says so, and nothing else.
func (e *run) validate(ctx context.Context, epoch *training.Epoch) error {
	if e.images.Validation.Len() == 0 {
		return nil
	}
	outputs, err := e.pass(ctx, e.images.Validation)
	if err != nil {
		return err
	}
	logits, err := network.LogitsOf(outputs.Logits)
	if err != nil {
		return err
	}
	accuracy, accuracyErr := metrics.Accuracy(logits, e.images.Validation.Labels)
	loss, lossErr := metrics.NLL(logits, e.images.Validation.Labels)
	if err := errors.Join(accuracyErr, lossErr); err != nil {
		return fmt.Errorf("validating: %w", err)
	}
	epoch.Validation = &training.Validation{Loss: loss, Accuracy: accuracy}
	return nil
}

// begin starts the record.
func (e *run) begin(history *training.History) error {
	checksum, err := network.Checksum(e.store)
	if err != nil {
		return err
	}
	e.spec.LearningRateChanges = nil
	for _, change := range history.RateChanges {
		e.spec.LearningRateChanges = append(e.spec.LearningRateChanges, record.RateChange(change))
	}
	n := e.network
	e.record = &record.Record{
		Spec: e.spec, Versions: Versions(),
		Backend: record.Backend{
			Name: e.options.Choice.Config, Description: e.options.Backend.Description(),
			Device: e.options.Choice.Device, Devices: max(1, e.options.Devices), Cores: runtime.GOMAXPROCS(0),
			Instructions: e.options.Choice.Instructions, TF32: e.options.Choice.TF32,
		},
		Data: record.Data{
			Train:      describe(e.images.Dataset, e.images.Train),
			Validation: describe(e.images.Dataset, e.images.Validation),
			Test:       describe(e.images.Dataset, e.images.Test),
		},
		Model: record.Model{
			Name: n.Model.Name, Title: n.Model.Title, Parameters: network.Parameters(e.store),
			Features: n.Model.Features, Classes: n.Classes(), ClassNames: n.ClassNames,
			Height: n.Height, Width: n.Width, Channels: n.Channels(), Mean: n.Mean, Std: n.Std,
			WeightsSHA256: checksum,
		},
		Loss:    record.Loss{Name: n.Loss.Name, Title: n.Loss.Title, Parameters: n.Loss.Parameters},
		HeldOut: record.HeldOutUse{Images: e.images.Validation.Len()},

		StoppedEarly: history.StoppedEarly, TrainSeconds: history.Seconds(), Resumed: history.Resumed,
	}
	if e.spec.KeepBest {
		e.record.HeldOut.Choices = append(e.record.HeldOut.Choices, "best epoch")
	}
	for _, score := range n.Loss.Scores {
		e.record.Loss.Scores = append(e.record.Loss.Scores, score.Name)
	}
	for _, epoch := range history.Epochs {
		diagnostic, err := diagnosticOf(epoch)
		if err != nil {
			return err
		}
		e.record.Epochs = append(e.record.Epochs, record.Epoch{
			LearningRate: epoch.LearningRate, Loss: epoch.Loss,
			Seconds: epoch.Seconds, ImagesPerSecond: epoch.ImagesPerSecond,
			Validation: (*record.Validation)(epoch.Validation), Diagnostic: diagnostic,
		})
	}
	return nil
}
