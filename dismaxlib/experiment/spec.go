package experiment

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/calibrate"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/models"
	"github.com/gomlx/compute/dtypes"
)

// Defaults returns the paper's way of training on 32x32 images, cut to the given number of epochs: batches of 64, SGD
// with learning rate 0.1 divided by 10 after 1/2, 2/3 and 5/6 of the epochs, Nesterov momentum 0.9 and weight decay
// 1e-4, random crops and flips. Unlike the paper it holds out a tenth of the training images to fit the temperature.
func Defaults(dataset, model, loss string, epochs int) record.Spec {
	return record.Spec{
		Dataset: dataset, Model: model, Loss: loss, Seed: 1,
		Epochs: epochs, BatchSize: 64,
		LearningRate: 0.1, LearningRateDrops: PaperDrops(epochs),
		Momentum: 0.9, Nesterov: true, WeightDecay: 1e-4, Augment: true,
		ValidationShare: 0.1, Protocol: record.HeldOut,
		CalibrationCriterion: calibrate.CriterionECE, CalibrationBins: metrics.DefaultBins,
		Convention: metrics.PaperConvention.String(),
	}
}

// BorderMean is the name of the mean colour in specs.
const BorderMean = "mean"

// ScheduleCosine is the name of [training.Cosine] in specs.
const ScheduleCosine = "cosine"

// PaperDrops returns the epochs at which the paper divides the learning rate by 10: 150, 200 and 250 of 300, and the
// same shares of fewer epochs.
func PaperDrops(epochs int) []int {
	var drops []int
	for _, share := range []float64{1. / 2, 2. / 3, 5. / 6} {
		drop := int(math.Round(share * float64(epochs)))
		if drop > 0 && drop < epochs && !slices.Contains(drops, drop) {
			drops = append(drops, drop)
		}
	}
	return drops
}

// Check returns what is wrong with a spec, before anything is opened or computed.
func Check(spec record.Spec) error {
	_, modelErr := models.ByName(spec.Model)
	_, lossErr := dismaxlib.LossByName(spec.Loss)
	_, dtypeErr := models.DTypeByName(spec.DType)
	_, conventionErr := metrics.ConventionByName(spec.Convention)
	if lossErr == nil {
		lossErr = checkSmoothing(spec)
	}
	for _, err := range []error{modelErr, lossErr, dtypeErr, conventionErr, checkTraining(spec), checkEvaluation(spec)} {
		if err != nil {
			return err
		}
	}
	return nil
}

// mostImages bounds numbers of images: more than any data set has, and few enough to be counted with.
const mostImages = 1 << 40

// The limits of the size that images are resized to.
const smallestImage, largestImage = 32, 224

// mostEpochs bounds numbers of epochs: more than any training has.
const mostEpochs = 1_000_000

func areChanges(changes record.RateChanges) bool {
	last := 0
	for _, change := range changes {
		if change.Step <= last || !(change.Rate > 0) || math.IsInf(change.Rate, 1) {
			return false
		}
		last = change.Step
	}
	return true
}

// areDrops reports whether the epochs ascend, and are among those of a training.
func areDrops(drops []int, epochs int) bool {
	last := -1
	for _, epoch := range drops {
		if epoch <= last || epoch >= epochs {
			return false
		}
		last = epoch
	}
	return true
}

func checkTraining(spec record.Spec) error {
	switch {
	case spec.Epochs < 1 || spec.Epochs > mostEpochs:
		return fmt.Errorf("%d epochs: want 1 to %d", spec.Epochs, mostEpochs)
	case spec.BatchSize < 1 || spec.BatchSize > 1<<20:
		return fmt.Errorf("batches of %d images: want 1 to %d", spec.BatchSize, 1<<20)
	case !(spec.LearningRate > 0) || math.IsInf(spec.LearningRate, 1):
		return fmt.Errorf("learning rate %g: it must be positive and finite", spec.LearningRate)
	case !(spec.WeightDecay >= 0) || math.IsInf(spec.WeightDecay, 1):
		return fmt.Errorf("weight decay %g: it must be finite and not negative", spec.WeightDecay)
	case !(spec.Momentum >= 0 && spec.Momentum < 1):
		return fmt.Errorf("momentum %g: want 0 up to, but not including, 1", spec.Momentum)
	case spec.TrainLimit < 0 || spec.TrainLimit > mostImages:
		return fmt.Errorf("a limit of %d training images: it must be positive, or 0 for all", spec.TrainLimit)
	case !areChanges(spec.LearningRateChanges):
		return fmt.Errorf("changes of the learning rate, %s: rates must be positive and finite, and steps ascend",
			spec.LearningRateChanges)
	case !areDrops(spec.LearningRateDrops, spec.Epochs):
		return fmt.Errorf("drops of the learning rate at the epochs %v: want epochs that ascend, 0 to %d",
			spec.LearningRateDrops, spec.Epochs-1)
	case spec.Protocol == record.HeldOut && !(spec.ValidationShare > 0 && spec.ValidationShare < 1):
		return fmt.Errorf("validation share %g: protocol %s needs one between 0 and 1", spec.ValidationShare, record.HeldOut)
	case spec.ImageSize != 0 && (spec.ImageSize < smallestImage || spec.ImageSize > largestImage):
		return fmt.Errorf("images of %d pixels: want %d to %d", spec.ImageSize, smallestImage, largestImage)
	case spec.Schedule != "" && spec.Schedule != ScheduleCosine:
		return fmt.Errorf("unknown schedule %q of the learning rate: choose %q, or none for drops", spec.Schedule, ScheduleCosine)
	case spec.Schedule == ScheduleCosine && len(spec.LearningRateDrops) > 0:
		return errors.New("a learning rate on a cosine has no drops: leave them out")
	case spec.Border != "" && (spec.Border != BorderMean || !spec.Augment):
		return fmt.Errorf("unknown border %q of crops: choose %q, or none for black; without crops there is none", spec.Border,
			BorderMean)
	case spec.WarmUp < 0 || spec.WarmUp > 0 && (spec.WarmUp >= spec.Epochs || spec.Schedule != ScheduleCosine):
		return fmt.Errorf("a warm-up of %d epochs: want fewer than the %d of the training, and the schedule %s",
			spec.WarmUp, spec.Epochs, ScheduleCosine)
	case !(spec.LabelSmoothing >= 0 && spec.LabelSmoothing < 1):
		return fmt.Errorf("label smoothing %g: want a share from 0 up to, but not including, 1", spec.LabelSmoothing)
	case spec.KeepBest && spec.Protocol != record.HeldOut:
		return fmt.Errorf("the best epoch is chosen by held-out images, and protocol %s holds none out: choose protocol %s",
			spec.Protocol, record.HeldOut)
	case spec.HeldOutBeyondLimit && spec.TrainLimit == 0:
		return errors.New("held-out images beyond the limit: there is no limit of training images to leave some out")
	}
	return nil
}

