package experiment

import (
	"crypto/sha256"
	"encoding/json"
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

// Check says what is wrong with a spec, before anything is opened or computed.
func Check(spec record.Spec) error {
	if _, err := models.ByName(spec.Model); err != nil {
		return err
	}
	if _, err := dismaxlib.LossByName(spec.Loss); err != nil {
		return err
	}
	if _, err := models.DTypeByName(spec.DType); err != nil {
		return err
	}
	if _, err := metrics.ConventionByName(spec.Convention); err != nil {
		return err
	}
	switch {
	case spec.Epochs < 1:
		return fmt.Errorf("%d epochs: at least 1 is needed", spec.Epochs)
	case spec.BatchSize < 1:
		return fmt.Errorf("batches of %d images: at least 1 is needed", spec.BatchSize)
	case !(spec.LearningRate > 0) || math.IsInf(spec.LearningRate, 1):
		return fmt.Errorf("learning rate %g: it must be positive", spec.LearningRate)
	case spec.Protocol != record.HeldOut && spec.Protocol != record.Paper:
		return fmt.Errorf("unknown protocol %q: choose one of %s, %s", spec.Protocol, record.HeldOut, record.Paper)
	case spec.Protocol == record.HeldOut && !(spec.ValidationShare > 0 && spec.ValidationShare < 1):
		return fmt.Errorf("validation share %g: protocol %s needs one between 0 and 1", spec.ValidationShare, record.HeldOut)
	case spec.CalibrationCriterion != calibrate.CriterionECE && spec.CalibrationCriterion != calibrate.CriterionNLL:
		return fmt.Errorf("unknown calibration criterion %q: choose one of %s, %s",
			spec.CalibrationCriterion, calibrate.CriterionECE, calibrate.CriterionNLL)
	}
	return nil
}

// canonical is the spec as it is recorded: a run whose user names the default dtype is the one that names none.
func canonical(spec record.Spec) record.Spec {
	if dtype, err := models.DTypeByName(spec.DType); err == nil && dtype == dtypes.Float32 {
		spec.DType = ""
	}
	return spec
}

// identity tells whether a checkpoint belongs to a spec: a line for the reader and a checksum of all that training
// depends on. What is done after training may differ.
func identity(spec record.Spec) string {
	spec.OutOfDistribution, spec.TestLimit = nil, 0
	spec.Protocol, spec.CalibrationBins, spec.CalibrationCriterion, spec.Convention = "", 0, "", ""
	content, err := json.Marshal(spec)
	if err != nil {
		panic(fmt.Sprintf("experiment: a spec that cannot be encoded: %v", err)) // NaN, which Check refuses
	}
	checksum := sha256.Sum256(content)
	return fmt.Sprintf("%s, spec %x", Title(spec), checksum[:4])
}

// Title describes a spec in a few words: "dismax, resnet20 on cifar10, seed 1, 3 epochs".
func Title(spec record.Spec) string {
	parts := []string{spec.Loss, fmt.Sprintf("%s on %s", spec.Model, spec.Dataset), fmt.Sprintf("seed %d", spec.Seed),
		fmt.Sprintf("%d epochs", spec.Epochs)}
	if spec.DType != "" {
		parts = append(parts, spec.DType)
	}
	if spec.TrainLimit > 0 {
		parts = append(parts, fmt.Sprintf("%d training images", spec.TrainLimit))
	}
	return strings.Join(parts, ", ")
}
