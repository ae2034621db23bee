package reports

import "github.com/dismax-go/dismax/dismaxlib/record"

// intervalsGrid holds the metrics of the records that hold intervals, one row for each metric of each record.
func (s *section) intervalsGrid() grid {
	g := grid{name: "intervals", title: "Intervals of this network", folded: true,
		columns: []column{{title: "Loss", optional: len(s.groups) == 1}, {title: "Model", optional: s.models() == 1}, {title: "Metric"},
			{title: "Value", numbers: true}, {title: "Lower", numbers: true}, {title: "Upper", numbers: true}},
		notes: append([]string{"95% intervals by bootstrap over the images, with the network as it is: how far another draw of images " +
			"may lie from this one. They say nothing of other trainings. Calibration errors of resamples are larger on average, " +
			"so that a value may lie below its interval."}, checkCopies(s)...)}
	networks := 0
	for _, group := range s.groups {
		for _, r := range group.records {
			if group.addIntervals(&g, r) {
				networks++
			}
		}
	}
	if networks > 1 {
		g.title = "Intervals of each network"
	}
	return g
}

// addIntervals adds the rows of the record, and reports whether it has some.
func (group *group) addIntervals(g *grid, r *record.Record) bool {
	before := len(g.rows)
	if r.Test.Intervals != nil {
		group.addTestIntervals(g, r)
	}
	for i := range r.OutOfDistribution {
		group.addDetectionIntervals(g, &r.OutOfDistribution[i])
	}
	return len(g.rows) > before
}

// addInterval adds a row, of a number times the scale.
func (group *group) addInterval(g *grid, metric string, value float64, i record.Interval, scale float64, decimals int) {
	number := func(x float64) cell { return textCell(formatNumber(scale*x, decimals)) }
	g.rows = append(g.rows, row{cells: []cell{textCell(group.label), textCell(group.model), textCell(metric),
		number(value), number(i.Lower), number(i.Upper)}})
}

func (group *group) addTestIntervals(g *grid, r *record.Record) {
	test, of := &r.Test, r.Test.Intervals
	group.addInterval(g, "Accuracy %", test.Accuracy, of.Accuracy, 100, 1)
	group.addInterval(g, "NLL before", test.Before.NLL, of.Before.NLL, 1, 3)
	group.addInterval(g, "NLL after", test.After.NLL, of.After.NLL, 1, 3)
	group.addInterval(g, "ECE before", test.Before.ECE, of.Before.ECE, 1, 4)
	group.addInterval(g, "ECE after", test.After.ECE, of.After.ECE, 1, 4)
}

func (group *group) addDetectionIntervals(g *grid, out *record.OutOfDistribution) {
	for i := range out.Scores {
		d := &out.Scores[i]
		if d.Intervals == nil {
			continue
		}
		against := d.Score + " against " + setTitle(out.Set)
		group.addInterval(g, "AUROC %, "+against, d.AUROC, d.Intervals.AUROC, 100, 1)
		group.addInterval(g, "FPR95 %, "+against, d.FPR95, d.Intervals.FPR95, 100, 1)
	}
}
