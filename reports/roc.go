package reports

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// ROC plots, for every threshold of a score, the share of in-distribution images that are accepted against the share of
// images of the out-of-distribution set that are accepted too. The empty score stands for the one with which the paper
// evaluates each record's loss. Records without results on the set are left out; it is an error if that leaves none.
func ROC(set, score string, records ...*record.Record) (*Plot, error) {
	unit := func(label string) axis { return axis{label: label, min: 0, max: 1, format: percentTick} }
	p := newChart(unit("accepted out-of-distribution images"), unit("accepted in-distribution images"))
	p.Add(polyline(draw.LineStyle{Color: neutral, Width: 1, Dashes: []vg.Length{4, 3}}, []point{{0, 0}, {1, 1}}))
	result := &Plot{Title: "ROC: ", name: fileName("roc " + set + " " + score), width: 360, height: 380, body: p.Draw}
	var failures []error
	for i, s := range sections(records) {
		if i > 0 {
			result.Title += ", "
		}
		result.Title += s.title
		for _, g := range s.groups {
			entry, err := addROC(func(f painter) { p.Add(f) }, s, g, set, score)
			if err != nil {
				failures = append(failures, err)
				continue
			}
			result.legend = append(result.legend, entry)
		}
	}
	if len(result.legend) == 0 {
		return nil, fmt.Errorf("ROC: %w", cmp.Or(errors.Join(failures...), errors.New("no records")))
	}
	result.Title += " against " + setTitle(set)
	result.Subtitle = "AUROC in the legend, dashed: chance"
	return result, nil
}

// addROC draws one curve for each run of the group that has results on the set. It is an error if none has.
func addROC(add func(painter), s *section, g *group, set, score string) (legendEntry, error) {
	style := draw.LineStyle{Color: g.colour, Width: lineWidth, Dashes: dashOf(s, g)}
	mark := lineMark(style)
	if len(g.records) > 1 {
		style.Width, style.Color = 1.1, fade(g.colour, 0.75)
	}
	var areas []float64
	var name string
	var failures []error
	for _, r := range g.records {
		result, err := detection(r, set, score)
		if err == nil && len(result.ROC) == 0 {
			err = fmt.Errorf("the record of %s has no ROC curve of %s on %s", describe(r), result.Score, set)
		}
		if err != nil {
			failures = append(failures, err)
			continue
		}
		points := []point{{0, 0}}
		for _, at := range result.ROC {
			points = append(points, point{at.FalsePositiveRate, at.TruePositiveRate})
		}
		add(polyline(style, append(points, point{1, 1})))
		areas = append(areas, result.AUROC*100)
		name = result.Score
	}
	if len(areas) == 0 {
		return legendEntry{}, errors.Join(failures...)
	}
	area := summarize(areas)
	return legendEntry{fmt.Sprintf("%s, %s: %s%%", s.fullLabel(g), name, area.text(1)), mark}, nil
}
