package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dismax-go/dismax/internal/text"
)

// highlight is one number of the summary at the top of a section.
type highlight struct {
	Title, Value, Holder string
	Baseline             string // "SoftMax: 90.0%"
	Difference           string // between them, and how certain it is
}

// highlights are accuracy, ECE after calibration and AUROC against each set of one loss, beside SoftMax where that was
// run. Which loss is shown does not depend on the numbers: it is the last row, the paper's own method or one of the
// user's own. There are none where the section holds several models, or several variants of one of the two losses.
func (s *section) highlights() []highlight {
	subject, baseline := s.subject()
	if subject == nil {
		return nil
	}
	var all []highlight
	add := func(title, score, other string, m shown, of, than measurement) {
		value := of.statistic()
		if value.n == 0 || !finite(value.mean) {
			return
		}
		h := highlight{Title: title, Value: withUnit(m, value.mean), Holder: withScore(subject.title, score)}
		if rival := than.statistic(); rival.n > 0 {
			h.Baseline = withScore(baseline.title, other) + ": " + withUnit(m, rival.mean)
			h.Difference = differenceText(m, of, than)
		}
		all = append(all, h)
	}
	for _, metric := range testMetrics {
		title := map[string]string{"accuracy": "Accuracy", "ece_after": "ECE after calibration"}[metric.key]
		if title != "" {
			add(title, "", "", metric.shown, metric.overRuns(subject), metric.overRuns(baseline))
		}
	}
	auroc := detectionMetrics[0]
	for _, set := range s.outSets() {
		add("AUROC against "+s.setTitle(set), subject.score(), baseline.score(), auroc.shown,
			auroc.overRuns(subject, set, subject.score()), auroc.overRuns(baseline, set, baseline.score()))
	}
	return all
}

// subject returns the group that the highlights show and the one beside it, which is empty if there is none. The first
// is nil where more than one group could be meant. Ensembles, several networks, are neither.
func (s *section) subject() (subject, baseline *group) {
	groups := slices.DeleteFunc(slices.Clone(s.groups), (*group).isEnsemble)
	if len(groups) == 0 {
		return nil, nil
	}
	subject, baseline = groups[len(groups)-1], &group{}
	for _, g := range groups[:len(groups)-1] {
		switch {
		case g.spec.Model != subject.spec.Model || g.spec.Loss == subject.spec.Loss:
			return nil, nil
		case g.spec.Loss == "softmax" && baseline.records != nil:
			return nil, nil
		case g.spec.Loss == "softmax":
			baseline = g
		}
	}
	return subject, baseline
}

func withScore(title, score string) string {
	if score == "" {
		return title
	}
	return title + ", " + score
}

func withUnit(m shown, value float64) string {
	number := formatNumber(value*m.scale, m.decimals)
	if m.scale == 100 {
		number += "%"
	}
	return number
}

// differenceText writes the difference with its interval, or why there is none.
func differenceText(m shown, of, than measurement) string {
	d, err := compare(of, than, 1)
	if err != nil {
		return err.Error()
	}
	signed := func(value float64) string {
		number := formatNumber(value*m.scale, m.decimals)
		if !strings.HasPrefix(number, "-") {
			number = "+" + number
		}
		return number
	}
	unit := ""
	if m.scale == 100 {
		unit = " points"
	}
	return fmt.Sprintf("difference %s%s (95%%: %s to %s, %s)", signed(d.mean), unit, signed(d.lower), signed(d.upper),
		text.Count(d.seeds, "seed"))
}
