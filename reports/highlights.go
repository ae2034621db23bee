package reports

import (
	"fmt"
	"slices"

	"github.com/dismax-go/dismax/internal/text"
)

// highlight is one number of the summary at the top of a section.
type highlight struct {
	Title, Value, Holder string
	Beside               []beside
}

// beside is the same number of SoftMax, with one of the scores that were named beforehand for it.
type beside struct {
	Baseline   string // "SoftMax: 90.0%"
	Difference string // between them, and how certain it is
}

// highlights are accuracy, ECE after calibration and AUROC against each set of one loss, beside SoftMax where that was
// run, with every score that was named beforehand for it. Which loss is shown does not depend on the numbers: it is the
// user's own, if there is one beside the paper's, and else the last of these. There are none where the section holds
// several models, or several variants of one of the two losses.
func (s *section) highlights() (all []highlight) {
	subject, baseline := s.subject()
	if subject == nil {
		return nil
	}
	for _, m := range []struct {
		title string
		testMetric
	}{{"Accuracy", accuracy}, {"ECE after calibration", eceAfter}} {
		if h, ok := newHighlight(m.title, subject.title, m.shown, m.overRuns(subject)); ok {
			h.add(baseline.title, m.shown, m.overRuns(subject), m.overRuns(baseline))
			all = append(all, h)
		}
	}
	for _, set := range s.outSets() {
		ours := auroc.overRuns(subject, set, subject.score())
		if h, ok := newHighlight("AUROC against "+s.setTitle(set), withScore(subject.title, subject.score()), auroc.shown, ours); ok {
			for _, score := range baseline.loss.Scores {
				h.add(withScore(baseline.title, score), auroc.shown, ours, auroc.overRuns(baseline, set, score))
			}
			all = append(all, h)
		}
	}
	return all
}

// newHighlight reports false where there is no number to show.
func newHighlight(title, holder string, m shown, of measurement) (highlight, bool) {
	value := of.statistic()
	return highlight{Title: title, Value: withUnit(m, value.mean), Holder: holder}, value.n > 0 && finite(value.mean)
}

// add sets SoftMax's number beside, if there is one.
func (h *highlight) add(title string, m shown, of, than measurement) {
	if rival := than.statistic(); rival.n > 0 {
		h.Beside = append(h.Beside, beside{title + ": " + withUnit(m, rival.mean), differenceText(m, of, than)})
	}
}

// subject returns the group that the highlights show and the one beside it, which is empty if there is none. The first
// is nil where more than one group could be meant. Ensembles, several networks, are neither; nor are several losses
// that are not the paper's, such as controls.
func (s *section) subject() (subject, baseline *group) {
	groups := slices.DeleteFunc(slices.Clone(s.groups), (*group).isEnsemble)
	if own := slices.IndexFunc(groups, (*group).isOwn); own >= 0 && own < len(groups)-1 {
		groups = slices.DeleteFunc(groups, (*group).isOwn)
	}
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

// isOwn reports whether the loss is none of the paper's.
func (g *group) isOwn() bool {
	_, known := paperLosses[g.spec.Loss]
	return !known
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
	d, err := compare(of, than)
	if err != nil {
		return err.Error()
	}
	unit := ""
	if m.scale == 100 {
		unit = " points"
	}
	return fmt.Sprintf("difference %s%s (95%%: %s to %s, %s)", m.signed(d.Mean), unit, m.signed(d.Lower), m.signed(d.Upper),
		text.Count(d.Pairs, "pair"))
}
