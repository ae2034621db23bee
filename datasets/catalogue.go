package datasets

import "github.com/dismax-go/dismax/datasets/internal/fetch"

// imageNetMean and imageNetStd are published with ImageNet, and also stand for the sets that nothing is trained on.
var (
	imageNetMean = []float32{.485, .456, .406}
	imageNetStd  = []float32{.229, .224, .225}
)

// noLicence is said of sets that were published without one.
const noLicence = "none stated; for research"

// publishedSets are all published sets, to which the names of files are assigned.
var publishedSets = []*published{
	{
		Info: Info{
			Name:              "cifar10",
			Title:             "CIFAR-10",
			Size:              "60,000 images, 32x32, 10 classes",
			Licence:           noLicence,
			Source:            "https://www.cs.toronto.edu/~kriz/cifar.html",
			OutOfDistribution: []string{"tinyimagenet", "lsun", "svhn", "cifar100"},
		},
		mean: []float32{.491, .482, .446}, std: []float32{.247, .243, .261},
		prefixes: []string{"cifar10"},
		official: cifar10Format,
		pickled:  []string{"batches.meta", "data_batch_1"},
		format:   fileFormat{size: 32, exact: true, classes: 10},
		downloads: []download{{
			File: fetch.File{
				URL:      "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
				Checksum: "MD5 c32a1d4ab5d03f1284b67883e8d87530",
				MaxBytes: 256 << 20,
			},
		}},
	},
	{
		Info: Info{
			Name:              "cifar100",
			Title:             "CIFAR-100",
			Size:              "60,000 images, 32x32, 100 classes",
			Licence:           noLicence,
			Source:            "https://www.cs.toronto.edu/~kriz/cifar.html",
			OutOfDistribution: []string{"tinyimagenet", "lsun", "svhn", "cifar10"},
		},
		mean: []float32{.507, .486, .440}, std: []float32{.267, .256, .276},
		prefixes: []string{"cifar100"},
		official: cifar100Format,
		pickled:  []string{"meta"},
		format:   fileFormat{size: 32, exact: true, classes: 100},
		downloads: []download{{
			File: fetch.File{
				URL:      "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
				Checksum: "MD5 03b5dce01913d631647c71ecec9e9cb8",
				MaxBytes: 256 << 20,
			},
		}},
	},
	{
		Info: Info{
			Name:    "svhn",
			Title:   "SVHN",
			Size:    "99,289 images, 32x32, 10 classes",
			Licence: "non-commercial use",
			Source:  "http://ufldl.stanford.edu/housenumbers/",
		},
		mean: []float32{.438, .444, .473}, std: []float32{.198, .201, .197},
		prefixes: []string{"svhn"},
		official: svhnFormat{},
		format:   fileFormat{size: 32, exact: true, classes: 10},
		downloads: []download{
			{
				File: fetch.File{
					URL:      "http://ufldl.stanford.edu/housenumbers/train_32x32.mat",
					Checksum: "MD5 e26dedcc434d2e4c54c9b2d4a06d8373",
					MaxBytes: 256 << 20,
				},
				training: true,
			},
			{
				File: fetch.File{
					URL:      "http://ufldl.stanford.edu/housenumbers/test_32x32.mat",
					Checksum: "MD5 eb5a983be6a315427106f1b164d9cef3",
					MaxBytes: 256 << 20,
				},
			},
		},
	},
	{
		Info: Info{
			Name:    "tinyimagenet",
			Title:   "TinyImageNet (resize)",
			Size:    "10,000 images, 32x32",
			Licence: "ImageNet's: non-commercial research",
			Source:  "https://github.com/facebookresearch/odin",
		},
		mean: imageNetMean, std: imageNetStd,
		prefixes: []string{"tinyimagenet", "imagenetresize"},
		format:   fileFormat{size: 32, exact: true},
		downloads: []download{{
			File: fetch.File{
				URL:      "https://www.dropbox.com/s/raw/kp3my3412u5k9rl/Imagenet_resize.tar.gz",
				Checksum: "MD5 0f9ff11d45babf2eff5fe12281d1ac31",
				MaxBytes: 256 << 20,
			},
		}},
	},
	{
		Info: Info{
			Name:    "lsun",
			Title:   "LSUN (resize)",
			Size:    "10,000 images, 32x32",
			Licence: noLicence,
			Source:  "https://github.com/facebookresearch/odin",
		},
		mean: imageNetMean, std: imageNetStd,
		prefixes: []string{"lsun"},
		format:   fileFormat{size: 32, exact: true},
		downloads: []download{{
			File: fetch.File{
				URL:      "https://www.dropbox.com/s/raw/moqh2wh8696c3yl/LSUN_resize.tar.gz",
				Checksum: "MD5 278b7b31c8cb7e804a1465a8ce03a2dc",
				MaxBytes: 256 << 20,
			},
		}},
	},
	{
		Info: Info{
			Name:              "imagenet",
			Title:             "ImageNet (ILSVRC 2012)",
			Size:              "1,331,167 images, any size, 1000 classes",
			Licence:           "non-commercial research; needs an account",
			Source:            "https://image-net.org/download.php",
			OutOfDistribution: []string{"imagenet-o"},
		},
		mean: imageNetMean, std: imageNetStd,
		prefixes: []string{"imagenet", "ilsvrc2012"},
		format:   fileFormat{size: 224, imageNet: true},
	},
	{
		Info: Info{
			Name:    "imagenet-o",
			Title:   "ImageNet-O",
			Size:    "2,000 images, any size",
			Licence: "MIT; ImageNet's for the images",
			Source:  "https://github.com/hendrycks/natural-adv-examples",
		},
		mean: imageNetMean, std: imageNetStd,
		prefixes: []string{"imageneto"},
		format:   fileFormat{size: 224, imageNet: true},
		downloads: []download{{
			File: fetch.File{
				URL:      "https://people.eecs.berkeley.edu/~hendrycks/imagenet-o.tar",
				Checksum: "MD5 86bd7a50c1c4074fb18fc5f219d6d50b",
				MaxBytes: 1 << 30,
			},
		}},
	},
}

func init() {
	for _, p := range publishedSets {
		Register(&Set{Info: p.Info, Open: p.open, Locate: p.where, Fetch: p.obtain})
	}
}
