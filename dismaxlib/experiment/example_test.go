package experiment_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/dismaxlib/experiment"
)

// A run of seconds, on synthetic images, and the detector that it leaves.
func Example() {
	device, choice, err := backend.Open("goconv")
	check(err)
	folder, err := os.MkdirTemp("", "run")
	check(err)
	defer os.RemoveAll(folder)

	spec := experiment.Defaults("synthetic", "resnet8", "dismax", 1)
	spec.TrainLimit, spec.TestLimit, spec.BatchSize, spec.ValidationShare = 200, 50, 20, 0.3
	r, err := experiment.Run(context.Background(), spec, experiment.Options{Backend: device, Choice: choice, Folder: folder})
	check(err)
	fmt.Println(experiment.Title(r.Spec))

	detector, err := experiment.Detector(folder, experiment.DetectorOptions{Backend: device})
	check(err)
	fmt.Println(detector.Score().Name+",", detector.Threshold().Rule)
	// Output:
	// dismax, resnet8 on synthetic, seed 1, 1 epochs, 200 training images
	// MMLES, conformal, at most 5% of in-distribution inputs refused, from 60 scores
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
