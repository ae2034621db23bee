package reports

import (
	"slices"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/record"
)

// layoutMetric is a column of the paper's Table 2 after the accuracy and the calibration error.
type layoutMetric struct {
	metric detectionMetric
	set    string // as registered
}

// layoutMetrics are the columns for a data set of Table 2; none for another. Near and far are the paper's words.
func layoutMetrics(dataset string) []layoutMetric {
	near := map[string]string{"cifar10": "cifar100", "cifar100": "cifar10"}[dataset]
	if near == "" {
		return nil
	}
	return []layoutMetric{{auprOut, near}, {auprOut, "svhn"}, {auroc, "tinyimagenet"}, {auroc, "lsun"}}
}

// layoutTitles are the titles of the sets in the narrow columns.
var layoutTitles = map[string]string{"cifar10": "CIFAR-10", "cifar100": "CIFAR-100", "svhn": "SVHN",
	"tinyimagenet": "TinyImageNet", "lsun": "LSUN"}

// paperLayout is the section as the paper's Table 2 shows it, with a row for each score that goes with a loss, and below,
// that table's rows as published: all methods, so those too that it quotes from others. It has no rows where the data set
// is none of Table 2.
func (s *section) paperLayout() grid {
	g := grid{name: "paper-layout", title: "As Table 2 of the paper", folded: true}
	columns, groups := layoutMetrics(s.dataset), s.layoutGroups()
	if columns == nil || len(groups) == 0 {
		return g
	}
	g.columns = []column{{title: "Method"}, {title: "Score"}, {title: "Acc. %", numbers: true},
		{title: efficiencyShown.title, numbers: true}, {title: "ECE", numbers: true}}
	for _, c := range columns {
		title := map[bool]string{true: "AUROC ", false: "AUPR "}[c.metric.key == "auroc"] + layoutTitles[c.set]
		g.columns = append(g.columns, column{title: title, numbers: true})
	}
	for _, group := range groups {
		g.rows = withHeading(g.rows, group.model+", measured here")
		scores := group.loss.Scores
		if len(scores) == 0 {
			scores = []string{""} // accuracy and calibration all the same
		}
		for _, score := range scores {
			g.rows = append(g.rows, s.layoutRow(group, columns, score))
		}
	}
	g.rows = append(g.rows, s.layoutFloor(columns)...)
	g.rows = append(g.rows, publishedRows(s.dataset, columns)...)
	g.notes = s.layoutNotes()
	return g
}

// layoutGroups are those that Table 2 could have: trained on all classes, and with a loss as it is, not with a parameter
// that was set for a comparison.
func (s *section) layoutGroups() []*group {
	return slices.DeleteFunc(slices.Clone(s.groups), func(g *group) bool {
		return len(g.spec.HoldOutClasses) > 0 || strings.Contains(g.spec.Loss, "=")
	})
}

// layoutRow is what the runs of the group reach with the score.
func (s *section) layoutRow(g *group, columns []layoutMetric, score string) row {
	line := row{cells: []cell{textCell(g.label), textCell(score),
		numberCell(accuracy.shown, accuracy.overRuns(g).statistic()), numberCell(efficiencyShown, s.efficiency(g)),
		numberCell(eceAfter.shown, eceAfter.overRuns(g).statistic())}}
	for _, c := range columns {
		line.cells = append(line.cells, numberCell(c.metric.shown, c.metric.overRuns(g, c.set, score).statistic()))
	}
	return line
}

// layoutFloor is the row of the floor, none where no record holds it.
func (s *section) layoutFloor(columns []layoutMetric) []row {
	floor := s.floor()
	if floor == nil {
		return nil
	}
	line := row{cells: []cell{textCell(noNetwork), textCell(floor.Score), textCell(missing), textCell(missing), textCell(missing)}}
	for _, c := range columns {
		value := textCell(missing)
		for _, on := range s.floorRows([]detectionMetric{c.metric}, c.set) {
			value = on.cells[len(on.cells)-1]
		}
		line.cells = append(line.cells, value)
	}
	return []row{line}
}

// withHeading adds the heading unless the last rows are under it.
func withHeading(rows []row, heading string) []row {
	for i := len(rows) - 1; i >= 0; i-- {
		if rows[i].heading == heading {
			return rows
		}
		if rows[i].heading != "" {
			break
		}
	}
	return append(rows, row{heading: heading})
}

// publishedRows are the rows of Table 2 for the data set, under a heading for each model.
func publishedRows(dataset string, columns []layoutMetric) []row {
	var rows []row
	for _, key := range paperOrder() {
		if key.dataset != paperNames.datasets[dataset] {
			continue
		}
		p := paperRows()[key]
		rows = withHeading(rows, key.model+", published")
		line := row{paper: true, cells: []cell{textCell(key.method + quotedMark(key.method)), textCell(paperScores[key.method]),
			numberCell(accuracy.shown, p.accuracy), numberCell(efficiencyShown, p.efficiency), numberCell(eceAfter.shown, p.ece)}}
		for _, c := range columns {
			line.cells = append(line.cells, numberCell(c.metric.shown, c.metric.paperOn(p, c.set)))
		}
		rows = append(rows, line)
	}
	return rows
}

// paperScores are the scores of the methods that the paper ran itself.
var paperScores = map[string]string{"SoftMax": "MPS", "IsoMax+": "MDS", "DisMax": "MMLES", "DisMax with FPR": "MMLES"}

// quotedMark marks the methods that the paper quotes from their own papers.
func quotedMark(method string) string {
	if paperScores[method] == "" {
		return " (quoted)"
	}
	return ""
}

// layoutNotes say what may be compared with what.
func (s *section) layoutNotes() []string {
	notes := s.settingNotes()
	if slices.ContainsFunc(s.all(), func(r *record.Record) bool { return r.Spec.Epochs < 300 || r.Spec.TrainLimit > 0 }) {
		notes = append(notes, "The rows measured here are of another scale than the published ones: compare methods within "+
			"each part, not numbers between them.")
	}
	if scores := s.scoreTexts(true); len(scores) > 0 {
		notes = append(notes, "Scores: "+strings.Join(scores, "; ")+".")
	}
	notes = append(notes, s.floorNotes()...)
	return append(notes, "Eff.: images a second of the forward pass, in percent of SoftMax's of the same seed on the same "+
		"backend; other work of the machine is in it, and can be more than what the heads differ by. ECE after calibration; "+
		"AUPR with out-of-distribution as the positive class. Published: arXiv 2205.05874, Table 2, 300 epochs, ten runs; (quoted): from the method's own paper, as it is quoted there.")
}
