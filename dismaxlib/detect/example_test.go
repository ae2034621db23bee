package detect_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/dismaxlib/calibrate"
	"github.com/dismax-go/dismax/dismaxlib/detect"
)

// The weights come from training, and the images from a held-out part of the training set; here both are random.
func Example() {
	device, _, err := backend.Open("goconv")
	check(err)
	trained, err := initialised(device, network())
	check(err)

	detector, err := detect.New(device, network(), "MMLES", trained)
	check(err)

	_, err = detector.FitTemperature(images(99), make([]int32, 99), calibrate.ByNLL)
	check(err)
	threshold, err := detector.FitThreshold(images(99), detect.Conformal(0.05))
	check(err)
	fmt.Println(threshold.Rule)

	path := filepath.Join(os.TempDir(), "example.dismax")
	defer os.Remove(path)
	check(detector.Save(path))
	shipped, err := detect.Load(device, path)
	check(err)

	answers, err := shipped.Detect(images(99))
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
