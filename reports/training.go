package reports

import (
	"errors"
	"fmt"
	"image/color"
	"math"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// TrainingCurves plots the mean training loss of each epoch, one line a run. Runs that differ in nothing but the seed
// share a colour and a legend entry. The losses of different names are different functions: compare the shapes of
// their curves, not the heights.
func TrainingCurves(records ...*record.Record) (*Plot, error) {
	var curves []curve
	epochs, high := 0, 0.0
	low := math.Inf(1)
	for _, s := range sections(records) {
		for _, g := range s.groups {
			curves = append(curves, curve{s.fullLabel(g), g.colour, dashOf(s, g), g})
			for _, r := range g.records {
				epochs = max(epochs, len(r.Epochs))
				for _, epoch := range r.Epochs {
					if finite(epoch.Loss) {
						low, high = min(low, epoch.Loss), max(high, epoch.Loss)
					}
				}
			}
		}
	}
	if epochs == 0 {
		return nil, errors.New("training curves: no record holds an epoch")
	}
	if high <= min(low, 0) {
		high = 1
	}
	p := newChart(axis{label: "epoch", min: min(1, float64(epochs)-1), max: float64(epochs), whole: true, ticks: 8},
		axis{label: "training loss", min: min(low, 0), max: high * 1.05})
	plot := &Plot{Title: "Training loss", Subtitle: trainingSubtitle(curves), name: "training",
		width: plotWidth, height: plotHeight, body: p.Draw}
	if drops, same := sharedDrops(curves); same {
		style := draw.LineStyle{Color: neutral, Width: 0.8, Dashes: []vg.Length{2, 2}}
		for _, epoch := range drops {
			p.Add(polyline(style, []point{{float64(epoch), p.Y.Min}, {float64(epoch), p.Y.Max}}))
		}
		if len(drops) > 0 {
			plot.legend = append(plot.legend, legendEntry{"rate divided by 10", lineMark(style)})
		}
	}
	var entries []legendEntry
	for _, c := range curves {
		entries = append(entries, c.addTo(func(f painter) { p.Add(f) }))
	}
	plot.legend = append(entries, plot.legend...)
	return plot, nil
}

// curve is one entry of the legend with the runs that it stands for.
type curve struct {
	label  string
	colour color.NRGBA
	dashes []vg.Length
	group  *group
}

// addTo draws the runs of the curve, thin and pale where there are many.
func (c curve) addTo(add func(painter)) legendEntry {
	style := draw.LineStyle{Color: c.colour, Width: lineWidth, Dashes: c.dashes}
	entry := legendEntry{c.label, lineMark(style)}
	if n := len(c.group.records); n > 1 {
		entry.label += fmt.Sprintf(", %d seeds", n)
		style.Width, style.Color = 1.1, fade(c.colour, 0.75)
	}
	for _, r := range c.group.records {
		points := make([]point, len(r.Epochs))
		for i, epoch := range r.Epochs {
			points[i] = point{float64(i + 1), epoch.Loss}
		}
		add(polyline(style, points))
		if len(points) <= 12 {
			add(dots(c.colour, 2.4, points))
		}
	}
	return entry
}

// sharedDrops returns the epochs after which the learning rate fell, if all runs have the same.
func sharedDrops(curves []curve) ([]int, bool) {
	var drops []int
	for i, c := range curves {
		var own []int
		for _, epoch := range c.group.spec.LearningRateDrops {
			if 0 < epoch && epoch < c.group.spec.Epochs {
				own = append(own, epoch)
			}
		}
		if i > 0 && fieldText(own) != fieldText(drops) {
			return nil, false
		}
		drops = own
	}
	return drops, true
}

// trainingSubtitle says on what the runs were trained, as far as they share it.
func trainingSubtitle(curves []curve) string {
	first := curves[0].group.spec
	subtitle := setTitle(first.Dataset) + ", " + modelTitle(first.Model)
	for _, c := range curves[1:] {
		if c.group.spec.Dataset != first.Dataset {
			return ""
		}
		if c.group.spec.Model != first.Model {
			subtitle = setTitle(first.Dataset)
		}
	}
	return subtitle + ": mean loss of each epoch"
}

// dashOf tells models apart where a section holds several: the first has a solid line.
func dashOf(s *section, g *group) []vg.Length {
	patterns := [][]vg.Length{nil, {6, 3}, {1.5, 2.5}, {6, 2, 1.5, 2}}
	seen := []string{}
	for _, other := range s.groups {
		if len(seen) == 0 || seen[len(seen)-1] != other.spec.Model {
			seen = append(seen, other.spec.Model)
		}
		if other == g {
			break
		}
	}
	return patterns[(len(seen)-1)%len(patterns)]
}
