package reports

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/reports/plot"
)

// figureGroup is the plots of a section under one heading.
type figureGroup struct {
	title, text string
	figures     []figure
}

// figure is a plot of a report with the name of its files.
type figure struct {
	*plot.Plot
	file string // without extension
}

// figureGroups are all plots that the records of the section hold; what a record lacks is left out.
func (s *section) figureGroups(names uniqueNames) []figureGroup {
	var groups []figureGroup
	add := func(title, text string, figures []figure) {
		if len(figures) > 0 {
			groups = append(groups, figureGroup{title, text, figures})
		}
	}
	one := func(p *plot.Plot, err error, name ...string) []figure {
		if err != nil {
			return nil
		}
		return []figure{{p, names.take(s.dataset + " " + strings.Join(name, " "))}}
	}
	var detections, histograms, calibrations []figure
	for _, set := range s.outSets() {
		p, err := ROC(set, "", s.all()...)
		detections = append(detections, one(p, err, "roc", set)...)
		for _, g := range s.groups {
			p, err := ScoreHistogram(g.records[0], set, "")
			histograms = append(histograms, one(s.namedFor(g, p), err, "scores", g.spec.Loss, set, s.fileModel(g))...)
		}
	}
	for _, g := range s.groups {
		for _, stage := range []Stage{BeforeCalibration, AfterCalibration} {
			p, err := Reliability(g.records[0], stage)
			when, _, _ := strings.Cut(stage.String(), " ")
			calibrations = append(calibrations, one(s.namedFor(g, p), err, "reliability", g.spec.Loss, when, s.fileModel(g))...)
		}
	}
	add("Detection curves", "How well the paper's score of each loss tells the test images from images of "+
		"other sets: ROC curves, and the distributions of the score."+s.firstSeedNote("The distributions are"),
		append(detections, histograms...))
	add("Reliability diagrams", "How often the model is right, by how sure it is. A bar that ends below the dashed line "+
		"means overconfidence, one above it underconfidence."+s.firstSeedNote("Each diagram is"), calibrations)
	training, err := TrainingCurves(s.all()...)
	add("Training curves", "The losses of different names are different functions: compare the shapes of their curves, "+
		"not the heights.", one(training, err, "training"))
	return groups
}

// namedFor adds to the subtitle what the title does not say: model, variant and seed.
func (s *section) namedFor(g *group, p *plot.Plot) *plot.Plot {
	if p == nil {
		return nil
	}
	var more []string
	if s.models() > 1 {
		more = append(more, modelTitle(g.spec.Model))
	}
	if difference := s.difference(g); difference != "" {
		more = append(more, difference)
	}
	if len(g.records) > 1 {
		more = append(more, fmt.Sprintf("seed %d", g.spec.Seed))
	}
	if len(more) > 0 {
		p.Subtitle += " (" + strings.Join(more, ", ") + ")"
	}
	return p
}

// fileModel is the model's part of a file name, where the section holds several.
func (s *section) fileModel(g *group) string {
	if s.models() > 1 {
		return g.spec.Model
	}
	return ""
}

func (s *section) firstSeedNote(subject string) string {
	for _, g := range s.groups {
		if len(g.records) > 1 {
			return " " + subject + " of the first seed."
		}
	}
	return ""
}

// highlight is one number of the summary at the top of a section.
type highlight struct {
	Title, Value, Holder, Baseline string
}

// highlights are the best accuracy, ECE after calibration and AUROC against each set, beside SoftMax where it was run.
func (s *section) highlights() []highlight {
	var all []highlight
	for _, metric := range testMetrics {
		if metric.key != "accuracy" && metric.key != "ece_after" {
			continue
		}
		title := map[string]string{"accuracy": "Accuracy", "ece_after": "ECE after calibration"}[metric.key]
		all = append(all, s.best(title, metric.shown, func(g *group) (statistic, string) {
			return metric.overRuns(g), ""
		})...)
	}
	for _, set := range s.outSets() {
		metric := detectionMetrics[0]
		all = append(all, s.best("AUROC against "+setTitle(set), metric.shown, func(g *group) (statistic, string) {
			scores := g.scores(set)
			if len(scores) == 0 {
				return statistic{}, ""
			}
			return metric.overRuns(g, set, scores[0]), scores[0]
		})...)
	}
	return all
}

// best is the highlight of the group with the best value, or nothing if no group has one.
func (s *section) best(title string, m shown, of func(*group) (value statistic, score string)) []highlight {
	var winner *group
	var best statistic
	var result highlight
	for _, g := range s.groups {
		value, score := of(g)
		if value.n == 0 || !finite(value.mean) {
			continue
		}
		if winner == nil || m.better == higher && value.mean > best.mean || m.better == lower && value.mean < best.mean {
			winner, best = g, value
			result.Holder = s.fullLabel(g)
			if score != "" {
				result.Holder += ", " + score
			}
		}
	}
	if winner == nil {
		return nil
	}
	result.Title, result.Value = title, withUnit(m, best)
	if g := s.rival(winner); g != nil {
		if value, _ := of(g); value.n > 0 {
			result.Baseline = g.title + ": " + withUnit(m, value)
		}
	}
	return []highlight{result}
}

// rival is what the group is compared with: SoftMax with the same model or, for SoftMax itself, the last of the other
// losses, which is the paper's own where it was run. It is nil if there is none.
func (s *section) rival(winner *group) *group {
	var rival *group
	for _, g := range s.groups {
		if g.spec.Loss == winner.spec.Loss || g.spec.Model != winner.spec.Model {
			continue
		}
		if g.spec.Loss == "softmax" {
			return g
		}
		if winner.spec.Loss == "softmax" {
			rival = g
		}
	}
	return rival
}

func withUnit(m shown, s statistic) string {
	text := formatNumber(s.mean*m.scale, m.decimals)
	if m.scale == 100 {
		text += "%"
	}
	return text
}

// uniqueNames gives out file names, each once.
type uniqueNames map[string]int

func (u uniqueNames) take(words string) string {
	name := fileName(words)
	u[name]++
	if n := u[name]; n > 1 {
		return fmt.Sprintf("%s-%d", name, n)
	}
	return name
}

// period says when the runs finished.
func period(records []*record.Record) string {
	const day = "2006-01-02"
	var first, last string
	for _, r := range records {
		at := r.Created.UTC().Format(day)
		if first == "" || at < first {
			first = at
		}
		last = max(last, at)
	}
	if first == last {
		return first
	}
	return first + " to " + last
}

// fileName makes a file name of words: lower case, with hyphens for all but letters, digits, dots and underscores.
func fileName(words string) string {
	var name strings.Builder
	for _, r := range strings.ToLower(words) {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9', r == '.', r == '_':
			name.WriteRune(r)
		case name.Len() > 0 && !strings.HasSuffix(name.String(), "-"):
			name.WriteByte('-')
		}
	}
	return filepath.Base(strings.Trim(name.String(), "-."))
}
