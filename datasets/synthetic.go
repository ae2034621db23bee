package datasets

import (
	"context"
	"math/rand/v2"
)

// The synthetic sets are for trying things out without data. "synthetic" has ten classes of 32x32 colour images, each
// a shape filled with a texture, where neither alone tells the class. Colours, position, size, angle, background,
// clutter and noise say nothing about it, and hide it in some images. Two sets go with it, out of its distribution: in
// "synthetic-near" other shapes take the place of the known ones in the same scenes, and "synthetic-far" holds
// patterns without any shape.
const (
	syntheticTrain = 10000 // images, unless limits ask for other numbers
	syntheticTest  = 2000
)

// figure is what all images of a synthetic class share.
type figure struct {
	name    string
	outline outline
	texture texture
}

// knownFigures are the classes of "synthetic".
var knownFigures = []figure{
	{"plain disc", disc, plainTexture},
	{"striped disc", disc, stripedTexture},
	{"plain square", square, plainTexture},
	{"striped square", square, stripedTexture},
	{"plain triangle", triangle, plainTexture},
	{"dotted triangle", triangle, dottedTexture},
	{"plain ring", ring, plainTexture},
	{"dotted ring", ring, dottedTexture},
	{"striped cross", cross, stripedTexture},
	{"dotted cross", cross, dottedTexture},
}

// unseenFigures are those of "synthetic-near".
var unseenFigures = []figure{
	{"plain star", star, plainTexture},
	{"striped star", star, stripedTexture},
	{"dotted crescent", crescent, dottedTexture},
	{"plain crescent", crescent, plainTexture},
	{"striped hourglass", hourglass, stripedTexture},
	{"dotted hourglass", hourglass, dottedTexture},
	{"plain corner", corner, plainTexture},
	{"striped corner", corner, stripedTexture},
	{"plain bars", bars, plainTexture},
	{"dotted bars", bars, dottedTexture},
}

func init() {
	for _, s := range []struct {
		name, title, size string
		open              func(Options) *Dataset
		against           []string
	}{
		{"synthetic", "Synthetic figures", "12,000 images, 32x32, 10 classes", makeSynthetic,
			[]string{"synthetic-near", "synthetic-far"}},
		{"synthetic-near", "Synthetic, unseen figures", "2,000 images, 32x32", makeSyntheticNear, nil},
		{"synthetic-far", "Synthetic, patterns", "2,000 images, 32x32", makeSyntheticFar, nil},
	} {
		Register(&Set{
			Info: Info{Name: s.name, Title: s.title, Size: s.size, Licence: "Apache-2.0", Source: "made by this program",
				OutOfDistribution: s.against},
			Open: func(_ context.Context, options Options) (*Dataset, error) {
				dataset := s.open(options)
				dataset.Mean, dataset.Std = []float32{.35, .35, .35}, []float32{.23, .23, .23} // of the standard set
				return dataset, nil
			},
		})
	}
}

// makeSynthetic makes the set "synthetic".
func makeSynthetic(options Options) *Dataset {
	made := &Dataset{Found: "synthetic", Test: makeFigures(knownFigures, testRole, syntheticTest, options)}
	if options.TestOnly {
		made.Test.Labels = nil
		return made
	}
	for _, figure := range knownFigures {
		made.Classes = append(made.Classes, figure.name)
	}
	made.Train = makeFigures(knownFigures, trainRole, syntheticTrain, options)
	return made
}

// makeSyntheticNear makes the set "synthetic-near".
func makeSyntheticNear(options Options) *Dataset {
	test := makeFigures(unseenFigures, testRole, syntheticTest, options)
	test.Labels = nil
	return &Dataset{Found: "synthetic", Test: test}
}

// makeSyntheticFar makes the set "synthetic-far".
func makeSyntheticFar(options Options) *Dataset {
	test := makeImages(patternStream, testRole, syntheticTest, options, func(random *rand.Rand, _ int, to []uint8) {
		drawPattern(random, to)
	})
	return &Dataset{Found: "synthetic", Test: test}
}

// makeFigures makes images of the figures in turn, labelled with the figure's index.
func makeFigures(figures []figure, which role, count int, options Options) *Images {
	images := makeImages(figureStream, which, count, options, func(random *rand.Rand, i int, to []uint8) {
		drawScene(random, figures[i%len(figures)], to)
	})
	images.Labels = make([]int32, images.Len())
	for i := range images.Labels {
		images.Labels[i] = int32(i % len(figures))
	}
	return images
}

// Streams keep the random numbers of different kinds of synthetic images apart.
const (
	figureStream uint64 = iota
	patternStream
)

// makeImages makes the images of one part in parallel, as many as the limit says or else count. Each has its own
// source of random numbers, so that image i is the same whatever the limit.
func makeImages(stream uint64, which role, count int, options Options,
	draw func(random *rand.Rand, i int, to []uint8)) *Images {
	limit := options.TestLimit
	if which == trainRole {
		limit = options.TrainLimit
	}
	if limit > 0 {
		count = limit
	}
	images := newImages(count, defaultSize, defaultSize, false)
	_ = inParallel(count, func(i int) error {
		place := streamSynthetic<<56 | stream<<52 | uint64(which)<<48 | uint64(i)
		draw(rand.New(rand.NewPCG(uint64(options.SyntheticSeed), place)), i, images.At(i))
		return nil
	})
	return images
}
