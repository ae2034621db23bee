package reports

import (
	"slices"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/models"
	"github.com/dismax-go/dismax/reports/internal/check"
	"github.com/dismax-go/dismax/reports/internal/fixture"
)

func TestPaperNumbersAreFoundByRegisteredNames(t *testing.T) {
	for _, test := range []struct {
		dataset, model, loss string
		accuracy             float64
		set                  string
		auroc                float64
	}{
		{"cifar10", "resnet34", "softmax", 0.956, "tinyimagenet", 0.897},
		{"cifar10", "resnet34", "dismax-fpr", 0.967, "tinyimagenet", 0.983},
		{"cifar10", "densenet-bc-100", "dismax", 0.951, "lsun", 0.984},
		{"cifar100", "wideresnet-28-10", "dismax-fpr", 0.830, "", 0},
		{"cifar100", "wideresnet-28-10", "isomaxplus", 0.795, "", 0},
		{"imagenet", "resnet18-imagenet", "dismax", 0.696, "imagenet-o", 0.758},
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
			if got := formatNumber(detectionMetrics[0].paperOn(numbers, test.set).mean, 3); got != formatNumber(test.auroc, 3) {
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
		{Dataset: "cifar10", Model: "resnet34", Loss: "dismax-fpr:alpha=0.5"},
		{Dataset: "CIFAR-10", Model: "resnet34", Loss: "softmax"},
		{Dataset: "cifar10", Model: "resnet34", Loss: ""},
		{},
	} {
		if got := paperNumbers(spec); got != nil {
			t.Errorf("%s %s %q: got numbers, want none", spec.Dataset, spec.Model, spec.Loss)
		}
	}
}

// registered are the names and titles of one registry, and those names that the paper has.
type registered struct {
	kind   string
	titles map[string]string
	mapped map[string]string
	absent []string // from the paper
}

func registries(t *testing.T) []registered {
	t.Helper()
	data := map[string]string{}
	for _, set := range datasets.List(datasets.Options{Data: t.TempDir()}) {
		data[set.Name] = set.Title
	}
	if got := len(datasets.Names()); got != len(data) {
		t.Errorf("got %d data sets in the list, want %d", len(data), got)
	}
	backbones := map[string]string{}
	for _, name := range models.Names() {
		m, err := models.ByName(name)
		if err != nil {
			t.Fatal(err)
		}
		backbones[name] = m.Title
	}
	losses := map[string]string{}
	for _, name := range dismaxlib.LossNames() {
		loss, err := dismaxlib.LossByName(name)
		if err != nil {
			t.Fatal(err)
		}
		losses[name] = loss.Title
	}
	synthetic := []string{"synthetic", "synthetic-5", "synthetic-10", "synthetic-20", "synthetic-50", "synthetic-100",
		"synthetic-near", "synthetic-far"}
	return []registered{
		{"data set", data, paperNames.datasets, append(synthetic, "svhn", "tinyimagenet", "lsun", "imagenet-o")},
		{"out-of-distribution set", data, paperNames.sets, append(synthetic, "imagenet")},
		{"model", backbones, paperNames.models, []string{"resnet8", "resnet20", "densenet-bc-40", "wideresnet-10-1"}},
		{"loss", losses, paperNames.losses, []string{"isomax"}},
	}
}

func TestEveryRegisteredNameHasATitleAndIsTheirsOrNotInThePaper(t *testing.T) {
	for _, r := range registries(t) {
		for name, title := range r.titles {
			if title == "" {
				t.Errorf("%s %s has no title", r.kind, name)
			}
			if _, mapped := r.mapped[name]; mapped == slices.Contains(r.absent, name) {
				t.Errorf("%s %s: mapped to the paper's tables: %v; want either that or that the paper does not have it",
					r.kind, name, mapped)
			}
		}
		for name := range r.mapped {
			if _, ok := r.titles[name]; !ok {
				t.Errorf("%s %q is mapped to the paper's tables, but not registered", r.kind, name)
			}
		}
	}
}

func TestEveryRowOfThePaperForOurLossesIsReached(t *testing.T) {
	reached := map[paperKey]bool{}
	for _, dataset := range datasets.Names() {
		for _, model := range models.Names() {
			for _, loss := range dismaxlib.LossNames() {
				reached[paperKeyOf(record.Spec{Dataset: dataset, Model: model, Loss: loss})] = true
			}
		}
	}
	methods := map[string]bool{}
	for _, method := range paperNames.losses {
		methods[method] = true
	}
	files := map[string]bool{}
	for _, set := range paperNames.sets {
		files[set] = true
	}
	ours := 0
	for key, row := range paperRows() {
		if !methods[key.method] {
			continue
		}
		ours++
		if !reached[key] {
			t.Errorf("no registered names reach the paper's row %v", key)
		}
		for _, sets := range []map[string]statistic{row.auroc, row.auprOut} {
			for set := range sets {
				if !files[set] {
					t.Errorf("no registered set reaches %s of the paper's row %v", set, key)
				}
			}
		}
	}
	// Six pairs of data set and model with three losses each, four with Scaled Cosine, two with GODIN, and two rows of
	// ImageNet.
	if ours != 6*3+4+2+2 {
		t.Errorf("got %d rows of the paper for our losses, want 26", ours)
	}
}

func TestPaperScoresAreThoseThatGoWithTheLosses(t *testing.T) {
	var table struct {
		Rows []struct{ Method, Score string } `json:"rows"`
	}
	readPaper("paper/imagenet.json", &table)
	for _, row := range table.Rows {
		for loss, method := range paperNames.losses {
			if own := fixture.New(loss, 1).Loss.Scores[0]; method == row.Method && own != row.Score {
				t.Errorf("%s: got score %s, the paper has %s", loss, own, row.Score)
			}
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
	check.Holds(t, test, "| *paper* | *ResNet-34* |  | *95.6 ± 0.1* |")
	check.Holds(t, markdown, "Paper: arXiv 2205.05874, Table 2")
}
