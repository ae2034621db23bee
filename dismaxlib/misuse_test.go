package dismaxlib_test

import (
	"strings"
	"testing"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/models"
	"github.com/dismax-go/dismax/tests/testkit"
	"github.com/gomlx/gomlx/core/tensors"
)

func TestNothingIsAnError(t *testing.T) {
	outputs := dismaxlib.TrainingOutputs{Logits: tensors.FromValue([][]float32{{1, 2}}), Labels: []int32{0}}
	for name, test := range map[string]struct {
		call func() error
		says string
	}{
		"a score to fit": {func() error {
			_, err := dismaxlib.FitScores([]*dismaxlib.Score{nil}, outputs)
			return err
		}, "one of them is nil"},
		"a score to compute": {func() error {
			_, err := dismaxlib.NewScorer(testkit.Backend(t), []*dismaxlib.Score{nil}, nil, nil)
			return err
		}, "is nil"},
		"a store to set": {func() error { return dismaxlib.SetTemperature(nil, 1) }, "is nil"},
		"a store to read": {func() error {
			_, err := dismaxlib.Temperature(nil)
			return err
		}, "is nil"},
	} {
		if err := test.call(); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: got error %v, want one with %q", name, err, test.says)
		}
	}
}

func TestRegisteringWhatCannotBeUsedPanics(t *testing.T) {
	for says, call := range map[string]func(){
		"RegisterLoss: the loss is nil":                 func() { dismaxlib.RegisterLoss(nil) },
		`RegisterLoss: the loss "empty" lacks its`:      func() { dismaxlib.RegisterLoss(&dismaxlib.Loss{Name: "empty"}) },
		"RegisterScore: the score is nil":               func() { dismaxlib.RegisterScore(nil) },
		`RegisterScore: the score "empty" has no Graph`: func() { dismaxlib.RegisterScore(&dismaxlib.Score{Name: "empty"}) },
		"models.Register: the model is nil":             func() { models.Register(nil) },
		`models.Register: the model "empty" has no`:     func() { models.Register(&models.Model{Name: "empty"}) },
		"the set to register is nil":                    func() { datasets.Register(nil) },
	} {
		if got := testkit.PanicOf(call); !strings.Contains(got, says) {
			t.Errorf("got panic %q, want one that says %q", got, says)
		}
	}
	if _, err := dismaxlib.LossByName("empty"); err == nil {
		t.Error("a loss without a head was registered")
	}
}
