package reports

import "github.com/dismax-go/dismax/reports/plot"

// curveOf is a curve in the looks of the group, without a name: only the first of its runs has one.
func (s *section) curveOf(g *group) plot.Curve {
	return plot.Curve{Colour: g.colour, Dashes: s.dashes(g), Thin: len(g.records) > 1}
}

// patterns of lines: the first is solid.
var patterns = [][]float64{nil, {6, 3}, {1.5, 2.5}, {6, 2, 1.5, 2}}

// dashes distinguish models where a section holds several: the first has a solid line.
func (s *section) dashes(g *group) []float64 {
	var models []string
	for _, other := range s.groups {
		models = appendNew(models, other.spec.Model)
		if other == g {
			break
		}
	}
	return patterns[(len(models)-1)%len(patterns)]
}
