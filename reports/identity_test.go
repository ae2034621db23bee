package reports

import (
	"testing"
)

func TestUnknownLossesKeepTheirColour(t *testing.T) {
	if a, b := identify("my-loss"), identify("my-loss"); a.colour != b.colour || a.title != "my-loss" {
		t.Errorf("got %v and %v, want the same", a, b)
	}
}

func TestNamesAreWrittenAsPeopleWriteThem(t *testing.T) {
	for got, want := range map[string]string{
		setTitle("cifar10"): "CIFAR-10", setTitle("tinyimagenet_resize"): "TinyImageNet (resized)", setTitle("mine"): "mine",
		modelTitle("resnet20"): "ResNet-20", modelTitle("densenet-bc-100"): "DenseNet-BC-100",
		modelTitle("wide-resnet-28-10"): "WideResNet-28-10", modelTitle("resnet-x"): "resnet-x",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
