package bench_test

import (
	"context"
	"errors"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/internal/bench"
	"github.com/dismax-go/dismax/tests/testkit"
)

func measure(t *testing.T, options bench.Options) *bench.Result {
	t.Helper()
	c := bench.Case{Model: "resnet8", Batch: 4, Loss: "dismax-fpr"}
	r, err := bench.Measure(t.Context(), testkit.Backend(t), backend.Choice{Config: "goconv"}, c, options)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Results) != 1 || r.Results[0].Case != c || r.Versions.GoMLX == "" || r.Backend.Name != "goconv" {
		t.Fatalf("got record %+v, want one result of %v with versions and backend", r, c)
	}
	return &r.Results[0]
}

func TestMeasuredTimesAndMemoryArePlausible(t *testing.T) {
	got := measure(t, bench.Options{Warmup: 1, Steps: 2, Inference: true, Seed: 1})
	const parameters = 78033 // of ResNet-8 with 10 prototypes of 64 features and the distance scale
	if got.Parameters != parameters {
		t.Errorf("%d parameters, want %d", got.Parameters, parameters)
	}
	if len(got.Losses) != 3 {
		t.Errorf("%d losses, want those of 1 + 2 steps", len(got.Losses))
	}
	if !(0 < got.Inference.WallSeconds && got.Inference.WallSeconds < got.Train.WallSeconds &&
		got.Train.WallSeconds < got.FirstStepSeconds) {
		t.Errorf("inference %g s, training %g s, first step %g s: want them positive and growing",
			got.Inference.WallSeconds, got.Train.WallSeconds, got.FirstStepSeconds)
	}
	if want := 4 / got.Train.WallSeconds; got.Train.ImagesPerSecond != want {
		t.Errorf("%g images/s, want %g", got.Train.ImagesPerSecond, want)
	}
	if runtime.GOOS == "linux" && (got.Train.CPUSeconds <= 0 || got.PeakBytes < 20e6) {
		t.Errorf("%g CPU seconds and %d bytes at the peak, want more", got.Train.CPUSeconds, got.PeakBytes)
	}
}

func TestEqualSeedsGiveEqualLosses(t *testing.T) {
	losses := func(seed int64) []float64 { return measure(t, bench.Options{Steps: 3, Seed: seed}).Losses }
	first := losses(1)
	if again := losses(1); !slices.Equal(again, first) {
		t.Errorf("losses %v of the same seed as %v", again, first)
	}
	if other := losses(2); slices.Equal(other, first) {
		t.Errorf("seeds 1 and 2 have the same losses %v", other)
	}
}

func TestMeasureRefusesWhatItCannotDo(t *testing.T) {
	known := bench.Case{Model: "resnet8", Batch: 2, Loss: "softmax"}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	attempt := func(ctx context.Context, c bench.Case, steps int) error {
		_, err := bench.Measure(ctx, testkit.Backend(t), backend.Choice{}, c, bench.Options{Steps: steps})
		return err
	}
	if err := attempt(t.Context(), known, 0); err == nil || !strings.Contains(err.Error(), "at least 1") {
		t.Errorf("0 steps: got error %v", err)
	}
	if err := attempt(t.Context(), bench.Case{Model: "vgg", Batch: 2, Loss: "softmax"}, 1); err == nil {
		t.Error("an unknown model was measured")
	}
	if err := attempt(stopped, known, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: got error %v, want %v", err, context.Canceled)
	}
}

func TestTheDTypeIsTheBackbones(t *testing.T) {
	losses := func(dtype string) []float64 { return measure(t, bench.Options{Steps: 2, Seed: 1, DType: dtype}).Losses }
	single, half := losses(""), losses("bfloat16")
	if slices.Equal(single, half) || math.Abs(half[0]-single[0]) > 0.02*single[0] {
		t.Errorf("losses %v in bfloat16 and %v in float32: want them close, but not equal", half, single)
	}
}
