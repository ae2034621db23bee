package cli

import (
	"fmt"

	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/record"
)

// specFields are the flags of "dismax run" whose values a spec may refuse, and how the field of each takes a value that it
// does not refuse. A flag stands before those that bound it.
var specFields = []struct {
	flag   string
	repair func(spec *record.Spec, good record.Spec)
}{
	{"--model", func(s *record.Spec, good record.Spec) { s.Model = good.Model }},
	{"--loss", func(s *record.Spec, good record.Spec) { s.Loss = good.Loss }},
	{"--dtype", func(s *record.Spec, good record.Spec) { s.DType = good.DType }},
	{"--drops", func(s *record.Spec, _ record.Spec) { s.LearningRateDrops = nil }},
	{"--warmup", func(s *record.Spec, good record.Spec) { s.WarmUp = good.WarmUp }},
	{"--epochs", func(s *record.Spec, good record.Spec) { s.Epochs = good.Epochs }},
	{"--batch-size", func(s *record.Spec, good record.Spec) { s.BatchSize = good.BatchSize }},
	{"--learning-rate", func(s *record.Spec, good record.Spec) { s.LearningRate = good.LearningRate }},
	{"--weight-decay", func(s *record.Spec, good record.Spec) { s.WeightDecay = good.WeightDecay }},
	{"--momentum", func(s *record.Spec, good record.Spec) { s.Momentum = good.Momentum }},
	{"--label-smoothing", func(s *record.Spec, good record.Spec) { s.LabelSmoothing = good.LabelSmoothing }},
	{"--size", func(s *record.Spec, good record.Spec) { s.ImageSize = good.ImageSize }},
	{"--best", func(s *record.Spec, good record.Spec) { s.KeepBest = good.KeepBest }},
	{"--border", func(s *record.Spec, good record.Spec) { s.Border = good.Border }},
	{"--held-out-beyond-limit", func(s *record.Spec, _ record.Spec) { s.HeldOutBeyondLimit = false }},
	{"--train-limit", func(s *record.Spec, good record.Spec) { s.TrainLimit = good.TrainLimit }},
	{"--test-limit", func(s *record.Spec, good record.Spec) { s.TestLimit = good.TestLimit }},
	{"--diagnostic-images", func(s *record.Spec, good record.Spec) { s.DiagnosticImages = good.DiagnosticImages }},
	{"--validation-share", func(s *record.Spec, good record.Spec) { s.ValidationShare = good.ValidationShare }},
	{"--protocol", func(s *record.Spec, good record.Spec) { s.Protocol = good.Protocol }},
	{"--criterion", func(s *record.Spec, good record.Spec) { s.CalibrationCriterion = good.CalibrationCriterion }},
	{"--convention", func(s *record.Spec, good record.Spec) { s.Convention = good.Convention }},
}

// checkSpec is [experiment.Check] for a spec that flags made. Its error begins with the flag without whose value there
// would be none, or another one.
func checkSpec(spec record.Spec) error {
	err := experiment.Check(spec)
	if err == nil {
		return nil
	}
	good := experiment.Defaults("synthetic", "resnet20", "softmax", 300)
	for _, field := range specFields {
		repaired := spec
		field.repair(&repaired, good)
		if other := experiment.Check(repaired); other == nil || other.Error() != err.Error() {
			return fmt.Errorf("%s: %w", field.flag, err)
		}
	}
	return err
}
