package show

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/dismaxlib/training"
)

const (
	// ScaleVariable is the environment variable that, set to "smallest", lets a notebook be tested in seconds.
	ScaleVariable = "DISMAX_NOTEBOOK_SCALE"
	// FolderVariable is the environment variable that says where notebooks leave their results.
	FolderVariable = "DISMAX_NOTEBOOK_OUT"
)

// Dataset returns "cifar10" where its images are found, else "synthetic". A folder that [datasets.DataVariable] names
// must hold them.
func Dataset() string {
	_, err := datasets.Open(context.Background(), "cifar10", datasets.Options{TrainLimit: 10, TestLimit: 10, Offline: true})
	if errors.Is(err, datasets.ErrNotFound) && os.Getenv(datasets.DataVariable) == "" {
		return "synthetic"
	}
	Check(err)
	return "cifar10"
}

// Unknown opens the out-of-distribution sets that are here for the data set, with so many images of each.
func Unknown(dataset string, images int) []*datasets.Dataset {
	sets, _, err := experiment.OutOfDistribution(context.Background(), dataset, nil, datasets.Options{TestLimit: images})
	Check(err)
	return sets
}

// Folder returns the folder for results of that name, beside those of the other notebooks.
func Folder(name string) string {
	root := os.Getenv(FolderVariable)
	if root == "" {
		root = filepath.Join("..", "reports", "out")
	}
	return filepath.Join(root, name)
}

// Number returns the number to use, or the smaller one where a test asks for the smallest scale.
func Number(number, smallest int) int {
	if os.Getenv(ScaleVariable) == "smallest" {
		return smallest
	}
	return number
}

// Scale cuts a spec down where a test asks for the smallest scale.
func Scale(spec record.Spec) record.Spec {
	spec.TrainLimit, spec.TestLimit = Number(spec.TrainLimit, 320), Number(spec.TestLimit, 100)
	if epochs := Number(spec.Epochs, 1); epochs < spec.Epochs {
		spec.Epochs, spec.LearningRateDrops = epochs, nil
	}
	return spec
}

// Run runs the experiment into the folder, with curves that grow and a line for each epoch, on the backend that
// GOMLX_BACKEND or the machine suggests. A run that was interrupted goes on; a finished one is run anew.
func Run(spec record.Spec, folder string) *record.Record {
	return run(spec, folder, func(line string) { fmt.Println(line) },
		liveCurves(Scale(spec).Epochs), training.Lines(os.Stdout))
}

// RunQuietly is [Run] without a word, for one of many.
func RunQuietly(spec record.Spec, folder string) *record.Record {
	return run(spec, folder, func(string) {})
}

func run(spec record.Spec, folder string, log func(string), watchers ...training.Watcher) *record.Record {
	if _, err := os.Stat(filepath.Join(folder, record.FileName)); err == nil {
		Check(os.RemoveAll(folder))
	}
	compute, choice, err := backend.Open("")
	Check(err)
	defer compute.Finalize()
	log(fmt.Sprintf("computing on %s: %s", choice.Config, choice.Device))
	if os.Getenv(ScaleVariable) == "smallest" {
		log("at the smallest scale, which shows that the cells work: the numbers mean nothing")
	}
	return Must(experiment.Run(context.Background(), Scale(spec), experiment.Options{
		Backend: compute, Choice: choice, Folder: folder, Watchers: watchers, Log: log,
	}))
}

// Load reads the record of a finished run.
func Load(folder string) *record.Record { return Must(record.Read(folder)) }

// BackendNames lists the backends that are here, for [backend.Open].
func BackendNames() []string {
	var here []string
	for _, found := range backend.Found() {
		if found.Usable {
			here = append(here, found.Config)
		}
	}
	return here
}
