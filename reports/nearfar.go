package reports

import (
	"slices"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/internal/text"
)

// nearFarMetrics are the columns of each group.
var nearFarMetrics = []detectionMetric{auroc, fpr95}

// nearFarGrid has the means over the near sets beside those over the far sets, as OpenOOD reports them: a row for each
// group and score that goes with its loss, and below them the floor. It has no rows unless there are sets of both, or of
// one where detection is measured as OpenOOD does.
func (s *section) nearFarGrid() grid {
	g := grid{name: "near-far", title: "Near and far, as OpenOOD groups them", notes: s.nearFarNotes(),
		columns: []column{{title: "Loss"}, {title: "Model", optional: s.models() == 1}, {title: "Score"}}}
	shown := s.shownDistances()
	for _, distance := range shown {
		for _, m := range nearFarMetrics {
			g.columns = append(g.columns, column{title: distance.title() + " " + m.title, numbers: true})
		}
	}
	if len(shown) == 0 {
		return g
	}
	for _, group := range s.groups {
		for _, score := range group.loss.Scores {
			g.rows = append(g.rows, group.nearFarRow(shown, score))
		}
	}
	markBest(g.rows)
	if floor := s.floor(); floor != nil {
		g.rows = append(g.rows, s.nearFarFloor(shown, floor.Score))
	}
	return g
}

// shownDistances are the groups that have columns.
func (s *section) shownDistances() []Distance {
	with := slices.DeleteFunc(slices.Clone(distances), func(d Distance) bool { return len(s.setsAt(d)) == 0 })
	if len(with) < len(distances) && !slices.Equal(s.conventions(), []string{metrics.FieldConvention.String()}) {
		return nil
	}
	return with
}

// nearFarFloor is the row of the floor, which is called like its score.
func (s *section) nearFarFloor(shown []Distance, score string) row {
	line := row{cells: []cell{textCell(noNetwork), textCell(""), textCell(score)}}
	for _, distance := range shown {
		floors := s.floorsOn(s.setsAt(distance)...)
		for _, m := range nearFarMetrics {
			line.cells = append(line.cells, numberCell(m.shown, m.overFloors(floors)))
		}
	}
	return line
}

// nearFarRow is what the runs of the group reach with the score. Means over the same sets are compared with each other.
func (g *group) nearFarRow(shown []Distance, score string) row {
	line := row{cells: []cell{textCell(g.label), textCell(g.model), textCell(score)}}
	for _, distance := range shown {
		sets := g.setsAt(distance, score)
		for _, m := range nearFarMetrics {
			key := m.key + " " + strings.Join(sets, " ")
			line.cells = append(line.cells, g.runsCell(m.shown, m.overSets(g, sets, score), key))
		}
	}
	return line
}

// setsAt names the sets of the section at the distance.
func (s *section) setsAt(distance Distance) []string {
	var sets []string
	for _, set := range s.outSets() {
		if DistanceOf(s.dataset, set) == distance {
			sets = append(sets, set)
		}
	}
	return sets
}

// setsAt names the sets at the distance on which every run of the group has the score.
func (g *group) setsAt(distance Distance, score string) []string {
	var sets []string
	for _, out := range g.records[0].OutOfDistribution {
		set, everywhere := out.Set.Name, true
		for _, r := range g.records {
			_, err := detection(r, set, score)
			everywhere = everywhere && err == nil
		}
		if everywhere && DistanceOf(g.spec.Dataset, set) == distance {
			sets = append(sets, set)
		}
	}
	return sets
}

// overSets is the metric in the runs of the group, of each run the mean over the sets, which all of them have.
func (m detectionMetric) overSets(g *group, sets []string, score string) measurement {
	var all measurement
	for i, set := range sets {
		one := m.overRuns(g, set, score)
		if i == 0 {
			all = measurement{pairs: one.pairs, values: make([]float64, len(one.values))}
		}
		for run, value := range one.values {
			all.values[run] += value / float64(len(sets))
		}
	}
	return all
}

// nearFarNotes say which sets are in which group.
func (s *section) nearFarNotes() []string {
	titles := map[Distance][]string{}
	for _, set := range s.outSets() {
		distance := DistanceOf(s.dataset, set)
		titles[distance] = append(titles[distance], s.setTitle(set))
	}
	note := "Means over the sets of a group."
	for _, distance := range distances {
		if len(titles[distance]) > 0 {
			note += " " + distance.title() + ": " + text.And(titles[distance]) + "."
		}
	}
	if others := titles[""]; len(others) > 0 {
		note += " In neither: " + text.And(others) + "."
	}
	notes := []string{note}
	if openOOD[s.dataset] != nil {
		notes = append(notes, "OpenOOD (v1.5, arXiv 2306.09301) has more sets in both groups, and a TinyImageNet of its own: "+
			"compare rows of this table, not numbers with those of OpenOOD.")
	}
	return append(notes, s.settingNotes()...)
}
