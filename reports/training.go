package reports

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/internal/text"
	"github.com/dismax-go/dismax/reports/plot"
)

// TrainingCurves plots, for each epoch, the mean training loss and, where records hold them, loss and accuracy on the
// held-out images and the AUROC of the loss's score against the first out-of-distribution set ([record.Diagnostic]):
// side by side, one line a run. Runs that differ in nothing but the seed share a colour and a legend entry. The losses of
// different names are different functions: compare the shapes of their curves, not the heights. It is an error if no
// record holds an epoch.
func TrainingCurves(records ...*record.Record) (*plot.Plot, error) {
	all := sections(records)
	var panels []*plot.Plot
	for _, panel := range trainingPanels {
		p, err := panel.plot(all)
		switch {
		case errors.Is(err, errNoEpoch):
			continue
		case err != nil:
			return nil, fmt.Errorf("training curves: %w", err)
		}
		panels = append(panels, p)
	}
	switch len(panels) {
	case 0:
		return nil, errors.New("training curves: no record holds an epoch")
	case 1:
		return panels[0], nil
	}
	for i, p := range panels {
		panels[i] = p.Resized(290, 0)
	}
	return plot.Row(panels...)
}

// errNoEpoch reports that no record has values for a panel.
var errNoEpoch = errors.New("no record holds such values")

// trainingPanel is one measurement of each epoch.
type trainingPanel struct {
	file, title, subtitle, label string
	share                        bool
	of                           func(record.Epoch) (value float64, measured bool)
}

var trainingPanels = []trainingPanel{
	{"training", "Training loss", "mean loss of each epoch", "training loss", false,
		func(e record.Epoch) (float64, bool) { return e.Loss, true }},
	{"validation-loss", "Validation loss", "mean loss on the held-out images", "validation loss", false,
		func(e record.Epoch) (float64, bool) {
			if e.Validation == nil {
				return math.NaN(), false
			}
			return e.Validation.Loss, true
		}},
	{"validation-accuracy", "Validation accuracy", "on the held-out images", "accuracy", true,
		func(e record.Epoch) (float64, bool) {
			if e.Validation == nil {
				return math.NaN(), false
			}
			return e.Validation.Accuracy, true
		}},
	{"diagnostic-auroc", "Detection", "on some test images; nothing was chosen by it", "AUROC", true,
		func(e record.Epoch) (float64, bool) {
			if e.Diagnostic == nil || len(e.Diagnostic.Detections) == 0 {
				return math.NaN(), false
			}
			return e.Diagnostic.Detections[0].AUROC, true
		}},
}

// plot draws the panel; the error wraps errNoEpoch if no record has its values.
func (panel trainingPanel) plot(all []*section) (*plot.Plot, error) {
	var curves []plot.Curve
	epochs, low, high := 0, math.Inf(1), math.Inf(-1)
	for _, s := range all {
		for _, g := range s.groups {
			for _, curve := range panel.curves(s, g) {
				for _, value := range curve.Y {
					if math.Abs(value) <= plot.Largest {
						low, high = min(low, value), max(high, value)
					}
				}
				epochs, curves = max(epochs, len(curve.X)), append(curves, curve)
			}
		}
	}
	if epochs == 0 {
		return nil, errNoEpoch
	}
	y := plot.Axis{Label: panel.label, Share: panel.share}
	y.From, y.To = panel.reach(low, high)
	return plot.Curves(plot.Chart{
		Title: panel.title, Subtitle: trainingSubtitle(all, panel.subtitle),
		X: plot.Axis{Label: "epoch", From: min(1, float64(epochs)-1), To: float64(epochs), Whole: true, Ticks: 8,
			Lines: sharedDrops(all), LinesName: "rate divided by 10"},
		Y: y,
	}, curves...)
}

// curves are those of the runs of the group that have values. The first has the name.
func (panel trainingPanel) curves(s *section, g *group) []plot.Curve {
	var curves []plot.Curve
	for _, r := range g.records {
		curve := s.curveOf(g)
		some := false
		for at, epoch := range r.Epochs {
			value, measured := panel.of(epoch)
			curve.X, curve.Y = append(curve.X, float64(at+1)), append(curve.Y, value)
			some = some || measured
		}
		curve.Dots = len(r.Epochs) <= 12
		if some {
			curves = append(curves, curve)
		}
	}
	if n := len(curves); n > 0 {
		curves[0].Name = s.fullLabel(g)
		if n > 1 {
			curves[0].Name += ", " + text.Count(n, "seed")
		}
	}
	return curves
}

// reach is what the y axis shows: losses from 0, shares from where they begin.
func (panel trainingPanel) reach(low, high float64) (from, to float64) {
	switch {
	case panel.share && low >= 0 && high <= 1:
		room := max(0.05*(high-low), 0.005)
		return max(low-room, 0), min(high+room, 1)
	case high <= min(low, 0):
		return min(low, 0), 1
	case math.IsInf(low, 1):
		return 0, 1
	}
	return min(low, 0), high + 0.05*math.Abs(high)
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
func trainingSubtitle(all []*section, what string) string {
	if len(all) != 1 {
		return ""
	}
	subtitle := all[0].title
	if all[0].models() == 1 {
		subtitle += ", " + all[0].groups[0].model
	}
	return subtitle + ": " + what
}
