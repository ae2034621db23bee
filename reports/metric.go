package reports

import (
	"math"

	"github.com/dismax-go/dismax/dismaxlib/record"
)

// direction says which values of a metric are good.
type direction int

const (
	neither direction = iota
	higher
	lower
)

// shown says how a metric is written.
type shown struct {
	key      string // in CSV
	title    string // above its column; "" where only CSV has it
	scale    float64
	decimals int
	better   direction
}

// testMetric is a column of the table of in-distribution results.
type testMetric struct {
	shown
	of    func(*record.Record) float64
	paper func(*published) statistic // nil: not in the paper
}

// The test metrics that tables beside their own, and the highlights, show.
var (
	accuracy = testMetric{shown{"accuracy", "Accuracy %", 100, 1, higher},
		func(r *record.Record) float64 { return r.Test.Accuracy }, func(p *published) statistic { return p.accuracy }}
	eceAfter = testMetric{shown{"ece_after", "ECE after", 1, 4, lower},
		func(r *record.Record) float64 { return r.Test.After.ECE }, func(p *published) statistic { return p.ece }}
)

var testMetrics = []testMetric{
	accuracy,
	{shown{"nll_before", "NLL before", 1, 3, lower}, func(r *record.Record) float64 { return r.Test.Before.NLL }, nil},
	{shown{"nll_after", "NLL after", 1, 3, lower}, func(r *record.Record) float64 { return r.Test.After.NLL }, nil},
	{shown{"ece_before", "ECE before", 1, 4, lower}, func(r *record.Record) float64 { return r.Test.Before.ECE }, nil},
	eceAfter,
	{shown{"ece_after_paper", "ECE, test fit", 1, 4, lower}, eceAfterPaper,
		func(p *published) statistic { return p.ece }},
	{shown{"temperature", "Temperature", 1, 3, neither},
		func(r *record.Record) float64 { return r.Test.Temperature }, nil},
	{shown{"inference_images_per_second", "Images/s", 1, 0, neither}, inferenceSpeed, nil},
	{shown{"brier_before", "", 1, 4, lower}, func(r *record.Record) float64 { return r.Test.Before.Brier }, nil},
	{shown{"brier_after", "", 1, 4, lower}, func(r *record.Record) float64 { return r.Test.After.Brier }, nil},
	{shown{"mce_before", "", 1, 4, lower}, func(r *record.Record) float64 { return r.Test.Before.MCE }, nil},
	{shown{"mce_after", "", 1, 4, lower}, func(r *record.Record) float64 { return r.Test.After.MCE }, nil},
	{shown{"temperature_after_paper", "", 1, 3, neither}, temperatureAfterPaper, nil},
	{shown{"train_seconds", "", 1, 0, neither}, func(r *record.Record) float64 { return r.TrainSeconds }, nil},
}

// detectionMetric is a column of the table of out-of-distribution detection.
type detectionMetric struct {
	shown
	of    func(*record.Detection) float64
	paper func(*published) map[string]statistic
}

// The detection metrics that tables beside their own, and the highlights, show.
var (
	auroc = detectionMetric{shown{"auroc", "AUROC %", 100, 1, higher},
		func(d *record.Detection) float64 { return d.AUROC },
		func(p *published) map[string]statistic { return p.auroc }}
	auprOut = detectionMetric{shown{"aupr_out", "AUPR-out %", 100, 1, higher},
		func(d *record.Detection) float64 { return d.AUPROut },
		func(p *published) map[string]statistic { return p.auprOut }}
	fpr95 = detectionMetric{shown{"fpr95", "FPR95 %", 100, 1, lower},
		func(d *record.Detection) float64 { return d.FPR95 }, nil}
)

var detectionMetrics = []detectionMetric{
	auroc,
	{shown{"aupr_in", "AUPR-in %", 100, 1, higher}, func(d *record.Detection) float64 { return d.AUPRIn }, nil},
	auprOut,
	fpr95,
	{shown{"tnr95", "", 100, 1, higher}, func(d *record.Detection) float64 { return d.TNR95 }, nil},
	{shown{"detection_accuracy", "", 100, 1, higher},
		func(d *record.Detection) float64 { return d.DetectionAccuracy }, nil},
}

// notMeasured marks a value that a record does not hold; NaN is a measurement that went wrong.
var notMeasured = math.Inf(-1)

// inferenceSpeed is zero in records that do not hold it.
func inferenceSpeed(r *record.Record) float64 {
	if r.InferenceImagesPerSecond == 0 {
		return notMeasured
	}
	return r.InferenceImagesPerSecond
}

// eceAfterPaper is missing in records of the paper's protocol, whose ECE after calibration it is.
func eceAfterPaper(r *record.Record) float64 {
	if r.Test.AfterPaper == nil {
		return notMeasured
	}
	return r.Test.AfterPaper.ECE
}

func temperatureAfterPaper(r *record.Record) float64 {
	if r.Test.AfterPaper == nil {
		return notMeasured
	}
	return r.Test.AfterPaper.Temperature
}

// measurement is a metric in the runs of a group: one value for each run that holds it.
type measurement struct {
	pairs  []string // what makes runs of two groups belong together, see pairOf
	values []float64
}

func (m *measurement) add(r *record.Record, value float64) {
	m.pairs, m.values = append(m.pairs, pairOf(r)), append(m.values, value)
}

// overRuns is the test metric in the runs of the group.
func (m testMetric) overRuns(g *group) measurement {
	var all measurement
	for _, r := range g.records {
		if v := m.of(r); v != notMeasured {
			all.add(r, v)
		}
	}
	return all
}

// overRuns is the detection metric in those runs of the group that have the score on the set.
func (m detectionMetric) overRuns(g *group, set, score string) measurement {
	var all measurement
	for _, r := range g.records {
		if d, err := detection(r, set, score); err == nil {
			all.add(r, m.of(d))
		}
	}
	return all
}

// paperOn is what the paper reports for the metric on the set.
func (m detectionMetric) paperOn(p *published, set string) statistic {
	if m.paper == nil {
		return statistic{}
	}
	return m.paper(p)[paperNames.sets[set]]
}

// times returns the statistic in the unit in which the metric is shown.
func (s statistic) times(scale float64) statistic {
	s.mean *= scale
	s.std *= scale
	return s
}
