package training

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"time"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/gomlx/gomlx/ml/train/optimizer"
)

// Data yields the training batches. Each call of Iter is one epoch; StartAt makes the next call begin at the given
// global step, so that a resumed run sees the batches that the interrupted one would have seen.
type Data interface {
	train.Dataset
	StepsPerEpoch() int
	StartAt(step int)
}

// Config says what to train and how. Backend, Store, Model, Loss, Optimizer, Data and Epochs are required.
type Config struct {
	Backend   compute.Backend
	Store     *model.Store
	Model     func(scope *model.Scope, images *Node) *Node // images, as Data yields them, to logits
	Loss      train.LossFn
	Optimizer *SGD
	Data      Data
	Epochs    int

	// Folder keeps the checkpoint; "" trains without one. A run whose folder holds a checkpoint goes on from it.
	Folder string
	// Identity tells runs apart: a checkpoint of another identity is refused.
	Identity string
	// CheckpointEvery is the time between checkpoints within an epoch; there is one after every epoch in any case.
	// Default: 5 minutes.
	CheckpointEvery time.Duration

	// Watchers are told what happens, from the training goroutine.
	Watchers []Watcher
}

// Watcher follows a training run. A nil function is not called.
type Watcher struct {
	// Resume is called before the first step of a run that goes on from a checkpoint, with the epochs done before.
	Resume func(done []Epoch)
	Step   func(Step)
	Epoch  func(Epoch)
}

// Step is one training step that was done.
type Step struct {
	Epoch, Epochs         int // the epoch under way, counted from 1, and how many there will be
	InEpoch, StepsInEpoch int
	Images                int     // in this step's batch
	Loss                  float64 // of this step
	MeanLoss              float64 // over the epoch so far
}

// Epoch is one finished pass over the training images.
type Epoch struct {
	Number          int     `json:"number"` // counted from 1
	LearningRate    float64 `json:"learning_rate"`
	Loss            float64 `json:"loss"` // mean over the steps
	Images          int     `json:"images"`
	Seconds         float64 `json:"seconds"`
	ImagesPerSecond float64 `json:"images_per_second"`
}

// History is what a finished training run did, over all of its sessions.
type History struct {
	Epochs  []Epoch
	Resumed int // how often it was continued from a checkpoint
}

// Seconds is the wall-clock time of all epochs.
func (h *History) Seconds() float64 {
	total := 0.0
	for _, epoch := range h.Epochs {
		total += epoch.Seconds
	}
	return total
}

// Run trains until the configured number of epochs is done, resuming from the folder's checkpoint if there is one.
// When the context ends it saves a checkpoint and returns the context's error. A loss that is not finite ends the run
// with an error and leaves the last good checkpoint.
func Run(ctx context.Context, config Config) (*History, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	r := &run{Config: config, ctx: ctx, done: &progress{}}
	if config.Folder != "" {
		var err error
		if r.checkpoints, r.done, err = openCheckpoints(config.Store, config.Folder, config.Identity); err != nil {
			return nil, err
		}
	}
	if err := r.train(); err != nil {
		return nil, err
	}
	return &History{Epochs: r.done.Epochs, Resumed: r.done.Resumed}, nil
}

func (c *Config) validate() error {
	switch {
	case c.Backend == nil, c.Store == nil, c.Model == nil, c.Loss == nil, c.Optimizer == nil, c.Data == nil:
		return errors.New("training: Backend, Store, Model, Loss, Optimizer and Data must be set")
	case c.Epochs < 1:
		return fmt.Errorf("training: %d epochs: at least 1 is needed", c.Epochs)
	case c.Data.StepsPerEpoch() < 1:
		return fmt.Errorf("training: %s has no full batch: use a smaller batch size or more images", c.Data.Name())
	}
	if c.CheckpointEvery == 0 {
		c.CheckpointEvery = 5 * time.Minute
	}
	return nil
}

// run is a training run under way.
type run struct {
	Config
	ctx         context.Context
	checkpoints *checkpoints // nil: none are kept
	done        *progress
	images      int // of the batch in the training step
	lastSave    time.Time
	lastStep    time.Time
}

