package backends

import (
	"testing"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/training"
	"github.com/gomlx/compute/dtypes"
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

// Either backend's bfloat16 may be as far from float32 as goconv's is, and so twice as far from the other's.
func TestBFloat16TrainsAlikeOnBothBackends(t *testing.T) {
	xla, inGo := both(t)
	in := func(dtype dtypes.DType, on opened) []float64 {
		n := newNetwork(t, "resnet8", "dismax")
		n.DType = dtype
		return losses(t, withoutMomentum(configOf(t, on.compute, n)), 0)
	}
	want := in(dtypes.BFloat16, inGo)
	const fewPercent = 5e-2
	rounding := checkLosses(t, "goconv in bfloat16 and in float32", want, in(dtypes.Float32, inGo), fewPercent)
	if rounding == 0 {
		t.Error("the losses are those of float32 to the bit: nothing was computed in bfloat16")
	}
	checkLosses(t, "XLA in bfloat16", in(dtypes.BFloat16, xla), want, 2*rounding)
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
