// Detector trains a backbone of one's own, calibrates it on held-out images and ships a file that answers for single
// images: which class, how probable, known or unknown.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/dismaxlib/calibrate"
	"github.com/dismax-go/dismax/dismaxlib/detect"
	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/dismax-go/dismax/dismaxlib/training"
	"github.com/dismax-go/dismax/models"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/layers/activation"
	"github.com/gomlx/gomlx/ml/model"
)

func init() {
	models.Register(&models.Model{Name: "mine", Title: "My network", ImageSize: 32, Features: 64, Backbone: backbone})
}

// backbone maps normalized images [batch, height, width, 3] to features [batch, 64].
func backbone(scope *model.Scope, x *graph.Node) *graph.Node {
	for i, channels := range []int{16, 32, 64} {
		x = layers.Convolution(scope.In("layer%d", i), x).Channels(channels).KernelSize(3).PadSame().Done()
		x = graph.MaxPool(activation.Relu(x)).Window(2).Done()
	}
	return graph.ReduceMean(x, 1, 2)
}

func main() {
	ctx := context.Background()
	device, _, err := backend.Open("")
	check(err)
	set, err := datasets.Open(ctx, "synthetic", datasets.Options{TrainLimit: 1000, TestLimit: 200, ValidationShare: 0.2})
	check(err)
	n, err := network.Description{Model: "mine", Loss: "dismax", ClassNames: set.Classes,
		Height: 32, Width: 32, Mean: set.Mean, Std: set.Std}.Network()
	check(err)

	loader, err := datasets.NewLoader(set.Train, datasets.LoaderOptions{BatchSize: 40, Shuffle: true, DropLast: true})
	check(err)
	store := model.NewStore()
	check(store.SetRNGStateFromSeed(1))
	_, err = training.Run(ctx, training.Config{Backend: device, Store: store, Model: n.Logits, Loss: n.Loss.Function,
		Optimizer: &training.SGD{LearningRate: 0.1, Momentum: 0.9, Nesterov: true, WeightDecay: 1e-4}, Data: loader, Epochs: 12})
	check(err)

	heldOut, err := n.Predict(ctx, device, store, set.Validation.Pixels)
	check(err)
	logits, err := network.LogitsOf(heldOut.Logits)
	check(err)
	fit, err := calibrate.ByNLL(logits, set.Validation.Labels)
	check(err)
	detector, err := detect.New(device, detect.Parts{Network: n, Weights: store, Score: dismaxlib.MPS,
		Temperature: fit.Temperature}, heldOut, detect.Conformal(0.1))
	check(err)

	unknown, err := datasets.Open(ctx, "synthetic-far", datasets.Options{TestLimit: 200, TestOnly: true})
	check(err)
	unknown.Test.Labels = nil // all of it shall be refused
	for _, images := range []*datasets.Dataset{set, unknown} {
		outputs, err := n.Predict(ctx, device, store, images.Test.Pixels)
		check(err)
		measured, err := detector.Measure(images.Name, outputs, images.Test.Labels)
		check(err)
		fmt.Println(measured)
	}
	check(detector.Save("mine.dismax")) // detect.Load brings it back, in any program
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
