// Finetune takes the backbone of a trained network, from PyTorch or of a run, and trains a new head for other classes:
//
//	go run ./dismaxlib/examples/finetune resnet8 tests/pytorch/resnet8-dismax.safetensors
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/dismax-go/dismax/dismaxlib/training"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("name a model and its weights: a .safetensors file or the folder of a run")
	}
	ctx := context.Background()
	device, _, err := backend.Open("")
	check(err)
	set, err := datasets.Open(ctx, "synthetic", datasets.Options{TrainLimit: 500, TestLimit: 500})
	check(err)
	n, err := network.Description{Model: os.Args[1], Loss: "dismax", ClassNames: set.Classes,
		Height: 32, Width: 32, Mean: set.Mean, Std: set.Std}.Network()
	check(err)

	n.FrozenBackbone = true // without this line all of the network is trained
	store, err := experiment.BackboneWeights(os.Args[2])
	check(err)
	check(n.CheckBackbone(device, store))
	check(store.SetRNGStateFromSeed(1))

	loader, err := datasets.NewLoader(set.Train, datasets.LoaderOptions{BatchSize: 50, Shuffle: true, DropLast: true})
	check(err)
	history, err := training.Run(ctx, training.Config{
		Backend: device, Store: store, Model: n.Logits, Loss: n.Loss.Function,
		Optimizer: &training.SGD{LearningRate: 0.1, Momentum: 0.9, Nesterov: true}, Data: loader, Epochs: 30})
	check(err)
	last := len(history.Epochs) - 1
	fmt.Printf("the loss fell from %.3f to %.3f\n", history.Epochs[0].Loss, history.Epochs[last].Loss)

	test, err := n.Predict(ctx, device, store, set.Test.Pixels)
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
