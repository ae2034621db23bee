package reports

import (
	"fmt"
	"strconv"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/internal/text"
	"github.com/dismax-go/dismax/reports/plot"
)

// Stage says whether probabilities are meant before or after calibration.
type Stage int

const (
	// BeforeCalibration means probabilities at temperature 1.
	BeforeCalibration Stage = iota
	// AfterCalibration means probabilities at the fitted temperature.
	AfterCalibration
)

// String returns "before calibration" or "after calibration".
func (s Stage) String() string {
	if s == BeforeCalibration {
		return "before calibration"
	}
	return "after calibration"
}

// of returns the record's results at the stage, and the temperature they hold for.
func (s Stage) of(r *record.Record) (record.Calibration, float64) {
	if s == BeforeCalibration {
		return r.Test.Before, 1
	}
	return r.Test.After, r.Test.Temperature
}

// Reliability plots how often the record's model is right on the test images, by how sure it is, in the bins of the
// record's ECE. It is an error if the record holds no bins.
func Reliability(r *record.Record, stage Stage) (*plot.Plot, error) {
	if r == nil {
		return nil, absentf("reliability diagram: there is no record")
	}
	calibration, temperature := stage.of(r)
	bins := make([]plot.ReliabilityBin, len(calibration.Reliability))
	images := 0
	for i, bin := range calibration.Reliability {
		bins[i] = plot.ReliabilityBin(bin)
		images += bin.Count
	}
	if images == 0 {
		return nil, absentf("reliability diagram: the record of %s has no bins %s", describe(r), stage)
	}
	loss := identify(r)
	title := fmt.Sprintf("%s %s: ECE %s", loss.title, stage, formatNumber(calibration.ECE, 4))
	subtitle := fmt.Sprintf("%s test images, temperature %s",
		text.Digits(images), strconv.FormatFloat(temperature, 'g', 3, 64))
	p, err := plot.Reliability(title, subtitle, loss.colour, bins...)
	if err != nil {
		return nil, fmt.Errorf("reliability diagram: the record of %s, %s: %w", describe(r), stage, err)
	}
	return p, nil
}
