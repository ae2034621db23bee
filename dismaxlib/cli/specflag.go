package cli

import (
	"cmp"
	"errors"
	"io/fs"
	"slices"

	"github.com/alecthomas/kong"
	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/record"
)

// specFlag is the path of a record whose spec stands for the flags that are not given.
type specFlag string

// BeforeResolve is what kong calls before it fills in the flags that are not given.
func (specFlag) BeforeResolve(ctx *kong.Context, trace *kong.Path) error {
	path, _ := ctx.FlagValue(trace.Flag).(specFlag)
	if err := checkRecord("--spec", string(path)); err != nil {
		return err
	}
	r, err := record.Read(string(path))
	if errors.Is(err, fs.ErrNotExist) {
		return usageError{err}
	}
	if err != nil {
		return err
	}
	if r.OutputsOnly {
		return errors.New("the record is of outputs, and holds no choices of a training")
	}
	values := flagsOf(r.Spec)
	if isGiven(ctx, "epochs") {
		delete(values, "drops") // they follow the epochs
	}
	ctx.AddResolver(kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		return values[flag.Name], nil
	}))
	return nil
}

// isGiven reports whether the command line has the flag.
func isGiven(ctx *kong.Context, flag string) bool {
	return slices.ContainsFunc(ctx.Path, func(path *kong.Path) bool { return path.Flag != nil && path.Flag.Name == flag })
}

// flagsOf are the values of the flags of "dismax run" that make the spec. Where images lie is not among them, nor where
// weights do.
func flagsOf(spec record.Spec) map[string]any {
	values := map[string]any{
		"model": spec.Model, "loss": spec.Loss, "epochs": spec.Epochs, "batch-size": spec.BatchSize, "size": spec.ImageSize,
		"learning-rate": spec.LearningRate, "weight-decay": spec.WeightDecay, "momentum": spec.Momentum,
		"warmup": spec.WarmUp, "label-smoothing": spec.LabelSmoothing, "best": spec.KeepBest,
		"diagnostic-images": spec.DiagnosticImages, "border": cmp.Or(spec.Border, borderBlack),
		"freeze-backbone": spec.FreezeBackbone, "augment": spec.Augment, "seed": spec.Seed,
		"train-limit": spec.TrainLimit, "test-limit": spec.TestLimit, "protocol": string(spec.Protocol),
		"validation-share": spec.ValidationShare, "held-out-beyond-limit": spec.HeldOutBeyondLimit,
		"criterion": spec.CalibrationCriterion, "convention": spec.Convention,
	}
	named := func(name string) bool { _, err := datasets.ByName(name); return err == nil }
	if named(spec.Dataset) {
		values["dataset"] = spec.Dataset
	}
	if sets := slices.DeleteFunc(slices.Clone(spec.OutOfDistribution), func(name string) bool { return !named(name) }); len(sets) > 0 {
		values["ood"] = anySlice(sets)
	}
	if spec.DType != "" {
		values["dtype"] = spec.DType
	}
	if spec.Schedule != "" {
		values["schedule"] = spec.Schedule
	} else if !slices.Equal(spec.LearningRateDrops, experiment.PaperDrops(spec.Epochs)) {
		values["drops"] = anySlice(spec.LearningRateDrops)
	}
	if len(spec.HoldOutClasses) > 0 {
		values["hold-out-classes"] = anySlice(spec.HoldOutClasses)
	}
	return values
}

// anySlice is a list as kong takes it from resolvers.
func anySlice[T any](values []T) []any {
	list := make([]any, len(values))
	for i, value := range values {
		list[i] = value
	}
	return list
}
