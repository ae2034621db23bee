package reports

import "github.com/dismax-go/dismax/dismaxlib/record"

// paperNames maps the names under which things are registered to those of the files in reports/paper. What the paper
// does not have is not here.
var paperNames = struct{ datasets, models, losses, sets map[string]string }{
	datasets: map[string]string{"cifar10": "CIFAR-10", "cifar100": "CIFAR-100", "imagenet": "ImageNet"},
	models: map[string]string{
		"densenet-bc-100": "DenseNet-BC-100", "resnet34": "ResNet-34", "wideresnet-28-10": "WideResNet-28-10",
		"resnet18-imagenet": "ResNet-18",
	},
	losses: map[string]string{
		"softmax": "SoftMax", "scaled-cosine": "Scaled Cosine", "godin": "GODIN", "isomaxplus": "IsoMax+", "dismax": "DisMax", "dismax-fpr": "DisMax with FPR",
	},
	sets: map[string]string{
		"cifar10": "cifar10", "cifar100": "cifar100", "svhn": "svhn", "tinyimagenet": "tinyimagenet_resize",
		"lsun": "lsun_resize", "imagenet-o": "imagenet_o",
	},
}

// softmaxEnsemble is the loss of an ensemble of SoftMax networks in its record, which is registered nowhere.
const softmaxEnsemble = "ensemble:softmax"

// paperKey names a row of the paper's tables as the files do.
type paperKey struct{ dataset, model, method string }

// paperKeyOf is the row with the data set, model and loss of the spec. A part that the paper does not have is empty.
func paperKeyOf(spec record.Spec) paperKey {
	method := paperNames.losses[spec.Loss]
	if spec.Loss == softmaxEnsemble {
		method = "Deep Ensemble"
	}
	return paperKey{paperNames.datasets[spec.Dataset], paperNames.models[spec.Model], method}
}
