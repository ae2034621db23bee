package reports

import (
	"encoding/csv"
	"strconv"
	"strings"
)

// CSV writes one line for each number: data set, loss, model, what tells the spec from others of the same loss and
// model, number of runs, out-of-distribution set and score (empty for in-distribution metrics), metric, mean, sample
// standard deviation (empty for a single run), and the paper's mean and deviation (empty where it has none). Shares are
// in [0, 1] and in full precision; a number that is not finite is written as NaN, +Inf or -Inf.
func (t *Results) CSV() string {
	var out strings.Builder
	writer := csv.NewWriter(&out)
	write := func(fields ...string) { writer.Write(fields) } // a strings.Builder does not fail
	write("dataset", "loss", "model", "variant", "runs", "out_of_distribution", "score", "metric", "mean", "std",
		"paper_mean", "paper_std")
	for _, s := range t.sections {
		for _, g := range s.groups {
			numbers := paperNumbers(g.spec)
			line := func(set, score, metric string, value, paper statistic) {
				if value.n == 0 {
					return
				}
				mean, std := value.exact()
				paperMean, paperStd := paper.exact()
				write(s.dataset, g.spec.Loss, g.spec.Model, s.difference(g), strconv.Itoa(value.n), set, score, metric,
					mean, std, paperMean, paperStd)
			}
			for _, metric := range testMetrics {
				var paper statistic
				if numbers != nil && metric.paper != nil {
					paper = metric.paper(numbers)
				}
				line("", "", metric.key, metric.overRuns(g), paper)
			}
			for _, set := range s.outSets() {
				for _, score := range g.scores(set) {
					for _, metric := range detectionMetrics {
						var paper statistic
						if numbers != nil && score == g.score {
							paper = metric.paperOn(numbers, set)
						}
						line(set, score, metric.key, metric.overRuns(g, set, score), paper)
					}
				}
			}
		}
	}
	writer.Flush()
	return out.String()
}

// exact writes mean and deviation so that they can be read back; both are empty where there is no such number.
func (s statistic) exact() (mean, std string) {
	if s.n > 0 {
		mean = strconv.FormatFloat(s.mean, 'g', -1, 64)
	}
	if s.n > 1 {
		std = strconv.FormatFloat(s.std, 'g', -1, 64)
	}
	return mean, std
}
