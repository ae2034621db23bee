package datasets

// imageNetNormalization is that of ImageNet, for the sets that nothing is trained on and none is published for.
var imageNetNormalization = Normalization{
	Mean: [3]float32{.485, .456, .406},
	Std:  [3]float32{.229, .224, .225},
}

func init() {
	for _, known := range []*set{
		{
			Info: Info{
				Name:    "cifar10",
				Title:   "CIFAR-10",
				Size:    "60,000 images of 32x32 pixels in 10 classes",
				Licence: "none stated; for research",
				Source:  "https://www.cs.toronto.edu/~kriz/cifar.html",
			},
			prefixes: []string{"cifar10"},
			format:   fileFormat{size: 32, exact: true, classes: 10},
			normalization: Normalization{
				Mean: [3]float32{.491, .482, .446},
				Std:  [3]float32{.247, .243, .261},
			},
			open: openNamed,
		},
		{
			Info: Info{
				Name:    "tinyimagenet",
				Title:   "TinyImageNet (resize)",
				Size:    "10,000 images of 32x32 pixels",
				Licence: "that of ImageNet: non-commercial research",
				Source:  "https://github.com/facebookresearch/odin",
			},
			prefixes:      []string{"tinyimagenet", "imagenetresize"},
			format:        fileFormat{size: 32, exact: true},
			normalization: imageNetNormalization,
			open:          openNamed,
		},
		synthetic("synthetic", "Synthetic figures", "10,000 and 2,000 images of 32x32 pixels in 10 classes",
			openSynthetic),
		synthetic("synthetic-near", "Synthetic, unseen figures", "2,000 images of 32x32 pixels", openSyntheticNear),
		synthetic("synthetic-far", "Synthetic, patterns", "2,000 images of 32x32 pixels", openSyntheticFar),
	} {
		sets.Register(known.Name, known)
	}
}

// synthetic describes a set that is made and not read.
func synthetic(name, title, size string, open func(*set, Options) (*Dataset, error)) *set {
	return &set{
		Info:          Info{Name: name, Title: title, Size: size, Licence: "that of this program", Source: "made by this program"},
		normalization: syntheticNormalization,
		open:          open,
	}
}
