package training_test

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/training"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/gomlx/gomlx/ml/train/loss"
)

// points is a two-class problem in the plane, in batches that depend on the global step alone.
type points struct {
	steps, next int
	stride      float32 // scales the features; infinity makes the loss NaN
}

func (p *points) Name() string       { return "points" }
func (p *points) StepsPerEpoch() int { return p.steps }
func (p *points) StartAt(step int)   { p.next = step }

func (p *points) Iter() iter.Seq2[train.Batch, error] {
	return func(yield func(train.Batch, error) bool) {
		for {
			random := rand.New(rand.NewPCG(1, uint64(p.next)))
			features, labels := make([]float32, 16), make([]int32, 8)
			for i := range labels {
				labels[i] = int32(i % 2)
				features[2*i] = p.stride * (float32(random.NormFloat64()) + 2*float32(labels[i]))
				features[2*i+1] = float32(random.NormFloat64())
			}
			p.next++
			batch := train.Batch{
				Inputs: []*tensors.Tensor{tensors.FromFlatDataAndDimensions(features, 8, 2)},
				Labels: []*tensors.Tensor{tensors.FromFlatDataAndDimensions(labels, 8, 1)},
			}
			if !yield(batch, nil) || p.next%p.steps == 0 {
				return
			}
		}
	}
}

func linear(scope *model.Scope, features *Node) *Node {
	return layers.Dense(scope.In("head"), features, true, 2)
}

func config(t *testing.T, folder string) training.Config {
	store := model.NewStore()
	if err := store.SetRNGStateFromSeed(7); err != nil {
		t.Fatal(err)
	}
	return training.Config{
		Backend: goBackend(t), Store: store, Model: linear, Loss: loss.SparseCategoricalCrossEntropyLogits,
		Optimizer: &training.SGD{Schedule: training.MultiStep{Initial: 0.1, Factor: 0.1, Milestones: []int{20}},
			Momentum: 0.9, Nesterov: true, WeightDecay: 1e-4},
		Data: &points{steps: 10, stride: 1}, Epochs: 4, Folder: folder, Identity: "points",
	}
}

// losses collects the loss of every step.
func losses(into *[]float64) training.Watcher {
	return training.Watcher{Step: func(s training.Step) { *into = append(*into, s.Loss) }}
}

func TestRunLearnsAndReportsEveryEpoch(t *testing.T) {
	var log bytes.Buffer
	c := config(t, "")
	c.Watchers = []training.Watcher{training.Lines(&log)}
	history, err := training.Run(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	if len(history.Epochs) != 4 || strings.Count(log.String(), "\n") != 4 {
		t.Fatalf("%d epochs and log %q; want 4 of each", len(history.Epochs), log.String())
	}
	first, last := history.Epochs[0], history.Epochs[3]
	if last.Loss >= first.Loss {
		t.Errorf("loss went from %g to %g; want it to fall", first.Loss, last.Loss)
	}
	if first.LearningRate != 0.1 || last.LearningRate >= 0.02 {
		t.Errorf("learning rates %g and %g; want 0.1 and then 0.01", first.LearningRate, last.LearningRate)
	}
	if first.Images != 80 || first.ImagesPerSecond <= 0 {
		t.Errorf("first epoch %+v; want 80 images and a positive speed", first)
	}
}

func TestResumedRunRepeatsTheUninterruptedOne(t *testing.T) {
	var want []float64
	c := config(t, t.TempDir())
	c.Watchers = []training.Watcher{losses(&want)}
	if _, err := training.Run(context.Background(), c); err != nil {
		t.Fatal(err)
	}
	for _, stopAfter := range []int{3, 10, 27} {
		var got []float64
		ctx, stop := context.WithCancel(context.Background())
		c := config(t, t.TempDir())
		c.Watchers = []training.Watcher{losses(&got), {Step: func(training.Step) {
			if len(got) == stopAfter {
				stop()
			}
		}}}
		if _, err := training.Run(ctx, c); !errors.Is(err, context.Canceled) {
			t.Fatalf("stopped after %d steps: error %v; want context.Canceled", stopAfter, err)
		}
		again := config(t, c.Folder)
		again.Watchers = []training.Watcher{losses(&got)}
		history, err := training.Run(context.Background(), again)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("stopped after %d steps: losses\n%v\nwant\n%v", stopAfter, got, want)
		}
		if history.Resumed != 1 || len(history.Epochs) != 4 || history.Epochs[0].Images != 80 {
			t.Errorf("stopped after %d steps: history %+v; want 4 full epochs, resumed once", stopAfter, history)
		}
	}
}

