package main

import (
	"context"
	"math/rand/v2"

	"github.com/dismax-go/dismax/datasets"
)

func init() {
	datasets.Register(&datasets.Set{Open: openStripes, Info: datasets.Info{
		Name: "stripes", Title: "Stripes", Size: "1,000 images, 16x16, 2 classes", Licence: "any", Source: "made",
		OutOfDistribution: []string{"synthetic-near", "synthetic-far"},
	}})
}

// openStripes makes images of horizontal and of vertical stripes under noise.
func openStripes(context.Context, datasets.Options) (*datasets.Dataset, error) {
	const count, size = 1000, 16
	random, images := rand.New(rand.NewPCG(1, 0)), &datasets.Images{Height: size, Width: size}
	for i := range count {
		images.Labels = append(images.Labels, int32(i%2))
		for pixel := range size * size {
			place := []int{pixel / size, pixel % size}[i%2]
			for range 3 {
				images.Pixels = append(images.Pixels, uint8(place/2%2*120+random.IntN(136)))
			}
		}
	}
	return &datasets.Dataset{Train: images, Classes: []string{"horizontal", "vertical"}}, nil
}
