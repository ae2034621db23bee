package backends

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/dismax-go/dismax/dismaxlib/training"
	"github.com/dismax-go/dismax/tests/testkit"
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// Gradients summed instead of averaged, or statistics of a share of the batch, would make variables differ by their own
// size. Rounding makes some velocities differ by almost 1%: the blocks of resnet8 start as the identity, where many
// activations are so near ReLU's corner that they round to either side of it.
const sameLosses, sameVariables = 1e-4, 2e-2

// slow is a training of small steps, in which rounding grows least.
func slow(t *testing.T, on compute.Backend) training.Config {
	c := config(t, on, "dismax-fpr")
	c.Optimizer = &training.SGD{LearningRate: 1e-3, Momentum: 0.9, Nesterov: true, WeightDecay: 1e-4}
	return c
}

func TestSeveralDevicesTrainLikeOne(t *testing.T) {
	xla, _ := both(t)
	one := slow(t, xla.compute)
	want := losses(t, one, 0)
	for _, count := range []int{2, 4} {
		c := slow(t, xla.compute)
		c.Devices = count
		what := fmt.Sprintf("%d devices", count)
		checkLosses(t, what, losses(t, c, 0), want, sameLosses)
		checkVariables(t, what, c.Store, one.Store)
	}
}

func TestATrainingStoppedOnFourDevicesGoesOnOnTwo(t *testing.T) {
	xla, _ := both(t)
	start := func(devices int, folder string) (training.Config, *[]float64) {
		c := slow(t, xla.compute)
		c.Devices, c.Folder = devices, folder
		validations := &[]float64{}
		c.AfterEpoch = validate(t, validations)
		return c, validations
	}
	one, wantValidations := start(1, "")
	want := losses(t, one, 0)

	folder := t.TempDir()
	onFour, before := start(4, folder)
	got := losses(t, onFour, 7)
	onTwo, after := start(2, folder)
	got = append(got, losses(t, onTwo, 0)...)
	checkLosses(t, "stopped on four, continued on two", got, want, sameLosses)
	checkLosses(t, "its validation", append(*before, *after...), *wantValidations, sameLosses)
	checkVariables(t, "stopped on four, continued on two", onTwo.Store, one.Store)
	saved, err := training.Weights(folder)
	if err != nil {
		t.Fatal(err)
	}
	checkVariables(t, "its checkpoint", saved, onTwo.Store)
}

// validate collects the losses on the test images.
func validate(t *testing.T, into *[]float64) func(context.Context, *training.Epoch, *model.Store) error {
	xla, _ := both(t)
	n, set := newNetwork(t, "resnet8", "dismax-fpr"), images(t).Test
	var forward *network.Forward
	return func(ctx context.Context, epoch *training.Epoch, store *model.Store) (err error) {
		if forward == nil {
			if forward, err = n.Forward(xla.compute, store, nil, nil); err != nil {
				return err
			}
			t.Cleanup(forward.Finalize)
		}
		outputs, err := network.RunFlat(ctx, forward, set.Pixels, n.Height, n.Width, n.Channels())
		if err != nil {
			return err
		}
		logits, err := network.LogitsOf(outputs.Logits)
		if err != nil {
			return err
		}
		loss, err := metrics.NLL(logits, set.Labels)
		epoch.Validation = &training.Validation{Loss: loss}
		*into = append(*into, loss)
		return err
	}
}

// checkVariables compares the values of all variables but those of metrics, each of which must be one on the host.
func checkVariables(t *testing.T, what string, got, want *model.Store) {
	t.Helper()
	compared := 0
	for variable := range want.IterVariables() {
		if strings.Contains(variable.Path(), "/metrics/") || variable.DType() != dtypes.Float32 {
			continue
		}
		other := got.GetVariable(variable.Path())
		if other == nil {
			continue
		}
		if other.ShardingSpec() != nil {
			t.Errorf("%s: %s is still distributed", what, variable.Path())
		}
		testkit.CheckClose(t, what+": "+variable.Path(), values(other), values(variable), sameVariables)
		compared++
	}
	if compared < 50 {
		t.Errorf("%s: only %d variables are in both", what, compared)
	}
}

func values(variable *model.Variable) []float64 {
	var all []float64
	for _, value := range tensors.MustCopyFlatData[float32](variable.MustValue()) {
		all = append(all, float64(value))
	}
	return all
}
