package training

import (
	"fmt"
	"os"
	"path/filepath"
)

// Verified says of one checkpoint whether it is, bit for bit, what was written.
type Verified struct {
	Path string
	Err  error // nil: it is whole
}

// Verify reads all checkpoints of a folder, that of [Config.Folder], the oldest first. It changes nothing and needs no
// lock: a training may go on meanwhile. A folder without checkpoints has none to report; one that is not there is an
// error that wraps [os.ErrNotExist].
func Verify(folder string) ([]Verified, error) {
	if _, err := os.Stat(folder); err != nil {
		return nil, fmt.Errorf("verifying checkpoints: %w", err)
	}
	steps, err := listCheckpoints(folder)
	if err != nil {
		return nil, err
	}
	var all []Verified
	for _, step := range steps {
		_, err := readFile(folder, step)
		all = append(all, Verified{filepath.Join(folder, fileName(step)), err})
	}
	return all, nil
}

// HasCheckpoint reports whether the folder, that of [Config.Folder], holds a checkpoint, whole or not. One that is not
// there holds none.
func HasCheckpoint(folder string) (bool, error) {
	steps, err := listCheckpoints(folder)
	return len(steps) > 0, err
}
