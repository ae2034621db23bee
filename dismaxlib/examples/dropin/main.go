// Dropin trains a GoMLX model with the DisMax loss: the marked lines are all that differs from SoftMax.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/dismax-go/dismax/models"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/layers/activation"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/gomlx/gomlx/ml/train/optimizer"
)

func main() {
	ctx := context.Background()
	device, _, err := backend.Open("") // $GOMLX_BACKEND, else CUDA where it is, else pure Go
	check(err)
	set, err := datasets.Open(ctx, "synthetic", datasets.Options{TrainLimit: 1000, TestLimit: 500})
	check(err)
	loader, err := datasets.NewLoader(set.Train, datasets.LoaderOptions{BatchSize: 40, Shuffle: true, DropLast: true})
	check(err)
	dismax, err := dismaxlib.LossByName("dismax") // added; "dismax-fpr" also mixes images
	check(err)

	classifier := func(scope *model.Scope, images *graph.Node) *graph.Node {
		x := models.Normalize(images, set.Mean, set.Std)
		x = dismax.Images(scope, x) // added: mixes the training images, if the loss is dismax-fpr
		for i, channels := range []int{16, 32, 64} {
			x = layers.Convolution(scope.In("layer%d", i), x).Channels(channels).KernelSize(3).PadSame().Done()
			x = graph.MaxPool(activation.Relu(x)).Window(2).Done()
		}
		features := graph.ReduceMean(x, 1, 2)                 // [batch, 64]
		return dismax.Head(scope, features, len(set.Classes)) // was: layers.Dense(scope, features, true, …)
	}
	store := model.NewStore()
	check(store.SetRNGStateFromSeed(1)) // the same initial values every time
	trainer := train.NewTrainer(device, store, classifier,
		dismax.Function, // was: loss.SparseCategoricalCrossEntropyLogits
		optimizer.Adam().LearningRate(0.003).Done(), nil, nil)
	_, err = train.NewLoop(trainer).RunEpochs(loader, 10)
	check(err)

	forward, err := network.NewForward(device, store, network.LogitsOnly(classifier))
	check(err)
	test, err := network.RunFlat(ctx, forward, set.Test.Pixels, set.Test.Height, set.Test.Width, 3)
	check(err)
	accuracy, err := test.Accuracy(set.Test.Labels)
	check(err)
	fmt.Printf("%.0f%% of %d test images are classified correctly\n", 100*accuracy, set.Test.Len())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
