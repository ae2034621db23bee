package reports

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

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

// mostCurves of one plot can still be told apart.
const mostCurves = 12

// rocOfScores plots the ROC curves of every loss with each score that goes with it, the mean over the seeds: losses differ
// by colour, the scores of a loss by dashes. Where these are too many, or there are models to be told apart, each loss
// has the curves of its first score, as by [ROC].
func (s *section) rocOfScores(set string) (*plot.Plot, error) {
	var curves []plot.Curve
	for _, g := range s.groups {
		for i, score := range g.loss.Scores {
			if runs, err := s.rocCurves(g, set, score); err == nil {
				mean := meanCurve(runs)
				mean.Dashes = patterns[i%len(patterns)]
				curves = append(curves, mean)
			}
		}
	}
	if len(curves) == 0 || len(curves) > mostCurves || s.models() > 1 {
		return ROC(set, "", s.all()...)
	}
	subtitle := "AUROC in the legend, diagonal: chance"
	if len(s.all()) > len(s.groups) {
		subtitle += ", lines: mean of the seeds"
	}
	p, err := plot.ROC("ROC: "+s.title+" against "+s.setTitle(set), subtitle, curves...)
	if err != nil {
		return nil, err
	}
	return p.Resized(rocWidth, rocHeight), nil
}

// The size of a plot with a legend of many lines, in points.
const rocWidth, rocHeight = 400, 455

// meanCurve is the mean of the heights of ROC curves over their width, with the looks and the name of the first.
func meanCurve(curves []plot.Curve) plot.Curve {
	const steps = 200
	mean := curves[0]
	mean.Thin = false
	if len(curves) == 1 {
		return mean
	}
	mean.X, mean.Y = []float64{0}, []float64{0}
	for step := range steps + 1 {
		x, y := float64(step)/steps, 0.0
		for _, c := range curves {
			y += heightAt(c, x) / float64(len(curves))
		}
		mean.X, mean.Y = append(mean.X, x), append(mean.Y, y)
	}
	return mean
}

// heightAt is the upper end of a ROC curve, which goes from (0, 0) to (1, 1), at x.
func heightAt(c plot.Curve, x float64) float64 {
	after := slices.IndexFunc(c.X, func(other float64) bool { return other > x })
	if after < 1 {
		return 1
	}
	share := (x - c.X[after-1]) / (c.X[after] - c.X[after-1])
	return c.Y[after-1] + share*(c.Y[after]-c.Y[after-1])
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
