package pretrained_test

import (
	"context"
	"fmt"
	"log"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/dismaxlib/pretrained"
)

func Example() {
	device, _, err := backend.Open("goconv")
	check(err)
	detector, err := pretrained.CIFAR10(device)
	check(err)
	n := detector.Network()
	photo, err := datasets.ReadImage("../../datasets/testdata/progressive.jpg", n.Height, n.Width)
	check(err)
	answers, err := detector.Detect(context.Background(), photo)
	check(err)
	fmt.Printf("%s with %.0f%%; it looks known: %t\n", answers[0].ClassName, 100*answers[0].Probability, answers[0].In)
	// Output: airplane with 40%; it looks known: false
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
