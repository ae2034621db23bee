package training

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/gomlx/gomlx/ml/train"
	"github.com/gomlx/gomlx/ml/train/optimizer"
)

// Run trains until the configured number of epochs is done, resuming from the folder's checkpoint if there is one. A
// run that is finished already returns its history at once, with its variables in the store.
//
// When the context ends it saves a checkpoint and returns the context's error. A loss or a variable that is not finite
// ends the run with a [NotFiniteError] and leaves the last good checkpoint, from which [Config.ContinueAtRate] goes on.
func Run(ctx context.Context, config Config) (history *History, err error) {
	if err := config.check(); err != nil {
		return nil, err
	}
	r := &run{Config: config, trained: map[string]bool{}, done: &progress{Identity: config.identity()}}
	if r.devices, err = newDevices(config.Devices); err != nil {
		return nil, fmt.Errorf("training: %w", err)
	}
	if config.Folder != "" {
		if r.checkpoints, err = openCheckpoints(config); err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, r.checkpoints.close()) }()
		if err := r.restore(); err != nil {
			return nil, err
		}
	}
	if err := r.changeRate(); err != nil {
		return nil, err
	}
	if step := optimizer.GetGlobalStep(config.Store); r.done.Step == 0 && step != 0 {
		return nil, fmt.Errorf("training: the store was trained for %d steps already: start with a new store, or call "+
			"optimizer.DeleteGlobalStep to train it anew", step)
	}
	if err := r.train(ctx); err != nil {
		return nil, err
	}
	return &History{
		Epochs: r.done.Epochs, Resumed: r.done.Resumed, StoppedEarly: r.done.StoppedEarly, RateChanges: r.done.RateChanges,
		SecondsBefore: r.secondsBefore,
	}, nil
}

// run is a training run under way.
type run struct {
	Config
	devices     *devices         // nil: one
	checkpoints *checkpoints     // nil: none are kept
	restored    []variableHeader // of the checkpoint, until they are known to fit; nil if there was none
	trained     map[string]bool  // paths of the variables that the training steps change
	done        *progress
	lastSave    time.Time
	lastStep    time.Time

	secondsBefore float64 // of the steps that the checkpoint knows
}

// restore goes back to the newest checkpoint, if there is one.
func (r *run) restore() error {
	saved, err := r.checkpoints.restore(r.Config)
	if saved != nil {
		r.done, r.restored = &saved.Progress, saved.Variables
	}
	for _, variable := range r.restored {
		r.trained[variable.Path] = variable.Trained
	}
	r.secondsBefore = r.done.Partial.Seconds
	for _, epoch := range r.done.Epochs {
		r.secondsBefore += epoch.Seconds
	}
	return err
}

