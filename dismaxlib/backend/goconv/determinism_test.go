package goconv_test

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/layers/activation"
	"github.com/gomlx/gomlx/ml/layers/norm"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/gomlx/gomlx/ml/train/loss"
	"github.com/gomlx/gomlx/ml/train/optimizer"
)

// everyKernelNetwork has direct convolutions with and without strides and of 1x1, Winograd's, batch normalization with
// and without a residual, and as part of the convolutions that read it, concatenations and their gradients, which are slices, and both kinds of pooling.
func everyKernelNetwork(scope *model.Scope, _ any, inputs []*graph.Node) []*graph.Node {
	convolution := func(name string, x *graph.Node, channels, size, stride int) *graph.Node {
		return layers.Convolution(scope.In("%s", name), x).Channels(channels).KernelSize(size).Strides(stride).
			PadSame().UseBias(false).Done()
	}
	x := activation.Relu(norm.BatchNorm(scope.In("norm1"), convolution("direct", inputs[0], 12, 3, 1), -1).Done())
	x = graph.Concatenate([]*graph.Node{x, convolution("unit", x, 20, 1, 1)}, -1)
	x = graph.MaxPool(x).Window(2).Done()
	y := activation.Relu(norm.BatchNorm(scope.In("norm2"), convolution("winograd1", x, 32, 3, 1), -1).Done())
	y = norm.BatchNorm(scope.In("norm3"), convolution("winograd2", y, 32, 3, 1), -1).Done()
	x = activation.Relu(graph.Add(y, x))
	x = activation.Relu(norm.BatchNorm(scope.In("norm4"), x, -1).Done())
	x = graph.MeanPool(convolution("strided", x, 72, 3, 2)).Window(2).Done()
	return []*graph.Node{layers.Dense(scope.In("logits"), graph.ReduceMean(x, 1, 2), true, 3)}
}

// trainedOn returns the losses of some steps, and all variables after them, on that many cores.
func trainedOn(t *testing.T, cores int) (losses []float64, variables map[string][]float64) {
	t.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
	const batch, steps = 24, 3
	random := rand.New(rand.NewPCG(5, 6))
	store := model.NewStore()
	if err := store.SetRNGStateFromSeed(1); err != nil {
		t.Fatal(err)
	}
	trainer := train.NewTrainer(open(t, ""), store, everyKernelNetwork, loss.SparseCategoricalCrossEntropyLogits,
		optimizer.Adam().LearningRate(0.01).Done(), nil, nil)
	for range steps {
		labels := make([]int32, batch)
		for i := range labels {
			labels[i] = int32(random.IntN(3))
		}
		metrics, err := trainer.TrainStep(train.Batch{
			Inputs: []*tensors.Tensor{randomTensor(random, shapes.Make(dtypes.Float32, batch, 32, 32, 3))},
			Labels: []*tensors.Tensor{tensors.FromFlatDataAndDimensions(labels, batch, 1)},
		})
		if err != nil {
			t.Fatal(err)
		}
		losses = append(losses, float64s(metrics[0])[0])
	}
	return losses, variablesOf(store)
}

// variablesOf returns the variables of float32, but for the metrics', whose names are new each time.
func variablesOf(store *model.Store) map[string][]float64 {
	variables := map[string][]float64{}
	for variable := range store.IterVariables() {
		isMetric := strings.Contains(variable.Path(), "/metrics/")
		if value := variable.MustValue(); value.DType() == dtypes.Float32 && !isMetric {
			variables[variable.Path()] = float64s(value)
		}
	}
	return variables
}

func TestTrainingIsTheSameOnEveryNumberOfCoresBitForBit(t *testing.T) {
	losses, variables := trainedOn(t, 1)
	if len(variables) < 10 {
		t.Fatalf("the network has %d variables, want all of its layers", len(variables))
	}
	for _, cores := range []int{1, 2, 3, 8, 16} {
		gotLosses, got := trainedOn(t, cores)
		if !slices.Equal(gotLosses, losses) {
			t.Errorf("on %d cores the losses are %v, on one %v", cores, gotLosses, losses)
		}
		for name, want := range variables {
			if !slices.Equal(got[name], want) {
				t.Errorf("on %d cores %s has other bits than on one", cores, name)
			}
		}
	}
}