// Iter passes the batches of Data on to GoMLX's loop and notes how many images each holds.
func (r *run) Iter() iter.Seq2[train.Batch, error] {
	return func(yield func(train.Batch, error) bool) {
		for batch, err := range r.Data.Iter() {
			if err == nil {
				r.images = batch.Inputs[0].Shape().Dim(0)
			}
			if !yield(batch, err) {
				return
			}
		}
	}
}

// Name implements [train.Dataset].
func (r *run) Name() string { return r.Data.Name() }

func (r *run) train() error {
	trainer := train.NewTrainer(r.Backend, r.Store, r.Model, r.Loss, r.Optimizer, nil, nil)
	loop := train.NewLoop(trainer)
	if step := int(optimizer.GetGlobalStep(r.Store)); step != r.done.Step {
		return fmt.Errorf("training: the store is at step %d but its record says %d: start with a new store",
			step, r.done.Step)
	}
	loop.OnStep("dismax progress", 0, r.afterStep)
	for _, w := range r.Watchers {
		if w.Resume != nil && r.done.Resumed > 0 {
			w.Resume(r.done.Epochs)
		}
	}
	r.lastSave = time.Now()
	steps := r.Data.StepsPerEpoch()
	for epoch := r.done.Step / steps; epoch < r.Epochs; epoch++ {
		r.Data.StartAt(r.done.Step)
		r.lastStep = time.Now()
		if _, err := loop.RunToGlobalStep(r, (epoch+1)*steps); err != nil {
			if r.ctx.Err() != nil {
				return fmt.Errorf("training stopped after step %d: %w", r.done.Step, r.ctx.Err())
			}
			return fmt.Errorf("training, epoch %d of %d: %w", epoch+1, r.Epochs, err)
		}
	}
	return nil
}

// afterStep is GoMLX's step hook. GoMLX looks for a loss that is not finite only after its hooks, so this one looks
// itself: a checkpoint must never hold such weights.
func (r *run) afterStep(loop *train.Loop, metrics []*tensors.Tensor) error {
	loss := shapes.ConvertTo[float64](metrics[0].Value())
	if math.IsNaN(loss) || math.IsInf(loss, 0) {
		return fmt.Errorf("the loss is %v at step %d: lower the learning rate", loss, loop.LoopStep)
	}
	r.count(loss)
	endOfEpoch := r.done.Partial.Steps == r.Data.StepsPerEpoch()
	if endOfEpoch {
		r.finishEpoch()
	}
	stopped := r.ctx.Err()
	if r.checkpoints != nil && (endOfEpoch || stopped != nil || time.Since(r.lastSave) > r.CheckpointEvery) {
		if err := r.checkpoints.save(r.done); err != nil {
			return err
		}
		r.lastSave = time.Now()
	}
	if endOfEpoch {
		r.announceEpoch() // who reads that an epoch is done may rely on its checkpoint
	}
	return stopped
}

// count adds a step to the epoch under way.
func (r *run) count(loss float64) {
	now := time.Now()
	current := &r.done.Partial
	r.done.Step++
	current.Steps++
	current.Images += r.images
	current.LossSum += loss
	current.Seconds += now.Sub(r.lastStep).Seconds()
	r.lastStep = now
	for _, w := range r.Watchers {
		if w.Step != nil {
			w.Step(Step{
				Epoch: len(r.done.Epochs) + 1, Epochs: r.Epochs,
				InEpoch: current.Steps, StepsInEpoch: r.Data.StepsPerEpoch(),
				Images: r.images, Loss: loss, MeanLoss: current.LossSum / float64(current.Steps),
			})
		}
	}
}

// finishEpoch moves the epoch under way into the history.
func (r *run) finishEpoch() {
	current := r.done.Partial
	epoch := Epoch{
		Number:          len(r.done.Epochs) + 1,
		LearningRate:    r.Optimizer.Schedule.At(r.done.Step - 1),
		Loss:            current.LossSum / float64(current.Steps),
		Images:          current.Images,
		Seconds:         current.Seconds,
		ImagesPerSecond: float64(current.Images) / current.Seconds,
	}
	r.done.Epochs = append(r.done.Epochs, epoch)
	r.done.Partial = partial{}
}

func (r *run) announceEpoch() {
	for _, w := range r.Watchers {
		if w.Epoch != nil {
			w.Epoch(r.done.Epochs[len(r.done.Epochs)-1])
		}
	}
}
