package reports

import (
	"encoding/csv"
	"strconv"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/record"
)

// RunsCSV writes one line for each number of each run: data set, loss and model by name, what distinguishes the spec from
// others of the same loss and model, the seed, out-of-distribution set and score (empty for in-distribution metrics; loss
// and model are empty, too, of the floor, which asks no network), metric and value. Numbers and texts are written as
// [Results.CSV] writes them. It is what a statistic of one's own starts from.
func (t *Results) RunsCSV() string {
	var out strings.Builder
	writer := csv.NewWriter(&out)
	write := func(fields ...string) { writer.Write(fields) } // a strings.Builder does not fail
	write("dataset", "loss", "model", "variant", "seed", "out_of_distribution", "score", "metric", "value")
	for _, s := range t.sections {
		for _, g := range s.groups {
			for _, r := range g.records {
				seed := strconv.FormatInt(r.Spec.Seed, 10)
				run := append(plainTexts(s.dataset, g.spec.Loss, g.spec.Model, s.difference(g)), seed)
				for _, n := range runNumbers(r) {
					names := run
					if n.floor {
						names = append(plainTexts(s.dataset, "", "", s.difference(g)), seed)
					}
					write(append(append(names[:5:5], plainTexts(n.set, n.score)...), n.metric, exactNumber(n.value))...)
				}
			}
		}
	}
	writer.Flush()
	return out.String()
}

// runNumber is a number of one run.
type runNumber struct {
	set, score, metric string
	value              float64
	floor              bool
}

// runNumbers are all numbers of a run.
func runNumbers(r *record.Record) []runNumber {
	var all []runNumber
	for _, metric := range testMetrics {
		if value := metric.of(r); value != notMeasured {
			all = append(all, runNumber{metric: metric.key, value: value})
		}
	}
	for _, out := range r.OutOfDistribution {
		detections := out.Scores
		if out.Floor != nil {
			detections = append(detections[:len(detections):len(detections)], *out.Floor)
		}
		for i := range detections {
			for _, metric := range detectionMetrics {
				all = append(all, runNumber{out.Set.Name, detections[i].Score, metric.key, metric.of(&detections[i]),
					i == len(out.Scores)})
			}
		}
	}
	return all
}

// exactNumber writes a number so that it can be read back.
func exactNumber(value float64) string { return strconv.FormatFloat(value, 'g', -1, 64) }
