package reports

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/metrics"
)

// difference is a number of one loss minus one of SoftMax, over the runs that belong together.
type difference struct {
	of   *group
	what string
	shown
	metrics.PairedDifference
}

// differencesGrid has what each loss gains over SoftMax with the same model, paired by seed: accuracy, ECE after
// calibration, and the AUROC of every score that was named beforehand for the loss against every one of SoftMax's. It
// has no rows unless they share enough seeds.
func (s *section) differencesGrid() grid {
	g := grid{name: "differences", title: "Differences from SoftMax, paired by seed", folded: true, columns: []column{
		{title: "Loss"}, {title: "Model", optional: s.models() == 1}, {title: "What"}, {title: "Difference", numbers: true},
		{title: "95% interval", numbers: true}, {title: "Pairs", numbers: true}, {title: "p, Holm", numbers: true}}}
	all := s.fromSoftMax()
	var p []float64
	for _, d := range all {
		p = append(p, d.P)
	}
	corrected, err := metrics.Holm(p)
	if err != nil {
		return g
	}
	for i, d := range all {
		g.rows = append(g.rows, d.row(corrected[i]))
	}
	g.notes = []string{fmt.Sprintf("Mean of the differences, its 95%% interval by Student's t distribution, and p of the t test "+
		"with Holm's correction for the %d comparisons of this table; bold where that is below 0.05. The intervals are not "+
		"corrected. Accuracy and AUROC in points of a hundred, ECE as it is. Of two scores, the first is the loss's and the second SoftMax's: those "+
		"that were named for them beforehand.", len(all))}
	return g
}

// row is the line of the difference.
func (d difference) row(p float64) row {
	lower, upper := d.signed(d.Lower), d.signed(d.Upper)
	mean := cell{text: d.signed(d.Mean), best: p < significant}
	return row{cells: []cell{textCell(d.of.label), textCell(d.of.model), textCell(d.what), mean,
		textCell(lower + " to " + upper), textCell(strconv.Itoa(d.Pairs)), textCell(formatNumber(p, 3))}}
}

// fromSoftMax are the differences of all groups that can be compared with one of SoftMax.
func (s *section) fromSoftMax() (all []difference) {
	for _, g := range s.groups {
		base := s.softMaxBeside(g)
		if base == nil {
			continue
		}
		add := func(what string, m shown, of, than measurement) {
			if d, err := compare(of, than); err == nil {
				all = append(all, difference{g, what, m, d})
			}
		}
		for _, m := range []testMetric{accuracy, eceAfter} {
			add(strings.TrimSuffix(m.title, " %"), m.shown, m.overRuns(g), m.overRuns(base))
		}
		for _, set := range s.outSets() {
			for _, score := range g.loss.Scores {
				for _, other := range base.loss.Scores {
					add("AUROC against "+s.setTitle(set)+", "+score+" − "+other, auroc.shown,
						auroc.overRuns(g, set, score), auroc.overRuns(base, set, other))
				}
			}
		}
	}
	return all
}

// softMaxBeside is the group of SoftMax that differs from this one in nothing but the loss, nil if there is none, if this
// is one of SoftMax, or if it has no seeds.
func (s *section) softMaxBeside(g *group) *group {
	if g.spec.Loss == "softmax" || !g.hasSeeds() {
		return nil
	}
	at := slices.IndexFunc(s.groups, func(other *group) bool {
		return other.spec.Loss == "softmax" && other.hasSeeds() && slices.EqualFunc(g.choices(), other.choices(),
			func(a, b choice) bool { return a.equal(b) || a.name == "loss" || a.name == parametersChoice })
	})
	if at < 0 {
		return nil
	}
	return s.groups[at]
}

// signed writes a difference of the metric with its sign.
func (m shown) signed(value float64) string {
	number := formatNumber(value*m.scale, m.decimals)
	if !strings.HasPrefix(number, "-") {
		number = "+" + number
	}
	return strings.Replace(number, "-", "−", 1)
}
