package reports

import (
	"hash/fnv"
	"image/color"
	"regexp"
	"strings"
)

// identity is what a loss looks like in every table and plot.
type identity struct {
	title  string
	colour color.NRGBA
	rank   int    // order of rows and of legend entries
	score  string // the score with which the paper evaluates the loss
	method string // the name of the loss in the paper's tables, "" if it is not there
}

// The colours are those of Okabe and Ito, which people with colour-blindness tell apart.
var identities = map[string]identity{
	"softmax":    {"SoftMax", rgb(0xD55E00), 0, "MPS", "SoftMax"},
	"isomax":     {"IsoMax", rgb(0xCC79A7), 1, "ES", ""},
	"isomaxplus": {"IsoMax+", rgb(0x009E73), 2, "MDS", "IsoMax+"},
	"dismax":     {"DisMax", rgb(0x0072B2), 3, "MMLES", "DisMax"},
	"dismax-fpr": {"DisMax + FPR", rgb(0x56B4E9), 4, "MMLES", "DisMax with FPR"},
}

// otherColours are for losses that this package does not know, for example a user's own.
var otherColours = []color.NRGBA{rgb(0xE69F00), rgb(0x7A5195), rgb(0x8C564B), rgb(0x5C6F00), rgb(0x3F4A9E)}

// identify returns the looks of a loss by its registered name. The colour of an unknown loss depends on its name only,
// so that it is the same in every plot.
func identify(loss string) identity {
	if known, ok := identities[loss]; ok {
		return known
	}
	hash := fnv.New32a()
	hash.Write([]byte(loss))
	return identity{title: loss, colour: otherColours[int(hash.Sum32()%uint32(len(otherColours)))], rank: len(identities)}
}

// rgb makes an opaque colour of 0xRRGGBB.
func rgb(hex uint32) color.NRGBA {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 0xFF}
}

var setTitles = map[string]string{
	"cifar10": "CIFAR-10", "cifar100": "CIFAR-100", "svhn": "SVHN", "imagenet": "ImageNet", "imagenet1k": "ImageNet",
	"imageneto": "ImageNet-O", "tinyimagenet": "TinyImageNet", "tinyimagenetresize": "TinyImageNet (resized)",
	"synthetic": "synthetic images", "syntheticnear": "synthetic, near", "syntheticfar": "synthetic, far",
	"lsun": "LSUN", "lsunresize": "LSUN (resized)",
}

// setTitle is how people write the name of a data set; a name that is not known stays as it is.
func setTitle(name string) string {
	if title, ok := setTitles[plain(name)]; ok {
		return title
	}
	return name
}

var residual = regexp.MustCompile(`^resnet(\d+)$`)

// modelTitle is how people write the name of a model; a name that is not known stays as it is.
func modelTitle(name string) string {
	key := plain(name)
	if match := residual.FindStringSubmatch(key); match != nil {
		return "ResNet-" + match[1]
	}
	switch key {
	case "densenetbc100":
		return "DenseNet-BC-100"
	case "wideresnet2810", "wideresnet28x10", "wrn2810":
		return "WideResNet-28-10"
	}
	return name
}

// plain is a name in lower case without anything but letters and digits: names of the same thing compare equal.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
			return r
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A'
		}
		return -1
	}, name)
}