func TestResumeIgnoresACheckpointThatWasCutShort(t *testing.T) {
	folder := t.TempDir()
	ctx, stop := context.WithCancel(context.Background())
	c := config(t, folder)
	c.Watchers = []training.Watcher{{Epoch: func(training.Epoch) { stop() }}}
	if _, err := training.Run(ctx, c); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v; want context.Canceled", err)
	}
	torn := filepath.Join(folder, "checkpoint-n9999999-20990101-000000-step-00000015.json")
	if err := os.WriteFile(torn, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := training.Run(context.Background(), config(t, folder)); err != nil {
		t.Errorf("resuming beside half a checkpoint: %v", err)
	}
	if _, err := os.Stat(torn); err == nil {
		t.Error("the half checkpoint is still there")
	}
}

func TestRunRefusesTheCheckpointOfAnotherRun(t *testing.T) {
	folder := t.TempDir()
	if _, err := training.Run(context.Background(), config(t, folder)); err != nil {
		t.Fatal(err)
	}
	other := config(t, folder)
	other.Identity = "other points"
	_, err := training.Run(context.Background(), other)
	if err == nil || !strings.Contains(err.Error(), "another run (points)") {
		t.Errorf("error %v; want one that names the other run", err)
	}
}

func TestLossThatIsNotFiniteIsAnErrorAndNeverSaved(t *testing.T) {
	c := config(t, t.TempDir())
	data := &points{steps: 10, stride: 1}
	c.Data = data
	c.Watchers = []training.Watcher{{Epoch: func(training.Epoch) { data.stride = float32(math.Inf(1)) }}}
	_, err := training.Run(context.Background(), c)
	if err == nil || !strings.Contains(err.Error(), "loss is") {
		t.Fatalf("error %v; want one about the loss", err)
	}
	good := config(t, c.Folder)
	good.Epochs = 2
	history, err := training.Run(context.Background(), good)
	if err != nil || history.Resumed != 1 {
		t.Errorf("resuming from before the bad step: %+v, %v", history, err)
	}
}

func TestRunSaysWhatIsMissing(t *testing.T) {
	for _, test := range []struct {
		name   string
		spoil  func(*training.Config)
		inText string
	}{
		{"no backend", func(c *training.Config) { c.Backend = nil }, "must be set"},
		{"no epochs", func(c *training.Config) { c.Epochs = 0 }, "at least 1"},
		{"no batch", func(c *training.Config) { c.Data = &points{} }, "no full batch"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := config(t, "")
			test.spoil(&c)
			if _, err := training.Run(context.Background(), c); err == nil || !strings.Contains(err.Error(), test.inText) {
				t.Errorf("error %v; want one with %q", err, test.inText)
			}
		})
	}
}

// ragged is an evaluation set whose last batch is smaller.
type ragged struct{}

func (ragged) Name() string { return "ragged" }

func (ragged) Iter() iter.Seq2[train.Batch, error] {
	return func(yield func(train.Batch, error) bool) {
		for _, values := range [][]float32{{1, 2, 3, 4}, {5, 6}} {
			images := tensors.FromFlatDataAndDimensions(values, len(values)/2, 2)
			if !yield(train.Batch{Inputs: []*tensors.Tensor{images}}, nil) {
				return
			}
		}
	}
}

func TestPredictKeepsOrderAndCutsThePadding(t *testing.T) {
	double := func(_ *model.Scope, x *Node) *Node { return MulScalar(x, 2) }
	prediction, err := training.Predict(context.Background(), goBackend(t), model.NewStore(), double, ragged{})
	if err != nil {
		t.Fatal(err)
	}
	want := [][]float32{{2, 4}, {6, 8}, {10, 12}}
	if got := prediction.Logits.Value().([][]float32); !slices.EqualFunc(got, want, slices.Equal[[]float32]) {
		t.Errorf("logits %v; want %v", got, want)
	}
}
