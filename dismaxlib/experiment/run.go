package experiment

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/dismaxlib/training"
	"github.com/dismax-go/dismax/models"
	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/model"
)

// checkpointFolder is where a run's folder keeps its checkpoint.
const checkpointFolder = "checkpoint"

// Options say where a run finds its images, where it leaves its results and who watches. Backend and Choice come from
// [backend.Open].
type Options struct {
	Backend compute.Backend
	Choice  backend.Choice

	// Data is the folder or file of the images; see [datasets.Options].
	Data string
	// Offline forbids to download the sets that the spec names; DownloadProgress, if not nil, follows a download.
	Offline          bool
	DownloadProgress func(datasets.Progress)
	// Folder receives the record, the logits and the checkpoint; it is made if need be. A run that was interrupted is
	// continued from its folder's checkpoint.
	Folder string

	// Watchers follow the training, and Log takes the lines that a user should see. Both may be nil.
	Watchers []training.Watcher
	Log      func(line string)
}

// run is an experiment under way.
type run struct {
	options    Options
	spec       record.Spec
	images     *images
	classifier *Classifier
	store      *model.Store
	record     *record.Record
}

// Run runs the experiment that the spec describes and returns its record, which is also written to the folder, as
// [record.FileName], when all is done and not before. A context that ends stops the training at the next step, with a
// checkpoint from which the same call goes on.
func Run(ctx context.Context, spec record.Spec, options Options) (*record.Record, error) {
	start := time.Now()
	if err := Check(spec); err != nil {
		return nil, err
	}
	if options.Backend == nil || options.Folder == "" {
		return nil, errors.New("experiment: Backend and Folder must be set")
	}
	e := &run{options: options, spec: canonical(spec), store: model.NewStore()}
	if err := e.prepare(ctx); err != nil {
		return nil, err
	}
	trainStart := time.Now()
	history, err := e.train(ctx)
	if err != nil {
		return nil, err
	}
	trained := time.Since(trainStart)
	e.describeTraining(history)
	if err := e.evaluate(ctx); err != nil {
		return nil, err
	}
	// A run that was trained already builds its first graph, and with it the model, to evaluate.
	e.record.Model = e.classifier.Describe(e.store)
	e.record.Created = time.Now().UTC().Truncate(time.Second)
	e.record.TotalSeconds = e.record.TrainSeconds + (time.Since(start) - trained).Seconds()
	if err := record.Write(options.Folder, e.record); err != nil {
		return nil, err
	}
	return e.record, nil
}

// prepare opens the images, puts the classifier together and clears a former record away, so that no result lies in
// the folder that is not this run's.
func (e *run) prepare(ctx context.Context) error {
	sets, err := e.open(ctx)
	if err != nil {
		return err
	}
	e.images = sets
	e.classifier, err = NewClassifier(e.spec.Model, e.spec.Loss, len(sets.Classes), sets.Mean, sets.Std)
	if err != nil {
		return err
	}
	if e.classifier.DType, err = models.DTypeByName(e.spec.DType); err != nil {
		return err
	}
	if err := e.store.SetRNGStateFromSeed(e.spec.Seed); err != nil {
		return fmt.Errorf("seeding: %w", err)
	}
	if err := os.MkdirAll(e.options.Folder, 0o755); err != nil {
		return fmt.Errorf("making the results folder: %w", err)
	}
	err = os.Remove(filepath.Join(e.options.Folder, record.FileName))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("removing a former record: %w", err)
	}
	return nil
}

// train trains the classifier, or goes on training it.
func (e *run) train(ctx context.Context) (*training.History, error) {
	loader, err := datasets.NewLoader(e.images.Train, datasets.LoaderOptions{
		BatchSize: e.spec.BatchSize, Seed: e.spec.Seed, Shuffle: true, Augment: e.spec.Augment, DropLast: true,
	})
	if err != nil {
		return nil, err
	}
	schedule := training.MultiStep{Initial: e.spec.LearningRate, Factor: 0.1}
	for _, epoch := range e.spec.LearningRateDrops {
		schedule.Milestones = append(schedule.Milestones, epoch*loader.StepsPerEpoch())
	}
	return training.Run(ctx, training.Config{
		Backend: e.options.Backend, Store: e.store,
		Model: e.classifier.Logits, Loss: e.classifier.Loss.Function,
		Optimizer: &training.SGD{Schedule: schedule,
			Momentum: e.spec.Momentum, Nesterov: e.spec.Nesterov, WeightDecay: e.spec.WeightDecay},
		Data: loader, Epochs: e.spec.Epochs,
		Folder: filepath.Join(e.options.Folder, checkpointFolder), Identity: identity(e.spec),
		Watchers: e.options.Watchers,
	})
}

// describeTraining starts the record.
func (e *run) describeTraining(history *training.History) {
	e.record = &record.Record{
		Spec: e.spec, Versions: Versions(),
		Backend: record.Backend{Name: e.options.Choice.Config, Description: e.options.Backend.Description(),
			Device: e.options.Choice.Device, Cores: runtime.GOMAXPROCS(0)},
		Data: record.Data{
			Train:      describe(e.images.Dataset, e.images.Train),
			Validation: describe(e.images.Dataset, e.images.Validation),
			Test:       describe(e.images.Dataset, e.images.Test),
		},
		TrainSeconds: history.Seconds(), Resumed: history.Resumed,
	}
	for _, epoch := range history.Epochs {
		e.record.Epochs = append(e.record.Epochs, record.Epoch{
			LearningRate: epoch.LearningRate, Loss: epoch.Loss,
			Seconds: epoch.Seconds, ImagesPerSecond: epoch.ImagesPerSecond,
		})
	}
}

func (e *run) log(format string, args ...any) {
	if e.options.Log != nil {
		e.options.Log(fmt.Sprintf(format, args...))
	}
}
