package reports

import (
	"slices"

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

// paperLayout is the section as the paper's Table 2 shows it, and below, that table's rows as published: all methods, so
// those too that it quotes from others. It has no rows where the data set is none of Table 2.
func (s *section) paperLayout() grid {
	g := grid{name: "paper-layout", title: "As Table 2 of the paper", folded: true}
	columns := layoutMetrics(s.dataset)
	if columns == nil {
		return g
	}
	g.columns = []column{{title: "Method"}, {title: "Score"}, {title: "Acc. %", numbers: true},
		{title: "ECE", numbers: true}}
	for _, c := range columns {
		title := map[bool]string{true: "AUROC ", false: "AUPR "}[c.metric.key == "auroc"] + layoutTitles[c.set]
		g.columns = append(g.columns, column{title: title, numbers: true})
	}
	for _, group := range s.groups {
		g.rows = withHeading(g.rows, group.model+", measured here")
		line := row{cells: []cell{textCell(group.label), textCell(group.score()),
			numberCell(accuracy.shown, accuracy.overRuns(group).statistic()),
			numberCell(eceAfter.shown, eceAfter.overRuns(group).statistic())}}
		for _, c := range columns {
			value := c.metric.overRuns(group, c.set, group.score()).statistic()
			line.cells = append(line.cells, numberCell(c.metric.shown, value))
		}
		g.rows = append(g.rows, line)
	}
	g.rows = append(g.rows, publishedRows(s.dataset, columns)...)
	g.notes = s.layoutNotes()
	return g
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
			numberCell(accuracy.shown, p.accuracy), numberCell(eceAfter.shown, p.ece)}}
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
	return append(notes, "ECE after calibration; AUPR with out-of-distribution as the positive class. Published: "+
		"arXiv 2205.05874, Table 2, 300 epochs, ten runs; (quoted): from the method's own paper, as it is quoted there.")
}
