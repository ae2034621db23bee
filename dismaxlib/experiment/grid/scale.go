package grid

import (
	"slices"
	"strconv"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/internal/registry"
)

// Scale says how large the runs of a grid are: models, images, epochs and seeds. It changes nothing of the method: the
// optimizer, its rate and how that falls, the augmentation, the metrics. Seeds are fixed, 1, 2, 3, …; a file that names
// a field overrides the scale's value. (The grids of this package do not at the scale "smoke", which takes seconds.)
type Scale struct {
	Name, About string

	seeds     int
	small     size // of runs on images of 32x32 pixels
	imageNet  size
	synthetic bool // images are made, whatever data set is named
	protocol  record.Protocol
}

// size is what a scale gives to the specs of one kind of images.
type size struct {
	models                []string
	epochs, batch         int
	drops                 []int // of the learning rate
	trainLimit, testLimit int
}

var paperModels = []string{"densenet-bc-100", "resnet34", "wideresnet-28-10"}

// fromSmokeToPaper are the scales in the order of their cost.
//
// Held-out images serve the temperature, from beyond the limit of training images where there is a limit. At the
// paper's scale all images are trained on and none is left to hold out, so the protocol is the paper's.
var fromSmokeToPaper = []*Scale{
	{
		Name: "smoke", About: "seconds a run, on synthetic images: to see that all works",
		seeds: 1, synthetic: true, protocol: record.HeldOut,
		small:    size{models: []string{"resnet8"}, epochs: 2, batch: 32, drops: []int{1}, trainLimit: 320, testLimit: 100},
		imageNet: size{models: []string{"resnet8"}, epochs: 2, batch: 32, drops: []int{1}, trainLimit: 320, testLimit: 100},
	},
	{
		Name: "cpu", About: "minutes a run on two cores: 10,000 images, ResNet-20, 15 epochs",
		seeds: 5, protocol: record.HeldOut,
		small: size{models: []string{"resnet20"}, epochs: 15, batch: 64, drops: []int{7, 10, 12}, trainLimit: 10_000},
		imageNet: size{models: []string{"resnet18-imagenet"}, epochs: 3, batch: 32, drops: []int{1, 2},
			trainLimit: 2000, testLimit: 1000},
	},
	{
		Name: "gpu-short", About: "minutes a run on one GPU: all images but a tenth held out, ResNet-34, 30 epochs",
		seeds: 3, protocol: record.HeldOut,
		small: size{models: []string{"resnet34"}, epochs: 30, batch: 64, drops: []int{15, 20, 25}},
		imageNet: size{models: []string{"resnet18-imagenet"}, epochs: 15, batch: 256, drops: []int{5, 10},
			trainLimit: 100_000, testLimit: 10_000},
	},
	{
		Name: "paper", About: "as published: three models, 300 epochs (ImageNet 90), 10 seeds, all images",
		seeds: 10, protocol: record.Paper,
		small:    size{models: paperModels, epochs: 300, batch: 64, drops: []int{150, 200, 250}},
		imageNet: size{models: []string{"resnet18-imagenet"}, epochs: 90, batch: 256, drops: []int{30, 60}},
	},
}

var scales = registry.New[*Scale]("scale")

func init() {
	for _, scale := range fromSmokeToPaper {
		scales.Register(scale.Name, scale)
	}
}

// Scales lists the scales, the cheapest first.
func Scales() []*Scale { return scales.Values() }

// ScaleByName returns a scale; the error of an unknown name lists the known ones and wraps [dismaxlib.ErrUnknown].
func ScaleByName(name string) (*Scale, error) { return scales.ByName(name) }

// specs lists the specs of a data set at this scale, one for each model and seed, of which the first are enough.
func (s *Scale) specs(dataset string, mostSeeds int) []record.Spec {
	size := s.small
	if dataset == "imagenet" {
		size = s.imageNet
	}
	var specs []record.Spec
	for seed := range int64(min(s.seeds, mostSeeds)) {
		for _, model := range size.models {
			spec := experiment.Defaults(dataset, model, "dismax", size.epochs)
			spec.Seed, spec.BatchSize, spec.LearningRateDrops = seed+1, size.batch, slices.Clone(size.drops)
			spec.TrainLimit, spec.TestLimit, spec.Protocol = size.trainLimit, size.testLimit, s.protocol
			spec.HeldOutBeyondLimit = s.protocol == record.HeldOut && size.trainLimit > 0
			specs = append(specs, spec)
		}
	}
	return specs
}

// adapted is the spec of a file, in which what the file leaves out follows what it says.
func (s *Scale) adapted(spec record.Spec, named axes) record.Spec {
	if s.synthetic {
		spec.Dataset, spec.OutOfDistribution = "synthetic", nil
		for i := range spec.HoldOutClasses {
			spec.HoldOutClasses[i] = strconv.Itoa(i)
		}
	}
	if named["epochs"] != nil && named["learning_rate_drops"] == nil {
		spec.LearningRateDrops = experiment.PaperDrops(spec.Epochs)
	}
	if classes := published[spec.Dataset].classes; classes > 0 && named["train_limit"] == nil {
		spec.TrainLimit -= spec.TrainLimit * len(spec.HoldOutClasses) / classes // as many of each class
	}
	if named["held_out_beyond_limit"] == nil && (spec.TrainLimit == 0 || spec.Protocol != record.HeldOut) {
		spec.HeldOutBeyondLimit = false
	}
	return spec
}

// published are the numbers of training images and of classes of the sets that have a name.
var published = map[string]struct{ images, classes int }{
	"synthetic": {10_000, 10}, "synthetic-5": {10_000, 5}, "synthetic-10": {10_000, 10}, "synthetic-20": {10_000, 20},
	"synthetic-50": {10_000, 50}, "synthetic-100": {10_000, 100}, "cifar10": {50_000, 10}, "cifar100": {50_000, 100}, "svhn": {73_257, 10},
	"imagenet": {1_281_167, 1000},
}

// TrainingSteps estimates the number of training steps of a spec; 0 if its data set's size is not known.
func TrainingSteps(spec record.Spec) int {
	images := spec.TrainLimit
	if set := published[spec.Dataset]; images == 0 && set.images > 0 {
		images = set.images * (set.classes - len(spec.HoldOutClasses)) / set.classes
	}
	if spec.Protocol == record.HeldOut && !spec.HeldOutBeyondLimit {
		images -= int(spec.ValidationShare * float64(images))
	}
	return spec.Epochs * (images / spec.BatchSize)
}

// diagnosticSteps estimates the time of the diagnostics after all epochs, in training steps: their images pass forward
// alone, which is a third of a step's work. Where the spec names no sets, those of the paper count, as if all were there.
func diagnosticSteps(spec record.Spec) float64 {
	sets := spec.OutOfDistribution
	if known, err := datasets.ByName(spec.Dataset); err == nil && len(sets) == 0 {
		sets = known.OutOfDistribution
	}
	images := spec.Epochs * spec.DiagnosticImages * (1 + len(sets))
	return float64(images) / float64(3*spec.BatchSize)
}
