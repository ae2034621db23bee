package reports

import (
	"encoding/csv"
	"strconv"
	"strings"
)

// CSV writes one line for each number: data set, loss and model, each as name and title; what distinguishes the spec
// from others of the same loss and model; number of runs; out-of-distribution set and score, each as name and title, and
// whether the score is the one that goes with the loss (all empty for in-distribution metrics); metric, mean, sample
// standard deviation (empty for a single run), and the paper's mean and deviation (empty where it has none). Shares are
// in [0, 1] and in full precision; a number that is not finite is written as NaN, +Inf or -Inf. A text that a
// spreadsheet would take for a formula, from its first character, gets an apostrophe in front.
func (t *Results) CSV() string {
	var out strings.Builder
	writer := csv.NewWriter(&out)
	write := func(fields ...string) { writer.Write(fields) } // a strings.Builder does not fail
	write("dataset", "dataset_title", "loss", "loss_title", "model", "model_title", "variant", "runs",
		"out_of_distribution", "out_of_distribution_title", "score", "score_title", "own_score",
		"metric", "mean", "std", "paper_mean", "paper_std")
	for _, s := range t.sections {
		for _, g := range s.groups {
			names := plainTexts(s.dataset, s.title, g.spec.Loss, g.title, g.spec.Model, g.model, s.difference(g))
			for _, n := range s.numbers(g) {
				value := n.runs.statistic()
				if value.n == 0 {
					continue
				}
				fields := append(append(names[:len(names):len(names)], strconv.Itoa(value.n)), plainTexts(n.names[:]...)...)
				mean, std := value.exact()
				paperMean, paperStd := n.paper.exact()
				write(append(fields, n.metric, mean, std, paperMean, paperStd)...)
			}
		}
	}
	writer.Flush()
	return out.String()
}

// number is one line of the CSV file.
type number struct {
	names  [5]string // set, its title, score, its title, whether it goes with the loss
	metric string
	runs   measurement
	paper  statistic
}

// numbers are all metrics of the group.
func (s *section) numbers(g *group) []number {
	var all []number
	published := paperNumbers(g.spec)
	for _, metric := range testMetrics {
		n := number{metric: metric.key, runs: metric.overRuns(g)}
		if published != nil && metric.paper != nil {
			n.paper = metric.paper(published)
		}
		all = append(all, n)
	}
	for _, set := range s.outSets() {
		for _, score := range g.scores(set) {
			own := score == g.score()
			for _, metric := range detectionMetrics {
				n := number{metric: metric.key, runs: metric.overRuns(g, set, score),
					names: [5]string{set, s.setTitle(set), score, g.scoreTitle(set, score), fieldText(own)}}
				if published != nil && own {
					n.paper = metric.paperOn(published, set)
				}
				all = append(all, n)
			}
		}
	}
	return all
}

// scoreTitle is the title of the score in the first run that has it.
func (g *group) scoreTitle(set, score string) string {
	for _, r := range g.records {
		if d, err := detection(r, set, score); err == nil {
			return d.Title
		}
	}
	return ""
}

// plainTexts keeps spreadsheets from taking texts for formulas.
func plainTexts(texts ...string) []string {
	plain := make([]string, len(texts))
	for i, text := range texts {
		if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
			text = "'" + text
		}
		plain[i] = text
	}
	return plain
}

// exact writes mean and deviation so that they can be read back; both are empty where there is no such number.
func (s statistic) exact() (mean, std string) {
	if s.n > 0 {
		mean = exactNumber(s.mean)
	}
	if s.n > 1 {
		std = exactNumber(s.std)
	}
	return mean, std
}
