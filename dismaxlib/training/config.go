package training

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/gomlx/gomlx/ml/train/optimizer"
)

// Config says what to train and how. Backend, Store, Model, Loss, Optimizer, Data and Epochs are required.
type Config struct {
	Backend compute.Backend
	Store   *model.Store
	Model   func(scope *model.Scope, images *Node) *Node // images, as Data yields them, to logits
	Loss    train.LossFn
	Data    Data
	Epochs  int

	// Devices is on how many of the backend's devices to train, from its first; 0 is one. Each takes an equal share of the
	// images of every batch, and the losses are those of one device, up to rounding. A checkpoint is of no number of
	// devices: a run may go on with another. More than one needs XLA and batches that the number divides; see
	// [CheckDevices].
	Devices int

	// Optimizer is [SGD] or any of GoMLX's.
	Optimizer optimizer.Interface
	// Schedule sets the learning rate of every step; nil leaves it to the optimizer.
	Schedule Schedule
	// RateChanges are the changes of the learning rate that an earlier run of the same steps made on its way, which this
	// one makes at the same steps.
	RateChanges []RateChange
	// ContinueAtRate, if not 0, goes on from the checkpoint at this learning rate instead of the schedule's, and from the
	// next step on in proportion to it: after a step that made the loss or a variable infinite or NaN. It needs a
	// Schedule and a checkpoint, which keeps the change: the same run, started again, does not make it twice.
	ContinueAtRate float64

	// AfterEpoch, if not nil, is called after the last step of an epoch and before its checkpoint is written. It may set
	// epoch.Validation and epoch.Attached, and end the training by returning [ErrStop]. On any other error the run ends
	// with that error; the run that goes on calls AfterEpoch again before it trains.
	AfterEpoch func(ctx context.Context, epoch *Epoch, store *model.Store) error

	// Folder keeps the checkpoints; "" trains without. A run whose folder holds a checkpoint goes on from it; if the
	// newest is damaged, from the one before. No other run can train in the folder at the same time. Files that are not
	// this package's stay.
	Folder string
	// Identity says what must be equal for a run to go on from a checkpoint, by name: the model, the data and so on.
	Identity map[string]string
	// CheckpointEvery is the time between checkpoints within an epoch; there is one after every epoch in any case.
	// Default: 5 minutes.
	CheckpointEvery time.Duration
	// KeepBest keeps the checkpoint of the epoch with the smallest validation loss, too, for [BestWeights].
	KeepBest bool

	// Watchers are told what happens, from the training goroutine.
	Watchers []Watcher
	// Log, if not nil, takes a line when a damaged checkpoint was passed over.
	Log func(line string)
}

// ErrStop is what [Config.AfterEpoch] returns to end a training early and well.
var ErrStop = errors.New("stop training after this epoch")

// Data yields the training batches. Each call of Iter is one epoch; StartAt makes the next call begin at the given
// global step, so that a resumed run sees the batches that the interrupted one would have seen.
type Data interface {
	train.Dataset
	StepsPerEpoch() int
	StartAt(step int)
}

// check reports what is missing, and fills in defaults.
func (c *Config) check() error {
	switch {
	case c.Backend == nil, c.Store == nil, c.Model == nil, c.Loss == nil, c.Optimizer == nil, c.Data == nil:
		return errors.New("training: Backend, Store, Model, Loss, Optimizer and Data must be set")
	case c.Epochs < 1:
		return fmt.Errorf("training: %d epochs: at least 1 is needed", c.Epochs)
	case c.Data.StepsPerEpoch() < 1:
		return fmt.Errorf("training: %s has no full batch: use a smaller batch size or more images", c.Data.Name())
	case c.KeepBest && (c.AfterEpoch == nil || c.Folder == ""):
		return errors.New("training: KeepBest needs a Folder, and an AfterEpoch that sets the validation loss")
	}
	if err := checkAvailable(c.Backend, c.Devices); err != nil {
		return fmt.Errorf("training: %w", err)
	}
	if err := c.checkRates(); err != nil {
		return fmt.Errorf("training: %w", err)
	}
	if sgd, ok := c.Optimizer.(*SGD); ok && c.Schedule == nil && sgd.LearningRate == 0 {
		return errors.New("training: SGD needs a LearningRate or a Schedule")
	}
	if c.CheckpointEvery == 0 {
		c.CheckpointEvery = 5 * time.Minute
	}
	if c.Log == nil {
		c.Log = func(string) {}
	}
	return nil
}
