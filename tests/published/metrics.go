package main

import (
	"math"

	"github.com/dismax-go/dismax/dismaxlib/record"
)

// metric is a column: how each code's result gives its value, NaN where it does not.
type metric struct {
	title    string
	decimals int
	here     func(*record.Record) float64
	there    func(published) float64
}

// columns are what the table shows. Temperatures are fitted on the test images, as the published code does.
var columns = []metric{
	{"accuracy", 3, func(r *record.Record) float64 { return r.Test.Accuracy },
		func(p published) float64 { return p.Accuracy }},
	{"ECE before", 3, func(r *record.Record) float64 { return r.Test.Before.ECE },
		func(p published) float64 { return p.ECEBefore }},
	{"ECE after", 3, func(r *record.Record) float64 { return fitOnTest(r).ECE },
		func(p published) float64 { return orNaN(p.ECEAfter) }},
	{"temperature", 3, func(r *record.Record) float64 { return fitOnTest(r).Temperature },
		func(p published) float64 { return orNaN(p.Temperature) }},
	auroc("MPS"), auroc("ES"), auroc("MMLES"),
}

// auroc is the metric of a score on TinyImageNet (resize).
func auroc(score string) metric {
	return metric{"AUROC " + score, 3,
		func(r *record.Record) float64 {
			for _, out := range r.OutOfDistribution {
				for _, d := range out.Scores {
					if out.Set.Name == "tinyimagenet" && d.Score == score {
						return d.AUROC
					}
				}
			}
			return math.NaN()
		},
		func(p published) float64 {
			d, measured := p.OOD["tinyimagenet_resize"][score]
			if !measured {
				return math.NaN()
			}
			return d.AUROC
		}}
}

// fitOnTest is the calibration by the published protocol.
func fitOnTest(r *record.Record) record.Fit {
	if r.Test.AfterPaper == nil {
		return record.Fit{Temperature: math.NaN(), Calibration: record.Calibration{ECE: math.NaN()}}
	}
	return *r.Test.AfterPaper
}

func orNaN(value *float64) float64 {
	if value == nil {
		return math.NaN()
	}
	return *value
}
