package reports

import (
	"slices"
	"strconv"

	"github.com/dismax-go/dismax/dismaxlib/record"
)

// testGrid holds the in-distribution results, one row for each group.
func (s *section) testGrid() grid {
	g := grid{name: "test", title: "Classification and calibration", notes: s.testNotes(), columns: []column{
		{title: "Loss"}, {title: "Model", optional: s.models() == 1}, {title: "Runs", numbers: true}}}
	measured := slices.DeleteFunc(slices.Clone(testMetrics), func(m testMetric) bool {
		return m.title == "" || !slices.ContainsFunc(s.all(), func(r *record.Record) bool { return m.of(r) != notMeasured })
	})
	for _, metric := range measured {
		g.columns = append(g.columns, column{title: metric.title, numbers: true})
	}
	for i, group := range s.groups {
		line := row{cells: []cell{textCell(group.label), textCell(group.model), textCell(strconv.Itoa(len(group.records)))}}
		for _, metric := range measured {
			line.cells = append(line.cells, group.runsCell(metric.shown, metric.overRuns(group), metric.key))
		}
		g.rows = append(g.rows, line)
		if numbers := s.paperBelow(i); numbers != nil {
			g.rows = append(g.rows, group.paperTest(measured, numbers))
		}
	}
	markBest(g.rows)
	return g
}

// paperTest is the row of the paper's numbers.
func (g *group) paperTest(measured []testMetric, numbers *published) row {
	line := row{paper: true, cells: []cell{textCell("paper"), textCell(g.model), textCell("")}}
	for _, metric := range measured {
		value := statistic{}
		if metric.paper != nil {
			value = metric.paper(numbers)
		}
		line.cells = append(line.cells, numberCell(metric.shown, value))
	}
	return line
}
