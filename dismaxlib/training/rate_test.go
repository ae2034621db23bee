package training_test

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/training"
)

// exploded trains into a new folder until its second epoch ends with variables that are not finite.
func exploded(t *testing.T) (folder string) {
	t.Helper()
	c := config(t, t.TempDir())
	c.Schedule = exploding{}
	_, err := training.Run(context.Background(), c)
	spoiled, ok := errors.AsType[*training.NotFiniteError](err)
	if !ok || spoiled.Checkpoint != 10 || !strings.Contains(err.Error(), "the checkpoint of step 10 is good") {
		t.Fatalf("error %v; want that the variables are not finite and the checkpoint of step 10 is good", err)
	}
	return c.Folder
}

func TestATrainingThatExplodedGoesOnAtAnotherRate(t *testing.T) {
	c := config(t, exploded(t))
	c.ContinueAtRate = 0.05
	history := mustRun(t, c)
	want := []training.RateChange{{Step: 10, Rate: 0.05}}
	if !slices.Equal(history.RateChanges, want) || history.Resumed != 1 {
		t.Errorf("changes %v, resumed %d times; want %v and once", history.RateChanges, history.Resumed, want)
	}
	for i, rate := range []float64{0.1, 0.05, 0.005, 0.005} { // the schedule divides by 10 after step 20
		if got := history.Epochs[i].LearningRate; math.Abs(got-rate) > 1e-12 {
			t.Errorf("epoch %d: rate %g, want %g", i+1, got, rate)
		}
	}
	again := config(t, "")
	again.RateChanges = want
	mustRun(t, again)
	checkEqual(t, "with the change from the start", variables(t, c.Store), variables(t, again.Store))
}

func TestAChangedRateIsChangedOnceHoweverOftenTheTrainingIsInterrupted(t *testing.T) {
	folder := exploded(t)
	want := []training.RateChange{{Step: 10, Rate: 0.05}}
	for _, rate := range []float64{0.05, 0.05, 0} {
		c := config(t, folder)
		c.ContinueAtRate = rate
		ctx, stop := context.WithCancel(context.Background())
		c.Watchers = []training.Watcher{{Step: func(s training.Step) {
			if s.InEpoch == 7 {
				stop()
			}
		}}}
		if _, err := training.Run(ctx, c); !errors.Is(err, context.Canceled) {
			t.Fatalf("rate %g: error %v; want context.Canceled", rate, err)
		}
	}
	if history := mustRun(t, config(t, folder)); !slices.Equal(history.RateChanges, want) {
		t.Errorf("changes %v; want %v", history.RateChanges, want)
	}
}

func TestARateThatCannotBeChangedIsAnError(t *testing.T) {
	begun, finished := trainedUntil(t, 2), t.TempDir()
	mustRun(t, config(t, finished))
	for name, test := range map[string]struct {
		folder string
		change func(*training.Config)
		want   string
	}{
		"no checkpoint":    {t.TempDir(), func(c *training.Config) { c.ContinueAtRate = 0.1 }, "no checkpoint in"},
		"finished":         {finished, func(c *training.Config) { c.ContinueAtRate = 0.1 }, "is finished"},
		"a negative rate":  {begun, func(c *training.Config) { c.ContinueAtRate = -1 }, "positive and finite"},
		"NaN":              {begun, func(c *training.Config) { c.ContinueAtRate = math.NaN() }, "positive and finite"},
		"without schedule": {begun, func(c *training.Config) { c.Schedule, c.ContinueAtRate = nil, 0.1 }, "Schedule"},
		"changes that the checkpoint lacks": {begun, func(c *training.Config) {
			c.RateChanges = []training.RateChange{{Step: 5, Rate: 0.1}}
		}, "another run"},
		"changes out of order": {t.TempDir(), func(c *training.Config) {
			c.RateChanges = []training.RateChange{{Step: 5, Rate: 0.1}, {Step: 5, Rate: 0.2}}
		}, "steps ascend"},
	} {
		t.Run(name, func(t *testing.T) {
			c := config(t, test.folder)
			test.change(&c)
			_, err := training.Run(context.Background(), c)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v; want one that says %q", err, test.want)
			}
		})
	}
}

// A checkpoint of such variables would fail again at any rate.
func TestAnEpochWhoseValidationIsNotFiniteIsNotSaved(t *testing.T) {
	folder := t.TempDir()
	_, err := training.Run(context.Background(), validated(t, folder, 1, math.NaN(), 1))
	if spoiled, ok := errors.AsType[*training.NotFiniteError](err); !ok || spoiled.Checkpoint != 10 {
		t.Errorf("error %v; want that the validation loss is not finite and the checkpoint of step 10 is good", err)
	}
	if got := filepath.Base(newestOf(t, folder)); got != "step-00000010.checkpoint" {
		t.Errorf("the newest checkpoint is %s; want that of step 10", got)
	}
	c := validated(t, folder, 1, 1, 1)
	c.ContinueAtRate = 0.01
	if history := mustRun(t, c); len(history.RateChanges) != 1 {
		t.Errorf("changes %v; want one", history.RateChanges)
	}
}
