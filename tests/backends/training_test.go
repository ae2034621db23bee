package backends

import (
	"testing"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/training"
)

func TestTheSameSeedTrainsAlikeOnBothBackends(t *testing.T) {
	xla, inGo := both(t)
	for _, lossName := range dismaxlib.LossNames() {
		t.Run(lossName, func(t *testing.T) {
			want := losses(t, withoutMomentum(config(t, inGo.compute, lossName)), 0)
			got := losses(t, withoutMomentum(config(t, xla.compute, lossName)), 0)
			checkLosses(t, "XLA", got, want, sameLosses)
		})
	}
}

// withoutMomentum takes steps of the learning rate alone: momentum makes them ten times as large, and what the two
// arithmetics round differently grows with them.
func withoutMomentum(c training.Config) training.Config {
	c.Optimizer = &training.SGD{LearningRate: 0.01, WeightDecay: 1e-4}
	return c
}

func TestATrainingStoppedOnOneBackendGoesOnOnTheOther(t *testing.T) {
	xla, inGo := both(t)
	const lossName = "softmax"
	want := losses(t, config(t, inGo.compute, lossName), 0)
	for _, test := range []struct {
		name   string
		before opened
		after  opened
	}{
		{"begun on goconv, ended on XLA", inGo, xla},
		{"begun on XLA, ended on goconv", xla, inGo},
	} {
		folder := t.TempDir()
		before := config(t, test.before.compute, lossName)
		before.Folder = folder
		got := losses(t, before, 7)
		after := config(t, test.after.compute, lossName)
		after.Folder = folder
		got = append(got, losses(t, after, 0)...)
		checkLosses(t, test.name, got, want, sameLosses)
	}
}
