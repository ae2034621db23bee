package datasets

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/dismax-go/dismax/datasets/internal/scene"
	"github.com/dismax-go/dismax/internal/parallel"
)

// The synthetic sets are for trying things out without data. "synthetic" has ten classes of 32x32 colour images, each
// a shape filled with a texture, where neither alone gives the class away. Colours, position, size, angle, background,
// clutter and noise say nothing about it, and hide it in some images. Two sets go with it, out of its distribution: in
// "synthetic-near" other shapes take the place of the known ones in the same scenes, and "synthetic-far" holds
// patterns without any shape.
//
// "synthetic-5" to "synthetic-100" have that many classes: the same figures, each in up to ten hues, which do tell
// classes apart. The images are as many as those of "synthetic".
const (
	syntheticTrain = 10000 // images, unless limits ask for other numbers
	syntheticTest  = 2000
	mostSynthetic  = 1 << 20 // 3 GiB
)

func init() {
	const source, licence = "made by this program", "Apache-2.0"
	Register(&Set{
		Info: Info{
			Name: "synthetic", Title: "Synthetic figures", Size: "12,000 images, 32x32, 10 classes",
			Licence: licence, Source: source, OutOfDistribution: []string{"synthetic-near", "synthetic-far"},
		},
		Open: openSynthetic,
	})
	for _, classes := range []int{5, 10, 20, 50, 100} {
		Register(&Set{
			Info: Info{
				Name:    fmt.Sprintf("synthetic-%d", classes),
				Title:   fmt.Sprintf("Synthetic, %d classes", classes),
				Size:    fmt.Sprintf("12,000 images, 32x32, %d classes", classes),
				Licence: licence, Source: source, OutOfDistribution: []string{"synthetic-near", "synthetic-far"},
			},
			Open: func(ctx context.Context, options Options) (*Dataset, error) { return openTinted(ctx, classes, options) },
		})
	}
	Register(&Set{
		Info: Info{
			Name: "synthetic-near", Title: "Synthetic, unseen figures", Size: "2,000 images, 32x32",
			Licence: licence, Source: source,
		},
		Open: func(ctx context.Context, options Options) (*Dataset, error) {
			test, err := drawFigures(ctx, scene.UnseenFigures, testRole, options)
			return newSynthetic(nil, test.unlabelled()), err
		},
	})
	Register(&Set{
		Info: Info{
			Name: "synthetic-far", Title: "Synthetic, patterns", Size: "2,000 images, 32x32",
			Licence: licence, Source: source,
		},
		Open: func(ctx context.Context, options Options) (*Dataset, error) {
			test, err := drawImages(ctx, patternStream, testRole, options,
				func(random *rand.Rand, _ int, to []uint8) { scene.DrawPattern(random, to) })
			return newSynthetic(nil, test), err
		},
	})
}

// openSynthetic makes the set "synthetic".
func openSynthetic(ctx context.Context, options Options) (*Dataset, error) {
	test, err := drawFigures(ctx, scene.Figures, testRole, options)
	if err != nil || options.TestOnly {
		return newSynthetic(nil, test), err
	}
	train, err := drawFigures(ctx, scene.Figures, trainRole, options)
	set := newSynthetic(train, test)
	for _, figure := range scene.Figures {
		set.Classes = append(set.Classes, figure.Name)
	}
	return set, err
}

// hues are the colours that distinguish figures from class 10 on.
var hues = []string{"red", "orange", "yellow", "green", "mint", "cyan", "azure", "blue", "magenta", "pink"}

// openTinted makes a set of figures in hues: class c is figure c modulo 10 in hue c / 10.
func openTinted(ctx context.Context, classes int, options Options) (*Dataset, error) {
	draw := func(which role) (*Images, error) {
		images, err := drawImages(ctx, tintedStream, which, options, func(random *rand.Rand, i int, to []uint8) {
			class := i % classes
			hue := (float64(class/len(scene.Figures)) + 0.3*(2*random.Float64()-1)) / float64(len(hues))
			scene.DrawTinted(random, scene.Figures[class%len(scene.Figures)], hue, to)
		})
		images.labelInTurn(classes)
		return images, err
	}
	test, err := draw(testRole)
	if err != nil || options.TestOnly {
		return newSynthetic(nil, test), err
	}
	train, err := draw(trainRole)
	set := newSynthetic(train, test)
	for class := range classes {
		figure, hue := scene.Figures[class%len(scene.Figures)], hues[class/len(scene.Figures)]
		set.Classes = append(set.Classes, hue+" "+figure.Name)
	}
	return set, err
}

// newSynthetic is a set of these images, with the mean and deviation of the training images of "synthetic".
func newSynthetic(train, test *Images) *Dataset {
	return &Dataset{Origin: "synthetic", Train: train, Test: test,
		Mean: []float32{.35, .35, .35}, Std: []float32{.23, .23, .23}}
}

// drawFigures draws the figures in turn, labelled with the figure's index.
func drawFigures(ctx context.Context, figures []scene.Figure, which role, options Options) (*Images, error) {
	images, err := drawImages(ctx, figureStream, which, options, func(random *rand.Rand, i int, to []uint8) {
		scene.Draw(random, figures[i%len(figures)], to)
	})
	images.labelInTurn(len(figures))
	return images, err
}

// labelInTurn labels image i with class i modulo the number of classes.
func (images *Images) labelInTurn(classes int) {
	images.Labels = make([]int32, images.Len())
	for i := range images.Labels {
		images.Labels[i] = int32(i % classes)
	}
}

// Streams keep the random numbers of different kinds of synthetic images apart.
const (
	figureStream uint64 = iota
	patternStream
	tintedStream
)

// drawImages draws the training or test images, as many as the options limit them to. Each has its own source of random
// numbers, so that image i is the same whatever the limit.
func drawImages(ctx context.Context, stream uint64, which role, options Options,
	draw func(random *rand.Rand, i int, to []uint8)) (*Images, error) {
	count, limit := syntheticTest, options.TestLimit
	if which == trainRole {
		count, limit = syntheticTrain, options.TrainLimit
		if options.ValidationBeyondLimit {
			limit *= 2 // as many again to hold out from
		}
	}
	if limit > 0 && len(options.HoldOutClasses) == 0 {
		count = limit
	}
	if count > mostSynthetic {
		return newImages(0, scene.Size, scene.Size, false),
			fmt.Errorf("%d synthetic images: as many as %d can be made", count, mostSynthetic)
	}
	images := newImages(count, scene.Size, scene.Size, false)
	err := parallel.For(count, func(i int) error {
		place := streamSynthetic<<56 | stream<<52 | uint64(which)<<48 | uint64(i)
		draw(rand.New(rand.NewPCG(uint64(options.SyntheticSeed), place)), i, images.At(i))
		return ctx.Err()
	})
	return images, err
}