// checkSmoothing refuses to smooth the labels of a loss that makes soft targets itself.
func checkSmoothing(spec record.Spec) error {
	loss, err := dismaxlib.LossByName(spec.Loss)
	if err == nil && loss.MixesQuadrants && spec.LabelSmoothing != 0 {
		return fmt.Errorf("label smoothing %g: the loss %s makes soft targets itself, by mixing quadrants: choose one of the two",
			spec.LabelSmoothing, spec.Loss)
	}
	return err
}

func checkEvaluation(spec record.Spec) error {
	switch {
	case spec.TestLimit < 0 || spec.TestLimit > mostImages:
		return fmt.Errorf("a limit of %d test images: it must be positive, or 0 for all", spec.TestLimit)
	case spec.DiagnosticImages < 0 || spec.DiagnosticImages > mostImages:
		return fmt.Errorf("%d images to measure after every epoch: it must be positive, or 0 for none", spec.DiagnosticImages)
	case spec.Protocol != record.HeldOut && spec.Protocol != record.Paper:
		return fmt.Errorf("unknown protocol %q: choose one of %s, %s", spec.Protocol, record.HeldOut, record.Paper)
	case spec.CalibrationBins < 1 || spec.CalibrationBins > 1_000_000:
		return fmt.Errorf("%d bins for the calibration error: want 1 to 1,000,000", spec.CalibrationBins)
	case spec.CalibrationCriterion != calibrate.CriterionECE && spec.CalibrationCriterion != calibrate.CriterionNLL:
		return fmt.Errorf("unknown calibration criterion %q: choose one of %s, %s",
			spec.CalibrationCriterion, calibrate.CriterionECE, calibrate.CriterionNLL)
	}
	return nil
}

// canonical is the spec as it is recorded: a run whose user names the default dtype is the one that names none, and a list
// of nothing is one that is not given.
func canonical(spec record.Spec) record.Spec {
	if dtype, err := models.DTypeByName(spec.DType); err == nil && dtype == dtypes.Float32 {
		spec.DType = ""
	}
	spec.OutOfDistribution, spec.HoldOutClasses = orNil(spec.OutOfDistribution), orNil(spec.HoldOutClasses)
	spec.LearningRateDrops, spec.LearningRateChanges = orNil(spec.LearningRateDrops), orNil(spec.LearningRateChanges)
	return spec
}

// orNil is the list, nil if it is empty.
func orNil[S ~[]E, E any](list S) S {
	if len(list) == 0 {
		return nil
	}
	return list
}

// Title describes a spec in a few words: "dismax, resnet20 on cifar10, seed 1, 3 epochs".
func Title(spec record.Spec) string {
	parts := []string{spec.Loss, fmt.Sprintf("%s on %s", spec.Model, spec.Dataset), fmt.Sprintf("seed %d", spec.Seed)}
	return strings.Join(append(parts, Details(spec)...), ", ")
}

// Details are the parts of the title behind loss, model, data set and seed: "3 epochs", "10000 training images".
func Details(spec record.Spec) []string {
	parts := []string{fmt.Sprintf("%d epochs", spec.Epochs)}
	if spec.DType != "" {
		parts = append(parts, spec.DType)
	}
	if spec.InitialWeights != "" {
		name, _, _ := strings.Cut(spec.InitialWeights, " ")
		parts = append(parts, "from "+name)
	}
	if spec.TrainLimit > 0 {
		parts = append(parts, fmt.Sprintf("%d training images", spec.TrainLimit))
	}
	if len(spec.LearningRateChanges) > 0 {
		parts = append(parts, fmt.Sprintf("learning rate %s", spec.LearningRateChanges))
	}
	if spec.Border != "" {
		parts = append(parts, "border "+spec.Border)
	}
	if spec.DiagnosticImages > 0 {
		parts = append(parts, fmt.Sprintf("measured on %d images after every epoch", spec.DiagnosticImages))
	}
	if len(spec.HoldOutClasses) > 0 {
		parts = append(parts, "without "+strings.Join(spec.HoldOutClasses, ", "))
	}
	return parts
}
