package backends

import (
	"context"
	"errors"
	"math"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/dismaxlib/backend/goconv"
	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/dismax-go/dismax/dismaxlib/training"
	"github.com/dismax-go/dismax/models"
	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/model"
)

const (
	xlaName   = "xla:cpu"
	batchSize = 32
	epochs    = 4
	steps     = 20 // of all epochs

	flagsVariable = "XLA_FLAGS"
)

// XLA takes twice as long to compile the graphs if it is left to optimize them.
func TestMain(m *testing.M) {
	if os.Getenv(flagsVariable) == "" {
		os.Setenv(flagsVariable, "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true")
	}
	os.Exit(m.Run())
}

// opened is a backend and how it was chosen.
type opened struct {
	compute compute.Backend
	choice  backend.Choice
}

func opening(config string) func() (opened, error) {
	return sync.OnceValues(func() (opened, error) {
		b, choice, err := backend.Open(config)
		return opened{b, choice}, err
	})
}

var openXLA, openGo = opening(xlaName), opening(goconv.Name)

// both returns XLA on the CPU and goconv, or skips the test.
func both(t *testing.T) (xla, inGo opened) {
	t.Helper()
	if !strings.HasPrefix(os.Getenv(compute.ConfigEnvVar), "xla") {
		t.Skip("skipped: it compares XLA with the Go backend for minutes; make test-xla runs it")
	}
	for _, finding := range backend.Found() {
		if finding.Config == xlaName && !finding.Usable {
			t.Skip("skipped: no XLA plugin; make xla")
		}
	}
	xla, xlaErr := openXLA()
	inGo, goErr := openGo()
	if err := errors.Join(xlaErr, goErr); err != nil {
		t.Fatal(err)
	}
	return xla, inGo
}

var openImages = sync.OnceValues(func() (*datasets.Dataset, error) {
	return datasets.Open(context.Background(), "synthetic", datasets.Options{
		TrainLimit: steps / epochs * batchSize, TestLimit: batchSize,
	})
})

func images(t *testing.T) *datasets.Dataset {
	t.Helper()
	set, err := openImages()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// newNetwork puts a model and a loss together for the images.
func newNetwork(t *testing.T, modelName, lossName string) *network.Network {
	t.Helper()
	set := images(t)
	architecture, modelErr := models.ByName(modelName)
	loss, lossErr := dismaxlib.LossByName(lossName)
	if err := errors.Join(modelErr, lossErr); err != nil {
		t.Fatal(err)
	}
	return &network.Network{
		Model: architecture, Loss: loss, ClassNames: set.Classes,
		Height: set.Train.Height, Width: set.Train.Width, Mean: set.Mean, Std: set.Std,
	}
}

func newStore(t *testing.T) *model.Store {
	t.Helper()
	store := model.NewStore()
	if err := store.SetRNGStateFromSeed(1); err != nil {
		t.Fatal(err)
	}
	return store
}

// config trains resnet8 for [steps] steps at a rate at which rounding does not grow.
func config(t *testing.T, on compute.Backend, lossName string) training.Config {
	t.Helper()
	return configOf(t, on, newNetwork(t, "resnet8", lossName))
}

func configOf(t *testing.T, on compute.Backend, n *network.Network) training.Config {
	t.Helper()
	loader, err := datasets.NewLoader(images(t).Train, datasets.LoaderOptions{
		BatchSize: batchSize, Seed: 1, Shuffle: true, Augment: true, DropLast: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return training.Config{
		Backend: on, Store: newStore(t), Model: n.Logits, Loss: n.Loss.Function,
		Optimizer: &training.SGD{LearningRate: 0.01, Momentum: 0.9, Nesterov: true, WeightDecay: 1e-4},
		Data:      loader, Epochs: epochs,
	}
}

// losses trains to the end, or until stopAfter steps are done if that is not 0, and returns the loss of every step.
func losses(t *testing.T, c training.Config, stopAfter int) []float64 {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var all []float64
	c.Watchers = append(c.Watchers, training.Watcher{Step: func(step training.Step) {
		all = append(all, step.Loss)
		if len(all) == stopAfter {
			stop()
		}
	}})
	_, err := training.Run(ctx, c)
	if stopAfter > 0 && !errors.Is(err, context.Canceled) || stopAfter == 0 && err != nil {
		t.Fatalf("training, to be stopped after %d steps: %v", stopAfter, err)
	}
	return all
}

// checkLosses reports losses that differ by more than the relative tolerance, and returns the largest difference.
func checkLosses(t *testing.T, what string, got, want []float64, tolerance float64) (largest float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d losses; want %d", what, len(got), len(want))
		return math.NaN()
	}
	for i := range want {
		difference := math.Abs(got[i]-want[i]) / math.Abs(want[i])
		largest = max(largest, difference)
		if !(difference <= tolerance) {
			t.Errorf("%s: step %d: loss %.8g; want %.8g to %.0e", what, i+1, got[i], want[i], tolerance)
		}
	}
	t.Logf("%s: losses differ by %.1e at most", what, largest)
	return largest
}
