package reports

import "github.com/dismax-go/dismax/dismaxlib/record"

// efficiencyShown is the paper's column of it: the speed in percent of SoftMax's.
var efficiencyShown = shown{title: "Eff. %", scale: 100, decimals: 1, better: neither}

// efficiency is how many images a second the runs of the group infer, as a share of those of the SoftMax run of the same
// model, seed and backend. Runs without such a partner are left out.
func (s *section) efficiency(g *group) statistic {
	if g.spec.Loss == "softmax" {
		return statistic{mean: 1, n: 1}
	}
	var shares []float64
	for _, r := range g.records {
		if partner := s.softmaxBeside(r); partner != nil && r.InferenceImagesPerSecond > 0 {
			shares = append(shares, r.InferenceImagesPerSecond/partner.InferenceImagesPerSecond)
		}
	}
	return summarize(shares)
}

// softmaxBeside is the SoftMax run whose speed may be compared with that of the record, nil if there is none.
func (s *section) softmaxBeside(r *record.Record) *record.Record {
	for _, other := range s.all() {
		if other.Spec.Loss == "softmax" && other.Spec.Model == r.Spec.Model && other.Spec.Seed == r.Spec.Seed &&
			other.Backend == r.Backend && other.InferenceImagesPerSecond > 0 {
			return other
		}
	}
	return nil
}
