package detect_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/dismaxlib/calibrate"
	"github.com/dismax-go/dismax/dismaxlib/detect"
	"github.com/dismax-go/dismax/dismaxlib/network"
)

// The weights come from training, and the images from a held-out part of the training set; here both are random.
func Example() {
	ctx := context.Background()
	device, _, err := backend.Open("goconv")
	check(err)
	n, err := network.Description{
		Model: "one-layer", Loss: "dismax", ClassNames: []string{"cat", "dog", "owl"}, Height: 4, Width: 4,
		Mean: []float32{0.5, 0.5, 0.5}, Std: []float32{0.25, 0.25, 0.25},
	}.Network()
	check(err)
	trained, err := initialized(device, n)
	check(err)

	heldOut, err := n.Predict(ctx, device, trained, images(99))
	check(err)
	logits, err := network.LogitsOf(heldOut.Logits)
	check(err)
	temperature, err := calibrate.ByNLL(logits, make([]int32, 99))
	check(err)

	detector, err := detect.New(device, detect.Parts{
		Network: n, Weights: trained, Score: dismaxlib.MMLES, Temperature: temperature.Temperature,
	}, heldOut, detect.Conformal(0.05))
	check(err)
	fmt.Println(detector.Threshold().Rule)

	path := filepath.Join(os.TempDir(), "example.dismax")
	defer os.Remove(path)
	check(detector.Save(path))
	shipped, err := detect.Load(device, path)
	check(err)

	answers, err := shipped.Detect(ctx, images(99))
	check(err)
	refused := 0
	for _, answer := range answers {
		if !answer.In {
			refused++
		}
	}
	fmt.Printf("%d of %d images refused\n", refused, len(answers))
	// Output:
	// conformal, at most 5% of in-distribution inputs refused, from 99 scores
	// 4 of 99 images refused
}

func ExampleConformal() {
	scores := []float64{0.1, 0.9, 0.8, 0.95, 0.7, 0.6, 0.85, 0.5, 0.75}
	threshold, err := detect.Conformal(0.2)(scores)
	check(err)
	fmt.Println(threshold.Value, threshold.In(0.4), threshold.In(0.65))
	// Output: 0.5 false true
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
