package dismaxlib_test

import (
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib"
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
