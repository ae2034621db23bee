package show

import (
	"encoding/gob"
	"os"
	"path/filepath"

	"github.com/dismax-go/dismax/datasets"
)

// Keep stores a data set whose images are in memory, so that the next cells, each a program of its own, need not decode
// its files again.
func Keep(path string, set *datasets.Dataset) {
	Check(os.MkdirAll(filepath.Dir(path), 0o755))
	file := Must(os.Create(path))
	Check(gob.NewEncoder(file).Encode(set))
	Check(file.Close())
}

// Kept returns the data set that [Keep] stored.
func Kept(path string) *datasets.Dataset {
	file := Must(os.Open(path))
	defer file.Close()
	var set datasets.Dataset
	Check(gob.NewDecoder(file).Decode(&set))
	return &set
}
