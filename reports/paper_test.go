package reports

import (
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/reports/internal/fixture"
)

func TestPaperNumbersAreFoundWhateverTheSpelling(t *testing.T) {
	for _, test := range []struct {
		dataset, model, loss string
		accuracy             float64
		set                  string
		auroc                float64
	}{
		{"cifar10", "resnet34", "softmax", 0.956, "tinyimagenet_resize", 0.897},
		{"CIFAR-10", "ResNet-34", "dismax-fpr", 0.967, "TinyImageNet", 0.983},
		{"cifar10", "densenet-bc-100", "dismax", 0.951, "lsun-resize", 0.984},
		{"cifar100", "wide-resnet-28-10", "dismax-fpr", 0.830, "", 0},
		{"cifar100", "wideresnet28x10", "isomaxplus", 0.795, "", 0},
		{"imagenet", "resnet18", "dismax", 0.696, "imagenet-o", 0.758},
	} {
		numbers := paperNumbers(record.Spec{Dataset: test.dataset, Model: test.model, Loss: test.loss})
		if numbers == nil {
			t.Errorf("%v: not found", test)
			continue
		}
		if got := formatNumber(numbers.accuracy.mean, 3); got != formatNumber(test.accuracy, 3) {
			t.Errorf("%v: got accuracy %s", test, got)
		}
		if test.set != "" {
			if got := formatNumber(numbers.auroc[paperName(test.set)].mean, 3); got != formatNumber(test.auroc, 3) {
				t.Errorf("%v: got AUROC %s", test, got)
			}
		}
	}
}

func TestPaperNumbersAreAbsentForOtherExperiments(t *testing.T) {
	for _, spec := range []record.Spec{
		{Dataset: "cifar10", Model: "resnet20", Loss: "softmax"},
		{Dataset: "synthetic", Model: "resnet34", Loss: "softmax"},
		{Dataset: "cifar10", Model: "resnet34", Loss: "isomax"},
		{Dataset: "cifar10", Model: "resnet34", Loss: "dismax"}, // the paper has it with FPR only
		{Dataset: "cifar10", Model: "resnet34", Loss: ""},
	} {
		if got := paperNumbers(spec); got != nil {
			t.Errorf("%s %s %q: got numbers, want none", spec.Dataset, spec.Model, spec.Loss)
		}
	}
}

func TestPaperRowStandsBelowTheLastRowOfItsLoss(t *testing.T) {
	short := changed("softmax", 1, func(r *record.Record) { r.Spec.Epochs = 3 })
	markdown := Table(fixture.New("softmax", 1), short, fixture.New("dismax", 1)).Markdown()
	test, _, _ := strings.Cut(markdown, "AUROC")
	if got := strings.Count(test, "| *paper* |"); got != 1 {
		t.Errorf("got %d rows of the paper, want one for the two rows of SoftMax:\n%s", got, test)
	}
	if want := "| *paper* | *ResNet-34* |  | *95.6 ± 0.1* |"; !strings.Contains(test, want) {
		t.Errorf("want %q in\n%s", want, test)
	}
	if !strings.Contains(markdown, "Paper: arXiv 2205.05874, Table 2") {
		t.Errorf("the source of the paper's numbers is not named:\n%s", markdown)
	}
}
