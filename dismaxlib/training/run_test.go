package training_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
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
	"github.com/gomlx/gomlx/ml/train/optimizer"
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

// short promises two more batches than it has.
type short struct{ points }

func (s *short) StepsPerEpoch() int { return s.steps + 2 }

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
		Optimizer: &training.SGD{Momentum: 0.9, Nesterov: true, WeightDecay: 1e-4},
		Schedule:  training.MultiStep{Initial: 0.1, Factor: 0.1, Milestones: []int{20}},
		Data:      &points{steps: 10, stride: 1}, Epochs: 4,
		Folder: folder, Identity: map[string]string{"data": "points", "model": "linear"},
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
	for _, test := range []struct {
		name      string
		optimizer func() optimizer.Interface
		schedule  training.Schedule
	}{
		{"SGD", func() optimizer.Interface { return &training.SGD{Momentum: 0.9, Nesterov: true} },
			training.MultiStep{Initial: 0.1, Factor: 0.1, Milestones: []int{20}}},
		{"SGD without a schedule", func() optimizer.Interface { return &training.SGD{LearningRate: 0.1} }, nil},
		{"Adam", func() optimizer.Interface { return optimizer.Adam().Done() },
			training.Cosine{Peak: 0.1, WarmUp: 5, Steps: 40}},
		{"Adam without a schedule", func() optimizer.Interface { return optimizer.Adam().LearningRate(0.01).Done() }, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			start := func(folder string) training.Config {
				c := config(t, folder)
				c.Optimizer, c.Schedule = test.optimizer(), test.schedule
				return c
			}
			var want []float64
			c := start(t.TempDir())
			c.Watchers = []training.Watcher{losses(&want)}
			mustRun(t, c)
			for _, stopAfter := range []int{3, 10, 27} {
				got, again := interrupted(t, start, stopAfter)
				if !slices.Equal(got, want) {
					t.Errorf("stopped after %d steps: losses\n%v\nwant\n%v", stopAfter, got, want)
				}
				checkEqual(t, fmt.Sprintf("stopped after %d steps", stopAfter), variables(t, again), variables(t, c.Store))
			}
		})
	}
}

// interrupted trains with one interruption and returns the losses of all steps, and the variables.
func interrupted(t *testing.T, start func(folder string) training.Config, stopAfter int) ([]float64, *model.Store) {
	t.Helper()
	var got []float64
	ctx, stop := context.WithCancel(context.Background())
	c := start(t.TempDir())
	c.Watchers = []training.Watcher{losses(&got), {Step: func(training.Step) {
		if len(got) == stopAfter {
			stop()
		}
	}}}
	if _, err := training.Run(ctx, c); !errors.Is(err, context.Canceled) {
		t.Fatalf("stopped after %d steps: error %v; want context.Canceled", stopAfter, err)
	}
	again := start(c.Folder)
	again.Watchers = []training.Watcher{losses(&got)}
	history := mustRun(t, again)
	if history.Resumed != 1 || len(history.Epochs) != 4 || history.Epochs[0].Images != 80 {
		t.Errorf("stopped after %d steps: history %+v; want 4 full epochs, resumed once", stopAfter, history)
	}
	return got, again.Store
}

func mustRun(t *testing.T, c training.Config) *training.History {
	t.Helper()
	history, err := training.Run(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	return history
}

// variables returns the values of all variables that outlive a training process, by path.
func variables(t *testing.T, store *model.Store) map[string]string {
	t.Helper()
	values := map[string]string{}
	for variable := range store.IterVariables() {
		if !strings.Contains(variable.Path(), "/metrics/") {
			values[variable.Path()] = fmt.Sprintf("%v %v", variable.Shape(), variable.MustValue().Value())
		}
	}
	return values
}

func checkEqual(t *testing.T, when string, got, want map[string]string) {
	t.Helper()
	for path := range want {
		if got[path] != want[path] {
			t.Errorf("%s: %s is %s; want %s", when, path, got[path], want[path])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s: %d variables; want %d", when, len(got), len(want))
	}
}

func TestAScheduleHoldsFromTheFirstStep(t *testing.T) {
	after := func(learningRate float64, schedule training.Schedule) map[string]string {
		c := config(t, "")
		c.Data, c.Epochs = &points{steps: 1, stride: 1}, 1
		c.Optimizer, c.Schedule = optimizer.Adam().LearningRate(learningRate).Done(), schedule
		history := mustRun(t, c)
		if got := history.Epochs[0].LearningRate; math.Abs(got-0.1) > 1e-8 {
			t.Errorf("the history has learning rate %g; want 0.1", got)
		}
		return variables(t, c.Store)
	}
	checkEqual(t, "a schedule over the optimizer's own rate", after(5, training.MultiStep{Initial: 0.1}), after(0.1, nil))
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
		{"no rate", func(c *training.Config) { c.Schedule = nil }, "LearningRate or a Schedule"},
		{"no validation", func(c *training.Config) { c.KeepBest = true }, "AfterEpoch"},
		{"a trained store", func(c *training.Config) { mustRun(t, *c) }, "new store"},
		{"too few batches", func(c *training.Config) { c.Data = &short{points{steps: 5, stride: 1}} }, "2 batches too early"},
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
