package reports

import (
	"encoding/csv"
	"slices"
	"strconv"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/record"
)

// RunsCSV writes one line for each number of each run: data set, loss and model by name, what distinguishes the spec from
// others of the same loss and model, the seed, out-of-distribution set and score (empty for in-distribution metrics),
// metric and value. The floor asks no network: its loss and model are empty, and it is written once for all runs with
// the same images, with the variant and the seed of the first. Numbers and texts are written as [Results.CSV] writes
// them. It is what a statistic of one's own starts from.
func (t *Results) RunsCSV() string {
	var out strings.Builder
	writer := csv.NewWriter(&out)
	write := func(fields ...string) { writer.Write(fields) } // a strings.Builder does not fail
	write("dataset", "loss", "model", "variant", "seed", "out_of_distribution", "score", "metric", "value")
	for _, s := range t.sections {
		floors := map[string]bool{}
		for _, g := range s.groups {
			for _, r := range g.records {
				seed := strconv.FormatInt(r.Spec.Seed, 10)
				run := append(plainTexts(s.dataset, g.spec.Loss, g.spec.Model, s.difference(g)), seed)
				for _, n := range withoutSeen(runNumbers(r), floors) {
					names := run
					if n.images != "" {
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
	images             string // of the floor: the checksums of those that it was measured on
}

// withoutSeen leaves out the numbers of floors that were seen, and adds the others to those.
func withoutSeen(numbers []runNumber, seen map[string]bool) []runNumber {
	return slices.DeleteFunc(numbers, func(n runNumber) bool {
		key := n.metric + " " + n.set + " " + n.images
		known := n.images != "" && seen[key]
		seen[key] = true
		return known
	})
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
		for i := range out.Scores {
			all = append(all, detectionNumbers(out.Set.Name, &out.Scores[i], "")...)
		}
		if out.Floor != nil {
			images := "of " + r.Data.Test.SHA256 + " and " + out.Set.SHA256
			all = append(all, detectionNumbers(out.Set.Name, out.Floor, images)...)
		}
	}
	return all
}

// detectionNumbers are all numbers of a score on the set.
func detectionNumbers(set string, d *record.Detection, images string) []runNumber {
	var all []runNumber
	for _, metric := range detectionMetrics {
		all = append(all, runNumber{set, d.Score, metric.key, metric.of(d), images})
	}
	return all
}

// exactNumber writes a number so that it can be read back.
func exactNumber(value float64) string { return strconv.FormatFloat(value, 'g', -1, 64) }
