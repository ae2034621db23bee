package reports

import (
	"errors"
	"fmt"
	"slices"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/reports/plot"
)

// TrainingCurves plots the mean training loss of each epoch, one line a run. Runs that differ in nothing but the seed
// share a colour and a legend entry. The losses of different names are different functions: compare the shapes of
// their curves, not the heights.
func TrainingCurves(records ...*record.Record) (*plot.Plot, error) {
	all := sections(records)
	low, high, epochs := 0.0, 0.0, 0
	var curves []plot.Curve
	for _, s := range all {
		for _, g := range s.groups {
			for i, r := range g.records {
				curve := s.curveOf(g)
				if i == 0 {
					curve.Name = s.fullLabel(g)
					if n := len(g.records); n > 1 {
						curve.Name += fmt.Sprintf(", %d seeds", n)
					}
				}
				for at, epoch := range r.Epochs {
					curve.X, curve.Y = append(curve.X, float64(at+1)), append(curve.Y, epoch.Loss)
					if finite(epoch.Loss) {
						low, high = min(low, epoch.Loss), max(high, epoch.Loss)
					}
				}
				curve.Dots = len(r.Epochs) <= 12
				curves, epochs = append(curves, curve), max(epochs, len(r.Epochs))
			}
		}
	}
	if epochs == 0 {
		return nil, errors.New("training curves: no record holds an epoch")
	}
	if high <= low {
		high = low + 1
	}
	return plot.Curves(plot.Chart{
		Title: "Training loss", Subtitle: trainingSubtitle(all),
		X: plot.Axis{Label: "epoch", From: min(1, float64(epochs)-1), To: float64(epochs), Whole: true, Ticks: 8,
			Lines: sharedDrops(all), LinesName: "rate divided by 10"},
		Y: plot.Axis{Label: "training loss", From: low, To: high * 1.05},
	}, curves...)
}

// curveOf is a curve in the looks of the group, without a name: only the first of its runs has one.
func (s *section) curveOf(g *group) plot.Curve {
	return plot.Curve{Colour: g.colour, Dashes: s.dashes(g), Thin: len(g.records) > 1}
}

// dashes distinguish models where a section holds several: the first has a solid line.
func (s *section) dashes(g *group) []float64 {
	patterns := [][]float64{nil, {6, 3}, {1.5, 2.5}, {6, 2, 1.5, 2}}
	var models []string
	for _, other := range s.groups {
		models = appendNew(models, other.spec.Model)
		if other == g {
			break
		}
	}
	return patterns[(len(models)-1)%len(patterns)]
}

// sharedDrops returns the epochs after which the learning rate fell, if all runs have the same; else none.
func sharedDrops(all []*section) []float64 {
	var drops []float64
	first := true
	for _, s := range all {
		for _, g := range s.groups {
			var own []float64
			for _, epoch := range g.spec.LearningRateDrops {
				if 0 < epoch && epoch < g.spec.Epochs {
					own = append(own, float64(epoch))
				}
			}
			if !first && !slices.Equal(own, drops) {
				return nil
			}
			drops, first = own, false
		}
	}
	return drops
}

// trainingSubtitle says on what the runs were trained, as far as they share it.
func trainingSubtitle(all []*section) string {
	if len(all) != 1 {
		return ""
	}
	subtitle := all[0].title
	if all[0].models() == 1 {
		subtitle += ", " + modelTitle(all[0].groups[0].spec.Model)
	}
	return subtitle + ": mean loss of each epoch"
}
