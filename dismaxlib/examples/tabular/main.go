// Tabular learns rows of numbers, no images, and refuses rows that look like none of them. It also shows the limit: rows
// that lie beyond one class, away from the others, look like that class all the more.
package main

import (
	"context"
	"fmt"
	"log"
	"math/rand/v2"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/dismaxlib/calibrate"
	"github.com/dismax-go/dismax/dismaxlib/detect"
	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/gomlx/gomlx/ml/train/optimizer"
)

const columns, classes = 4, 3

// classifier maps rows [batch, columns] to logits [batch, classes].
func classifier(scope *model.Scope, rows *graph.Node) *graph.Node {
	x := graph.Tanh(layers.Dense(scope.In("hidden"), rows, true, 32))
	return dismaxlib.DisMax(scope, graph.Tanh(layers.Dense(scope.In("features"), x, true, 16)), classes).Done()
}

// draw makes rows about the centre of their class, all of them moved by the shift.
func draw(random *rand.Rand, count int, shift float64) (rows []float32, labels []int32) {
	for i := range count {
		class := i % classes
		for column := range columns {
			centre := 2 * float64((class*column)%classes)
			rows = append(rows, float32(centre+shift+0.7*random.NormFloat64()))
		}
		labels = append(labels, int32(class))
	}
	return rows, labels
}

func main() {
	ctx, random, store := context.Background(), rand.New(rand.NewPCG(1, 1)), model.NewStore()
	check(store.SetRNGStateFromSeed(1))
	device, _, err := backend.Open("")
	check(err)
	trainer := train.NewTrainer(device, store, classifier, dismaxlib.EntropicLoss,
		optimizer.Adam().LearningRate(0.01).Done(), nil, nil)
	for range 300 {
		rows, labels := draw(random, 60, 0)
		_, err := trainer.TrainStep(train.Batch{
			Inputs: []*tensors.Tensor{tensors.FromFlatDataAndDimensions(rows, 60, columns)},
			Labels: []*tensors.Tensor{tensors.FromFlatDataAndDimensions(labels, 60, 1)},
		})
		check(err)
	}

	forward, err := network.NewForward(device, store, network.LogitsOnly(classifier))
	check(err)
	rows, labels := draw(random, 600, 0) // held out: they are new
	heldOut, err := network.RunFlat(ctx, forward, rows, columns)
	check(err)
	logits, err := network.LogitsOf(heldOut.Logits)
	check(err)
	fit, err := calibrate.ByNLL(logits, labels)
	check(err)
	detector, err := detect.New(device, detect.Parts{ClassNames: []string{"low", "middle", "high"},
		Score: dismaxlib.MPS, Temperature: fit.Temperature}, heldOut, detect.Conformal(0.05))
	check(err)

	for _, shift := range []float64{0, 2, 6, -3} { // of the classes that it knows, but elsewhere
		rows, labels := draw(random, 600, shift)
		outputs, err := network.RunFlat(ctx, forward, rows, columns)
		check(err)
		measured, err := detector.Measure(fmt.Sprintf("rows moved by %g", shift), outputs, labels)
		check(err)
		fmt.Println(measured)
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
