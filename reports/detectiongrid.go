package reports

import "slices"

// detectionGrid holds, for each out-of-distribution set, one row for each group and score that goes with its loss, as it
// was named beforehand, or else one row for each of the other scores; and below them the floor, which asks no network.
func (s *section) detectionGrid(own bool) grid {
	g := grid{name: "detection", title: "Out-of-distribution detection", notes: s.detectionNotes(own)}
	if !own {
		g.name, g.title, g.folded = "other-scores", "Out-of-distribution detection with other scores", true
	}
	g.columns = []column{{title: "Loss"}, {title: "Model", optional: s.models() == 1}, {title: "Score"}}
	measured := slices.DeleteFunc(slices.Clone(detectionMetrics), func(m detectionMetric) bool { return m.title == "" })
	for _, metric := range measured {
		g.columns = append(g.columns, column{title: metric.title, numbers: true})
	}
	for _, set := range s.outSets() {
		var rows []row
		for i, group := range s.groups {
			for _, score := range group.scores(set) {
				if slices.Contains(group.loss.Scores, score) != own {
					continue
				}
				rows = append(rows, group.detectionRow(measured, set, score))
				if numbers := s.paperBelow(i); numbers != nil && score == group.score() {
					rows = append(rows, group.paperDetection(measured, numbers, set)...)
				}
			}
		}
		if len(rows) > 0 {
			rows = append(rows, s.floorRows(measured, set)...)
			g.rows = append(append(g.rows, row{heading: "against " + s.setTitle(set)}), rows...)
		}
	}
	markBest(g.rows)
	return g
}

// detectionRow is what the runs of the group reach on the set with the score.
func (g *group) detectionRow(measured []detectionMetric, set, score string) row {
	line := row{cells: []cell{textCell(g.label), textCell(g.model), textCell(score)}}
	for _, metric := range measured {
		line.cells = append(line.cells, g.runsCell(metric.shown, metric.overRuns(g, set, score), metric.key+" "+set))
	}
	return line
}

// floorRows is the row of the floor on the set; none where no record holds it.
func (s *section) floorRows(measured []detectionMetric, set string) []row {
	floors := s.floorsOn(set)
	if len(floors) == 0 {
		return nil
	}
	line := row{cells: []cell{textCell(noNetwork), textCell(""), textCell(floors[0][0].Score)}}
	for _, metric := range measured {
		line.cells = append(line.cells, numberCell(metric.shown, metric.overFloors(floors)))
	}
	return []row{line}
}

// paperDetection is the row of the paper's numbers on the set; none if it has none there.
func (g *group) paperDetection(measured []detectionMetric, numbers *published, set string) []row {
	line := row{paper: true, cells: []cell{textCell("paper"), textCell(g.model), textCell(g.score())}}
	some := false
	for _, metric := range measured {
		value := metric.paperOn(numbers, set)
		some = some || value.n > 0
		line.cells = append(line.cells, numberCell(metric.shown, value))
	}
	if !some {
		return nil
	}
	return []row{line}
}

// scores names the scores of the group on the set: first those that go with its loss, as far as they were measured.
func (g *group) scores(set string) []string {
	var measured []string
	for _, r := range g.records {
		if out, err := outOfDistribution(r, set); err == nil {
			for _, name := range scoreNames(out) {
				measured = appendNew(measured, name)
			}
		}
	}
	var names []string
	for _, name := range g.loss.Scores {
		if slices.Contains(measured, name) {
			names = appendNew(names, name)
		}
	}
	for _, name := range measured {
		names = appendNew(names, name)
	}
	return names
}
