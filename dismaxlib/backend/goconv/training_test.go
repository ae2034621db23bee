package goconv_test

import (
	"math/rand/v2"
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

// plainNetwork is written with GoMLX's own layers and knows nothing of this backend.
func plainNetwork(scope *model.Scope, _ any, inputs []*graph.Node) []*graph.Node {
	x := inputs[0]
	for i, channels := range []int{4, 8} {
		block := scope.In("block%d", i)
		x = layers.Convolution(block, x).Channels(channels).KernelSize(3).Strides(1 + i).PadSame().UseBias(false).Done()
		x = activation.Relu(norm.BatchNorm(block, x, -1).Done())
	}
	return []*graph.Node{layers.Dense(scope.In("logits"), graph.ReduceMean(x, 1, 2), true, 3)}
}

func TestPlainGoMLXLayersTrain(t *testing.T) {
	backend := open(t, "")
	random := rand.New(rand.NewPCG(5, 6))
	images := randomTensor(random, shapes.Make(dtypes.Float32, 12, 8, 8, 3))
	labels := make([]int32, 12)
	for i := range labels {
		labels[i] = int32(i % 3)
	}
	// The trainer owns the batches that it gets.
	batch := func() train.Batch {
		clone, err := images.LocalClone()
		if err != nil {
			t.Fatal(err)
		}
		return train.Batch{
			Inputs: []*tensors.Tensor{clone},
			Labels: []*tensors.Tensor{tensors.FromFlatDataAndDimensions(labels, 12, 1)},
		}
	}

	store := model.NewStore()
	trainer := train.NewTrainer(backend, store, plainNetwork, loss.SparseCategoricalCrossEntropyLogits,
		optimizer.Adam().LearningRate(0.02).Done(), nil, nil)
	var losses []float64
	for step := range 40 {
		metrics, err := trainer.TrainStep(batch())
		if err != nil {
			t.Fatalf("step %d: %v", step, err)
		}
		losses = append(losses, float64s(metrics[0])[0])
	}
	first, last := losses[0], losses[len(losses)-1]
	if !(last < first/4) {
		t.Errorf("the loss went from %.3g to %.3g in 40 steps on one batch, want it to fall below a quarter", first, last)
	}
}
