package training_test

import (
	"bytes"
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/training"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// validated returns a configuration whose epochs have the validation losses, in turn, and stop where they end.
func validated(t *testing.T, folder string, validationLosses ...float64) training.Config {
	c := config(t, folder)
	c.KeepBest = folder != ""
	c.AfterEpoch = func(_ context.Context, epoch *training.Epoch, _ *model.Store) error {
		epoch.Validation = &training.Validation{Loss: validationLosses[epoch.Number-1], Accuracy: 0.712}
		if epoch.Number == len(validationLosses) {
			return training.ErrStop
		}
		return nil
	}
	return c
}

func TestValidationIsInTheHistoryAndInTheLine(t *testing.T) {
	var log bytes.Buffer
	c := validated(t, "", 3, 2, 1, 0)
	c.Watchers = []training.Watcher{training.Lines(&log)}
	history := mustRun(t, c)
	if got := history.Epochs[2].Validation; got == nil || got.Loss != 1 || got.Accuracy != 0.712 {
		t.Errorf("validation of the third epoch %+v; want loss 1 and accuracy 0.712", got)
	}
	if got := strings.Count(log.String(), "  validation 71.2%  "); got != 4 {
		t.Errorf("%d lines with the validation, want 4:\n%s", got, &log)
	}
}

func TestErrStopEndsTheRunWellAndForGood(t *testing.T) {
	folder := t.TempDir()
	first := mustRun(t, validated(t, folder, 3, 2))
	again := validated(t, folder, 3, 2)
	again.Watchers = []training.Watcher{{
		Step:   func(training.Step) { t.Error("a stopped run trained on") },
		Resume: func([]training.Epoch) { t.Error("a stopped run was resumed") },
	}}
	for name, history := range map[string]*training.History{"first": first, "again": mustRun(t, again)} {
		if !history.StoppedEarly || len(history.Epochs) != 2 || history.Resumed != 0 {
			t.Errorf("%s: %+v; want 2 epochs, stopped early, never resumed", name, history)
		}
	}
}

func TestAFinishedRunReturnsItsHistoryAndItsVariables(t *testing.T) {
	c := config(t, t.TempDir())
	want := mustRun(t, c)
	again := config(t, c.Folder)
	again.Data = &points{steps: 10, stride: float32(math.Inf(1))} // training on it would fail
	got := mustRun(t, again)
	if len(got.Epochs) != 4 || got.Epochs[3] != want.Epochs[3] || got.Resumed != 0 || got.StoppedEarly {
		t.Errorf("history %+v; want %+v", got, want)
	}
	for _, path := range []string{"/head/dense/weights", "/head/dense/biases"} {
		if again.Store.GetVariable(path) == nil {
			t.Fatalf("%s is not in the store", path)
		}
		if got, want := variables(t, again.Store)[path], variables(t, c.Store)[path]; got != want {
			t.Errorf("%s is %s; want %s", path, got, want)
		}
	}
}

func TestAFailureAfterAnEpochLosesNoStep(t *testing.T) {
	var want []float64
	c := config(t, "")
	c.Watchers = []training.Watcher{losses(&want)}
	mustRun(t, c)

	var got []float64
	broken := errors.New("no validation images")
	c = validated(t, t.TempDir(), 3, 2, 1, 0)
	after := c.AfterEpoch
	c.AfterEpoch = func(ctx context.Context, epoch *training.Epoch, store *model.Store) error {
		if epoch.Number == 2 {
			return broken
		}
		return after(ctx, epoch, store)
	}
	c.Watchers = []training.Watcher{losses(&got)}
	if _, err := training.Run(context.Background(), c); !errors.Is(err, broken) {
		t.Fatalf("error %v; want %v", err, broken)
	}
	again := validated(t, c.Folder, 3, 2, 1, 0)
	again.Watchers = []training.Watcher{losses(&got)}
	history := mustRun(t, again)
	if len(got) != len(want) || got[len(got)-1] != want[len(want)-1] {
		t.Errorf("losses %v; want %v", got, want)
	}
	if v := history.Epochs[1].Validation; v == nil || v.Loss != 2 {
		t.Errorf("validation of the epoch that failed %+v; want loss 2", v)
	}
}

func TestAfterEpochMayAddVariables(t *testing.T) {
	const path = "/average/weights"
	start := func(folder string) training.Config {
		c := config(t, folder)
		c.AfterEpoch = func(_ context.Context, epoch *training.Epoch, store *model.Store) error {
			average, err := store.CreateVariable(path, tensors.FromScalar(float32(0)))
			if err != nil {
				return err
			}
			return average.SetValue(tensors.FromScalar(tensors.ToScalar[float32](average.MustValue()) + float32(epoch.Loss)))
		}
		return c
	}
	whole := start(t.TempDir())
	mustRun(t, whole)
	_, again := interrupted(t, start, 27)
	checkEqual(t, "resumed", variables(t, again), variables(t, whole.Store))
	if variables(t, again)[path] == "" {
		t.Errorf("%s is not in the store", path)
	}
}

func TestAValidationLossThatIsNotFiniteEndsTheRun(t *testing.T) {
	_, err := training.Run(context.Background(), validated(t, t.TempDir(), 1, math.NaN()))
	if err == nil || !strings.Contains(err.Error(), "validation loss is NaN") {
		t.Errorf("error %v; want one about the validation loss", err)
	}
}

func TestTheBestCheckpointIsKept(t *testing.T) {
	at := map[int]map[string]string{} // the variables after each epoch
	c := validated(t, t.TempDir(), 3, 1, 2, 2)
	c.Watchers = []training.Watcher{{Epoch: func(e training.Epoch) { at[e.Number] = variables(t, c.Store) }}}
	mustRun(t, c)
	best, err := training.BestWeights(c.Folder)
	if err != nil {
		t.Fatal(err)
	}
	last, err := training.Weights(c.Folder)
	if err != nil {
		t.Fatal(err)
	}
	const weights = "/head/dense/weights"
	if got := variables(t, best)[weights]; got != at[2][weights] {
		t.Errorf("best weights %s; want those of epoch 2, %s", got, at[2][weights])
	}
	if got := variables(t, last)[weights]; got != at[4][weights] {
		t.Errorf("last weights %s; want those of epoch 4, %s", got, at[4][weights])
	}
}

func TestWithoutACheckpointThereAreNoWeights(t *testing.T) {
	for name, read := range map[string]func(string) (*model.Store, error){
		"last": training.Weights, "best": training.BestWeights,
	} {
		if _, err := read(t.TempDir()); err == nil || !strings.Contains(err.Error(), "train first") {
			t.Errorf("%s: error %v; want one that says to train first", name, err)
		}
	}
}
