package training

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/dismax-go/dismax/internal/atomicfile"
	gomlx "github.com/gomlx/gomlx/ml/model/checkpoint"
)

// fileName is the name of the checkpoint after the step.
func fileName(step int) string { return fmt.Sprintf("step-%08d.checkpoint", step) }

// stepOf returns the step of a checkpoint's file name; ok is false for other names.
func stepOf(name string) (step int, ok bool) {
	_, err := fmt.Sscanf(name, "step-%d.checkpoint", &step)
	return step, err == nil && step > 0 && name == fileName(step)
}

// listCheckpoints returns the steps of the checkpoints in a folder, ascending.
func listCheckpoints(folder string) ([]int, error) {
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the checkpoint folder: %w", err)
	}
	var steps []int
	for _, entry := range entries {
		if step, ok := stepOf(entry.Name()); ok {
			steps = append(steps, step)
		}
	}
	if len(steps) == 0 && slices.ContainsFunc(entries, isOfGoMLX) {
		return nil, fmt.Errorf("%s holds a checkpoint in GoMLX's format, which training cannot go on from: "+
			"choose another folder, or move it away to train anew", folder)
	}
	slices.Sort(steps)
	return steps, nil
}

// isOfGoMLX reports whether a file is half of a checkpoint as GoMLX writes it.
func isOfGoMLX(entry fs.DirEntry) bool {
	match, err := filepath.Match("checkpoint-*"+gomlx.JsonNameSuffix, entry.Name())
	return err == nil && match
}

// stepBefore returns the step of the checkpoint before that of the step; 0 if there is none.
func stepBefore(folder string, step int) (int, error) {
	steps, err := listCheckpoints(folder)
	if at, _ := slices.BinarySearch(steps, step); at > 0 {
		return steps[at-1], nil
	}
	return 0, err
}

// newest reads the newest checkpoint of a folder.
func newest(folder string) (*checkpoint, error) {
	steps, err := listCheckpoints(folder)
	if err != nil {
		return nil, err
	}
	if len(steps) == 0 {
		return nil, fmt.Errorf("there is no checkpoint in %s: train first", folder)
	}
	saved, err := readFile(folder, steps[len(steps)-1])
	if err != nil {
		return nil, fmt.Errorf("%w; run the training again, which goes on from the checkpoint before", err)
	}
	return saved, nil
}

// newestReadable reads the newest checkpoint that is not damaged; nil if the folder has none at all. It writes to the log
// which are damaged.
func newestReadable(folder string, log func(line string)) (*checkpoint, error) {
	steps, err := listCheckpoints(folder)
	if err != nil {
		return nil, err
	}
	var damage []error
	for _, step := range slices.Backward(steps) {
		saved, err := readFile(folder, step)
		if err != nil {
			damage = append(damage, err)
			continue
		}
		for _, err := range damage {
			log(fmt.Sprintf("%v; going on from the checkpoint of step %d", err, step))
		}
		return saved, nil
	}
	if len(damage) > 0 {
		return nil, fmt.Errorf("no checkpoint in %s can be read: %w; restore it, or delete the folder to start anew",
			folder, damage[0])
	}
	return nil, nil
}

// readFile reads the checkpoint of the step.
func readFile(folder string, step int) (*checkpoint, error) {
	path := filepath.Join(folder, fileName(step))
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening a checkpoint: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is not a file")
	}
	if err != nil {
		return nil, fmt.Errorf("the checkpoint %s: %w", path, err)
	}
	saved, err := readCheckpoint(file, info.Size())
	if err == nil && saved.Progress.Step != step {
		err = fmt.Errorf("it is of step %d, so it was renamed", saved.Progress.Step)
	}
	if err != nil {
		return nil, fmt.Errorf("the checkpoint %s is damaged: %w", path, err)
	}
	return saved, nil
}

// verifyFile makes sure that a checkpoint is what was written.
func verifyFile(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	return verify(file, info.Size())
}

// removeOlder deletes the checkpoints that are older than the first of those to keep, which is whole and newer, and not
// among them. It leaves files that only have the name of a checkpoint.
func removeOlder(folder string, keep []int) error {
	steps, err := listCheckpoints(folder)
	if err != nil {
		return err
	}
	for _, step := range steps {
		path := filepath.Join(folder, fileName(step))
		if step >= keep[0] || slices.Contains(keep, step) || !hasMagic(path) {
			continue
		}
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("deleting an old checkpoint: %w", err)
		}
	}
	return nil
}

// hasMagic reports whether a file begins as this package's checkpoints do.
func hasMagic(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	start := make([]byte, len(magic))
	_, err = io.ReadFull(file, start)
	return err == nil && string(start) == magic
}

// removeUnfinished deletes what a process that was killed had written of a checkpoint.
func removeUnfinished(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return fmt.Errorf("reading the checkpoint folder: %w", err)
	}
	for _, entry := range entries {
		if _, ok := stepOf(atomicfile.Unfinished(entry.Name())); !ok {
			continue
		}
		if err := os.Remove(filepath.Join(folder, entry.Name())); err != nil {
			return fmt.Errorf("deleting half a checkpoint: %w", err)
		}
	}
	return nil
}