// train is the training loop.
func (r *run) train(ctx context.Context) (err error) {
	if r.finished() {
		return nil
	}
	if r.devices != nil {
		defer func() { err = errors.Join(err, r.devices.collect(r.Store)) }()
		if err := r.devices.distribute(r.Store); err != nil {
			return fmt.Errorf("training on %d devices: %w", r.Devices, err)
		}
	}
	r.announceResume()
	trainer := train.NewTrainer(r.Backend, r.Store, r.Model, r.Loss, scheduled{r.Optimizer, r}, nil, nil)
	r.lastSave = time.Now()
	for !r.finished() {
		r.lastStep = time.Now()
		for batch, err := range r.restOfEpoch() {
			if err != nil {
				return r.failed("reading a batch", err)
			}
			if len(batch.Inputs) == 0 || batch.Inputs[0].Rank() == 0 {
				return r.failed("reading a batch", errors.New("it holds no images"))
			}
			images := batch.Inputs[0].Shape().Dim(0)
			loss, err := r.step(trainer, batch)
			if err != nil {
				return r.failed("training", err)
			}
			r.count(loss, images)
			if err := r.saveWithinEpoch(ctx); err != nil {
				return err
			}
		}
		if err := r.endEpoch(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) finished() bool { return r.done.StoppedEarly || len(r.done.Epochs) >= r.Epochs }

// restOfEpoch yields the batches of the epoch that are still to come.
func (r *run) restOfEpoch() iter.Seq2[train.Batch, error] {
	return func(yield func(train.Batch, error) bool) {
		missing := r.Data.StepsPerEpoch() - r.done.Partial.Steps
		if missing == 0 {
			return
		}
		r.Data.StartAt(r.done.Step)
		for batch, err := range r.Data.Iter() {
			missing--
			if !yield(batch, err) || missing == 0 {
				return
			}
		}
		yield(train.Batch{}, fmt.Errorf("%s ended %d batches too early", r.Data.Name(), missing))
	}
}

// count adds a step to the epoch under way.
func (r *run) count(loss float64, images int) {
	now := time.Now()
	current := &r.done.Partial
	r.done.Step++
	current.Steps++
	current.Images += images
	current.LossSum += loss
	current.Seconds += now.Sub(r.lastStep).Seconds()
	r.lastStep = now
	for _, w := range r.Watchers {
		if w.Step != nil {
			w.Step(Step{
				Epoch: len(r.done.Epochs) + 1, Epochs: r.Epochs,
				InEpoch: current.Steps, StepsInEpoch: r.Data.StepsPerEpoch(),
				Images: images, Loss: loss, MeanLoss: current.LossSum / float64(current.Steps),
			})
		}
	}
}

// saveWithinEpoch writes a checkpoint when it is time for one or the context has ended, whose error it returns.
func (r *run) saveWithinEpoch(ctx context.Context) error {
	if r.done.Partial.Steps == r.Data.StepsPerEpoch() {
		return nil
	}
	if ctx.Err() == nil && time.Since(r.lastSave) < r.CheckpointEvery {
		return nil
	}
	if err := r.save(); err != nil {
		return err
	}
	return r.stopped(ctx)
}

// endEpoch moves the epoch under way into the history, and saves and announces it.
func (r *run) endEpoch(ctx context.Context) error {
	if err := r.checkVariables(); err != nil {
		return err
	}
	epoch := r.epoch()
	err := r.afterEpoch(ctx, &epoch)
	if err != nil && !errors.Is(err, ErrStop) {
		err = fmt.Errorf("after epoch %d of %d: %w", epoch.Number, r.Epochs, err)
		if _, spoiled := errors.AsType[*NotFiniteError](err); spoiled {
			return err // such variables are not worth a checkpoint
		}
		return errors.Join(err, r.save())
	}
	r.done.StoppedEarly = err != nil
	r.done.Epochs = append(r.done.Epochs, epoch)
	r.done.Partial = partial{}
	if err := r.save(); err != nil {
		return err
	}
	for _, w := range r.Watchers { // who reads that an epoch is done may rely on its checkpoint
		if w.Epoch != nil {
			w.Epoch(epoch)
		}
	}
	if r.finished() {
		return nil
	}
	return r.stopped(ctx)
}

// epoch sums up the epoch under way.
func (r *run) epoch() Epoch {
	current := r.done.Partial
	return Epoch{
		Number:          len(r.done.Epochs) + 1,
		Step:            r.done.Step,
		LearningRate:    r.rate(r.done.Step - 1),
		Loss:            current.LossSum / float64(current.Steps),
		Images:          current.Images,
		Seconds:         current.Seconds,
		ImagesPerSecond: float64(current.Images) / max(current.Seconds, 1e-9), // of a coarse clock
	}
}

func (r *run) afterEpoch(ctx context.Context, epoch *Epoch) error {
	if r.AfterEpoch == nil {
		return nil
	}
	err := r.AfterEpoch(ctx, epoch, r.Store)
	if v := epoch.Validation; v != nil && !(isFinite(v.Loss) && isFinite(v.Accuracy)) {
		return r.notFinite(fmt.Errorf("the validation loss is %v and the accuracy %v", v.Loss, v.Accuracy))
	}
	return err
}

func (r *run) save() error {
	if r.checkpoints == nil {
		return nil
	}
	if err := r.checkVariables(); err != nil {
		return err
	}
	r.lastSave = time.Now()
	return r.checkpoints.save(r.done, r.trained)
}

// checkVariables makes sure that what the last step made of the variables can be trained on: its loss was computed
// before.
func (r *run) checkVariables() error {
	if err := checkFinite(variablesToSave(r.Store)); err != nil {
		return r.notFinite(fmt.Errorf("step %d, at learning rate %g, spoiled the model: %w",
			r.done.Step, r.rate(r.done.Step-1), err))
	}
	return nil
}

func (r *run) announceResume() {
	if r.done.Step == 0 {
		return
	}
	r.done.Resumed++
	for _, w := range r.Watchers {
		if w.Resume != nil {
			w.Resume(r.done.Epochs)
		}
	}
}

// failed says where the training failed.
func (r *run) failed(doing string, err error) error {
	return fmt.Errorf("%s, epoch %d of %d, step %d: %w", doing, len(r.done.Epochs)+1, r.Epochs, r.done.Step+1, err)
}

// stopped is the error of a context that has ended, or nil.
func (r *run) stopped(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	return fmt.Errorf("training stopped after step %d: %w", r.done.Step, ctx.Err())
}
