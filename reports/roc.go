package reports

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/reports/plot"
)

// ROC plots, for every threshold of a score, the share of in-distribution images that are accepted against the share of
// images of the out-of-distribution set that are accepted too. The empty score stands for the one that goes
// with each record's loss. Records without results on the set are left out; it is an error if that leaves none.
func ROC(set, score string, records ...*record.Record) (*plot.Plot, error) {
	title := "ROC: "
	var curves []plot.Curve
	var failures []error
	for i, s := range sections(records) {
		if i > 0 {
			title += ", "
		}
		title += s.title
		for _, g := range s.groups {
			runs, err := s.rocCurves(g, set, score)
			if err != nil {
				failures = append(failures, err)
				continue
			}
			curves = append(curves, runs...)
		}
	}
	if len(curves) == 0 {
		return nil, fmt.Errorf("ROC: %w", cmp.Or(errors.Join(failures...), errors.New("no records")))
	}
	return plot.ROC(title+" against "+outTitle(records, set), "AUROC in the legend, dashed: chance", curves...)
}

// rocCurves are one curve for each run of the group that has results on the set. It is an error if none has.
func (s *section) rocCurves(g *group, set, score string) ([]plot.Curve, error) {
	var curves []plot.Curve
	var areas []float64
	var name string
	var failures []error
	for _, r := range g.records {
		result, err := detection(r, set, score)
		if err == nil && len(result.ROC) == 0 {
			err = absentf("the record of %s has no ROC curve of %s on %s", describe(r), result.Score, set)
		}
		if err != nil {
			failures = append(failures, err)
			continue
		}
		curve := s.curveOf(g)
		curve.X, curve.Y = []float64{0}, []float64{0}
		for _, at := range result.ROC {
			curve.X, curve.Y = append(curve.X, at.FalsePositiveRate), append(curve.Y, at.TruePositiveRate)
		}
		curve.X, curve.Y = append(curve.X, 1), append(curve.Y, 1)
		curves, areas, name = append(curves, curve), append(areas, result.AUROC*100), result.Score
	}
	if len(curves) == 0 {
		return nil, errors.Join(failures...)
	}
	area := summarize(areas)
	curves[0].Name = fmt.Sprintf("%s, %s: %s%%", s.fullLabel(g), name, area.text(1))
	return curves, nil
}
