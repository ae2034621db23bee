package reports

import (
	"slices"

	"github.com/dismax-go/dismax/dismaxlib/record"
)

// efficiencyShown is the paper's column of it: the speed in percent of SoftMax's.
var efficiencyShown = shown{title: "Eff. %", scale: 100, decimals: 1, better: neither}

// efficiency is how many images a second the runs of the group infer, as a share of those of the SoftMax run of the same
// model, number format, image size, classes, seed and backend. Runs without such a partner are left out.
func (s *section) efficiency(g *group) statistic {
	if g.spec.Loss == "softmax" {
		if !slices.ContainsFunc(g.records, func(r *record.Record) bool { return r.InferenceImagesPerSecond > 0 }) {
			return statistic{}
		}
		return statistic{mean: 1, n: 1}
	}
	var shares []float64
	for _, r := range g.records {
		if partner := s.speedPartner(r); partner != nil && r.InferenceImagesPerSecond > 0 {
			shares = append(shares, r.InferenceImagesPerSecond/partner.InferenceImagesPerSecond)
		}
	}
	return summarize(shares)
}

// speedPartner is the SoftMax run whose speed may be compared with that of the record, nil if there is none.
func (s *section) speedPartner(r *record.Record) *record.Record {
	for _, other := range s.all() {
		if other.Spec.Loss == "softmax" && other.Spec.Model == r.Spec.Model && other.Spec.Seed == r.Spec.Seed &&
			other.Spec.DType == r.Spec.DType && other.Spec.ImageSize == r.Spec.ImageSize &&
			slices.Equal(other.Spec.HoldOutClasses, r.Spec.HoldOutClasses) &&
			other.Backend == r.Backend && other.InferenceImagesPerSecond > 0 {
			return other
		}
	}
	return nil
}
