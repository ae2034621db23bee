package training

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dismax-go/dismax/internal/atomicfile"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/checkpoint"
	"github.com/gomlx/gomlx/ml/train/metric"
)

// progressFile names the checkpoint that is complete. GoMLX writes the two files of a checkpoint one after the other,
// so a kill in between leaves a pair that cannot be loaded; only the pair named here counts, and this file is
// replaced in one step.
const progressFile = "progress.json"

// progress is what is known of a training run besides the variables.
type progress struct {
	Identity     map[string]string `json:"identity"`
	Checkpoint   string            `json:"checkpoint"`     // base name of the complete pair of files
	Best         string            `json:"best,omitempty"` // that of the epoch with the smallest validation loss
	Step         int               `json:"step"`           // steps done
	Epochs       []Epoch           `json:"epochs"`         // finished epochs
	Partial      partial           `json:"partial"`        // of the epoch that was under way
	Resumed      int               `json:"resumed"`        // how often the run was continued
	StoppedEarly bool              `json:"stopped_early"`
}

// partial sums up the epoch under way.
type partial struct {
	LossSum float64 `json:"loss_sum"`
	Steps   int     `json:"steps"`
	Images  int     `json:"images"`
	Seconds float64 `json:"seconds"`
}

// checkpoints saves the variables of a store and the progress of its training into a folder, and restores both.
type checkpoints struct {
	folder   string
	keepBest bool
	store    *model.Store
	handler  *checkpoint.Handler
}

// openCheckpoints attaches the folder to the store: variables of a complete checkpoint in it will be loaded as the
// model creates them. It refuses a checkpoint of another identity.
func openCheckpoints(c Config) (*checkpoints, *progress, error) {
	folder := c.Folder
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, nil, fmt.Errorf("making the checkpoint folder: %w", err)
	}
	done, err := readProgress(folder)
	if err != nil {
		return nil, nil, err
	}
	if done.Checkpoint != "" {
		if difference := difference(done.Identity, c.Identity); difference != "" {
			return nil, nil, fmt.Errorf("the checkpoint in %s belongs to another run, %s: choose another folder or delete it",
				folder, difference)
		}
	}
	if err := keepOnly(folder, done.Checkpoint, done.Best); err != nil {
		return nil, nil, err
	}
	handler, err := checkpoint.Build(c.Store).Dir(folder).Keep(-1).ExcludeAllParams().Done()
	if err != nil {
		return nil, nil, fmt.Errorf("loading the checkpoint %s: %w; delete %s to start anew",
			filepath.Join(folder, done.Checkpoint), err, folder)
	}
	done.Identity = c.Identity
	return &checkpoints{folder: folder, keepBest: c.KeepBest, store: c.Store, handler: handler}, done, nil
}

// Weights returns a store with the variables of the complete checkpoint in the folder, which is that of [Config.Folder]:
// those of the model, and of its training.
func Weights(folder string) (*model.Store, error) {
	done, err := readProgress(folder)
	if err != nil {
		return nil, err
	}
	return load(folder, done.Checkpoint)
}

// BestWeights is [Weights] of the epoch with the smallest validation loss, of a run with [Config.KeepBest].
func BestWeights(folder string) (*model.Store, error) {
	done, err := readProgress(folder)
	if err != nil {
		return nil, err
	}
	if done.Checkpoint != "" && done.Best == "" {
		return nil, fmt.Errorf("there is no best checkpoint in %s: train with KeepBest", folder)
	}
	return load(folder, done.Best)
}

func load(folder, name string) (*model.Store, error) {
	if name == "" {
		return nil, fmt.Errorf("there is no checkpoint in %s: train first", folder)
	}
	base := filepath.Join(folder, name)
	description, err := os.ReadFile(base + checkpoint.JsonNameSuffix)
	if err != nil {
		return nil, fmt.Errorf("loading a checkpoint: %w", err)
	}
	values, err := os.ReadFile(base + checkpoint.BinDataSuffix)
	if err != nil {
		return nil, fmt.Errorf("loading a checkpoint: %w", err)
	}
	store := model.NewStore()
	if _, err := checkpoint.Load(store).FromEmbed(string(description), values).Immediate().Done(); err != nil {
		return nil, fmt.Errorf("loading the checkpoint %s: %w", base, err)
	}
	return store, nil
}

// save writes a checkpoint and makes it the complete one.
func (c *checkpoints) save(done *progress) error {
	for variable := range c.store.IterVariables() {
		if strings.Contains(variable.Path(), model.ScopeSeparator+metric.Scope+model.ScopeSeparator) {
			// Their names are new in every process, so that they would pile up over resumed runs.
			c.handler.ExcludeVarsFromSaving(variable)
		}
	}
	if err := c.handler.Save(); err != nil {
		return fmt.Errorf("saving a checkpoint: %w", err)
	}
	pairs, err := c.handler.ListCheckpoints()
	if err != nil {
		return fmt.Errorf("saving a checkpoint: %w", err)
	}
	done.Checkpoint = filepath.Base(pairs[len(pairs)-1])
	if best := best(done.Epochs); c.keepBest && best != nil && best.Step == done.Step {
		done.Best = done.Checkpoint
	}
	if err := writeProgress(c.folder, done); err != nil {
		return err
	}
	return keepOnly(c.folder, done.Checkpoint, done.Best)
}

// keepOnly deletes all checkpoints of the folder but the named ones.
func keepOnly(folder string, bases ...string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return fmt.Errorf("reading the checkpoint folder: %w", err)
	}
	for _, entry := range entries {
		name := entry.Name()
		stem, isData := strings.CutSuffix(name, checkpoint.BinDataSuffix)
		if !isData {
			stem = strings.TrimSuffix(name, checkpoint.JsonNameSuffix)
		}
		if entry.IsDir() || stem == name || name == progressFile || slices.Contains(bases, stem) {
			continue
		}
		if err := os.Remove(filepath.Join(folder, name)); err != nil {
			return fmt.Errorf("deleting an old checkpoint: %w", err)
		}
	}
	return nil
}

func readProgress(folder string) (*progress, error) {
	path := filepath.Join(folder, progressFile)
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &progress{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the training progress: %w", err)
	}
	var done progress
	if err := json.Unmarshal(content, &done); err != nil {
		return nil, fmt.Errorf("%s is damaged (%w): delete %s to start anew", path, err, folder)
	}
	return &done, nil
}

func writeProgress(folder string, done *progress) error {
	content, err := json.MarshalIndent(done, "", " ")
	if err != nil {
		return fmt.Errorf("encoding the training progress: %w", err)
	}
	err = atomicfile.Write(filepath.Join(folder, progressFile), func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
	if err != nil {
		return fmt.Errorf("training progress: %w", err)
	}
	return nil
}
