package training

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/dismax-go/dismax/internal/atomicfile"
	"github.com/dismax-go/dismax/internal/lockfile"
	"github.com/dismax-go/dismax/internal/text"
	"github.com/gofrs/flock"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/metric"
)

// progress is what is known of a training run besides the variables.
type progress struct {
	Identity     map[string]string `json:"identity"`
	Step         int               `json:"step"`    // steps done
	Epochs       []Epoch           `json:"epochs"`  // finished epochs
	Partial      partial           `json:"partial"` // of the epoch that was under way
	Resumed      int               `json:"resumed"` // how often the run was continued
	StoppedEarly bool              `json:"stopped_early"`
	RateChanges  []RateChange      `json:"rate_changes,omitempty"`
}

// partial sums up the epoch under way.
type partial struct {
	LossSum float64 `json:"loss_sum"`
	Steps   int     `json:"steps"`
	Images  int     `json:"images"`
	Seconds float64 `json:"seconds"`
}

// checkpoints keeps the checkpoints of one run in a folder: the newest and the one before, and with KeepBest those of
// the best epochs that the two know. It has the folder for itself until close.
type checkpoints struct {
	folder   string
	keepBest bool
	store    *model.Store
	lock     *flock.Flock
	newest   int // step of the checkpoint that was written or read last; 0: none
	before   int // step of the one before
}

// openCheckpoints makes the folder and locks it.
func openCheckpoints(c Config) (*checkpoints, error) {
	if err := os.MkdirAll(c.Folder, 0o755); err != nil {
		return nil, fmt.Errorf("making the checkpoint folder: %w", err)
	}
	path := filepath.Join(c.Folder, ".lock")
	if err := lockfile.Make(path); err != nil {
		return nil, err
	}
	lock := flock.New(path)
	locked, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking the checkpoint folder: %w", err)
	}
	if !locked {
		return nil, fmt.Errorf("another run is training in %s: wait for it, or choose another folder", c.Folder)
	}
	return &checkpoints{folder: c.Folder, keepBest: c.KeepBest, store: c.Store, lock: lock}, nil
}

// close lets other runs use the folder.
func (c *checkpoints) close() error { return c.lock.Close() }

// restore puts the newest readable checkpoint into the store and returns its header, nil if there is no checkpoint. It
// refuses a checkpoint of another identity.
func (c *checkpoints) restore(config Config) (*header, error) {
	if err := removeUnfinished(c.folder); err != nil {
		return nil, err
	}
	saved, err := newestReadable(c.folder, config.Log)
	if saved == nil || err != nil {
		return nil, err
	}
	if difference := text.Differences(saved.Progress.Identity, config.identity()); difference != "" {
		return nil, fmt.Errorf("the checkpoint in %s belongs to another run, %s: choose another folder or delete it",
			c.folder, difference)
	}
	if err := saved.restore(c.store); err != nil {
		return nil, fmt.Errorf("the checkpoint in %s does not fit the store: %w", c.folder, err)
	}
	c.newest = saved.Progress.Step
	if c.before, err = stepBefore(c.folder, c.newest); err == nil {
		err = c.removeOld(saved.Progress.Epochs)
	}
	return &saved.header, err
}

// save writes a checkpoint, and when it is on the disk deletes those that it replaces.
func (c *checkpoints) save(done *progress, trained map[string]bool) error {
	variables := variablesToSave(c.store)
	err := atomicfile.WriteChecked(filepath.Join(c.folder, fileName(done.Step)),
		func(w io.Writer) error { return writeCheckpoint(w, done, variables, trained) }, verifyFile)
	if err != nil {
		return fmt.Errorf("saving a checkpoint: %w", err)
	}
	if done.Step != c.newest { // else it took the place of the newest
		c.newest, c.before = done.Step, c.newest
	}
	return c.removeOld(done.Epochs)
}

// removeOld deletes the checkpoints that are no longer needed, now that the newest is known to be whole.
func (c *checkpoints) removeOld(epochs []Epoch) error {
	keep := []int{c.newest, c.before}
	if c.keepBest {
		keep = append(keep, bestStep(epochs, c.newest), bestStep(epochs, c.before))
	}
	return removeOlder(c.folder, keep)
}

// variablesToSave are those that a resumed run needs. GoMLX gives metrics new names in every process, and makes the
// learning rate anew.
func variablesToSave(store *model.Store) []*model.Variable {
	var variables []*model.Variable
	for variable := range store.IterVariables() {
		isMetric := strings.Contains(variable.Path(), model.ScopeSeparator+metric.Scope+model.ScopeSeparator)
		if variable.HasValue() && !isMetric && variable.Path() != rateVariable {
			variables = append(variables, variable)
		}
	}
	return variables
}

// restore puts the variables into the store.
func (c *checkpoint) restore(store *model.Store) error {
	for i, saved := range c.Variables {
		variable := store.GetVariable(saved.Path)
		if variable == nil {
			var err error
			if variable, err = store.CreateVariable(saved.Path, c.values[i]); err != nil {
				return err
			}
		} else if !variable.Shape().Equal(c.values[i].Shape()) {
			return fmt.Errorf("%s is %s in the checkpoint and %s in the store",
				saved.Path, c.values[i].Shape(), variable.Shape())
		} else if err := variable.SetValue(c.values[i]); err != nil {
			return err
		}
		variable.SetTrainable(saved.Trainable)
	}
	return nil
}

// Weights returns a store with the variables of the newest checkpoint in the folder, which is that of [Config.Folder]:
// those of the model, and of its training. It is an error if that checkpoint is damaged.
func Weights(folder string) (*model.Store, error) {
	saved, err := newest(folder)
	if err != nil {
		return nil, err
	}
	return saved.weights()
}

// BestWeights is [Weights] of the epoch with the smallest validation loss, of a run with [Config.KeepBest].
func BestWeights(folder string) (*model.Store, error) {
	saved, err := newest(folder)
	if err != nil {
		return nil, err
	}
	step := bestStep(saved.Progress.Epochs, saved.Progress.Step)
	if saved, err = readFile(folder, step); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no best checkpoint in %s: train with KeepBest", folder)
	}
	if err != nil {
		return nil, err
	}
	return saved.weights()
}

func (c *checkpoint) weights() (*model.Store, error) {
	store := model.NewStore()
	return store, c.restore(store)
}
