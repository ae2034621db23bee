package experiment

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/record"
)

func TestPaperDropsAreSharesOfTheEpochs(t *testing.T) {
	for epochs, want := range map[int][]int{300: {150, 200, 250}, 12: {6, 8, 10}, 3: {2}, 1: nil} {
		if got := PaperDrops(epochs); !slices.Equal(got, want) {
			t.Errorf("PaperDrops(%d) = %v, want %v", epochs, got, want)
		}
	}
}

func TestDefaultsPassTheirOwnCheck(t *testing.T) {
	if err := Check(Defaults("cifar10", "resnet34", "dismax", 300)); err != nil {
		t.Error(err)
	}
}

func TestCheckNamesWhatIsWrong(t *testing.T) {
	for _, test := range []struct {
		says  string
		spoil func(*record.Spec)
	}{
		{`unknown model "resnet"`, func(s *record.Spec) { s.Model = "resnet" }},
		{`unknown loss "hinge"`, func(s *record.Spec) { s.Loss = "hinge" }},
		{`unknown dtype "float16"`, func(s *record.Spec) { s.DType = "float16" }},
		{"convention", func(s *record.Spec) { s.Convention = "mine" }},
		{"0 epochs", func(s *record.Spec) { s.Epochs = 0 }},
		{"batches of 0", func(s *record.Spec) { s.BatchSize = 0 }},
		{"learning rate NaN", func(s *record.Spec) { s.LearningRate = math.NaN() }},
		{"epochs [1 3]: want epochs that ascend, 0 to 2", func(s *record.Spec) { s.LearningRateDrops = []int{1, 3} }},
		{"epochs [2 1]", func(s *record.Spec) { s.LearningRateDrops = []int{2, 1} }},
		{`protocol "test"`, func(s *record.Spec) { s.Protocol = "test" }},
		{"validation share 0", func(s *record.Spec) { s.ValidationShare = 0 }},
		{"beyond the limit", func(s *record.Spec) { s.HeldOutBeyondLimit = true }},
		{`border "red"`, func(s *record.Spec) { s.Border = "red" }},
		{"without crops", func(s *record.Spec) { s.Border, s.Augment = "mean", false }},
		{`criterion "brier"`, func(s *record.Spec) { s.CalibrationCriterion = "brier" }},
	} {
		spec := Defaults("synthetic", "resnet8", "dismax", 3)
		test.spoil(&spec)
		if err := Check(spec); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("error %v, want one with %q", err, test.says)
		}
	}
}

// A checkpoint may be evaluated in another way, but not trained on in another way.
func TestIdentityCoversTrainingAndNothingElse(t *testing.T) {
	spec := Defaults("synthetic", "resnet8", "dismax", 3)
	own := trainingOf(spec)
	for name, change := range map[string]func(*record.Spec){
		"protocol": func(s *record.Spec) { s.CalibrationCriterion, s.Convention = "nll", "field" },
		"tests":    func(s *record.Spec) { s.TestLimit, s.OutOfDistribution = 10, []string{"svhn"} },
	} {
		other := spec
		if change(&other); !maps.Equal(trainingOf(other), own) {
			t.Errorf("%s: the identity changed", name)
		}
	}
	for name, change := range map[string]func(*record.Spec){
		"seed":        func(s *record.Spec) { s.Seed = 2 },
		"loss":        func(s *record.Spec) { s.Loss = "softmax" },
		"train limit": func(s *record.Spec) { s.TrainLimit = 100 },
		"held out":    func(s *record.Spec) { s.ValidationShare = 0.2 },
		"beyond":      func(s *record.Spec) { s.HeldOutBeyondLimit = true },
		"classes":     func(s *record.Spec) { s.HoldOutClasses = []string{"3"} },
		"dtype":       func(s *record.Spec) { s.DType = "bfloat16" },
		"border":      func(s *record.Spec) { s.Border = "mean" },
	} {
		other := spec
		if change(&other); maps.Equal(trainingOf(other), own) {
			t.Errorf("%s: the identity is the same", name)
		}
	}
}

// Its record and checkpoints are those of the same run that names it.
func TestFloat32IsTheSpecThatNamesNoDType(t *testing.T) {
	spec := Defaults("synthetic", "resnet8", "dismax", 3)
	named := spec
	named.DType = "float32"
	if got := canonical(named); got.DType != "" || !maps.Equal(trainingOf(got), trainingOf(spec)) {
		t.Errorf("dtype %q, identity %v, want none and %v", got.DType, trainingOf(got), trainingOf(spec))
	}
	if content, err := json.Marshal(spec); err != nil || strings.Contains(string(content), "dtype") {
		t.Errorf("the spec is recorded as %s (%v), want no dtype", content, err)
	}
}
