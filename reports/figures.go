package reports

import (
	"errors"
	"fmt"
	"strings"

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

// figureNames gives the plots of a report file names that differ, and keeps why some could not be drawn.
type figureNames struct {
	uniqueNames
	failures []error
}

// figureGroups are all plots that the records of the section hold. What a record lacks is left out; why others
// could not be drawn is kept with the names.
func (s *section) figureGroups(names *figureNames) []figureGroup {
	var groups []figureGroup
	add := func(title, text string, figures []figure) {
		if len(figures) > 0 {
			groups = append(groups, figureGroup{title, text, figures})
		}
	}
	add("Detection curves", "How well the scores that go with each loss separate the test images from images of other "+
		"sets: ROC curves, and the distributions of the first score."+s.firstSeedNote("The distributions are"),
		append(s.rocFigures(names), s.scoreFigures(names)...))
	add("Reliability diagrams", "How often the model is right, by how sure it is. A bar that ends below the dashed line "+
		"means overconfidence, one above it underconfidence."+s.firstSeedNote("Each diagram is"), s.reliabilityFigures(names))
	add("Training curves", "The losses of different names are different functions: compare the shapes of their curves, "+
		"not the heights.", s.trainingFigures(names))
	return groups
}

// figure names the files of a plot. There is none where the plot could not be made.
func (s *section) figure(names *figureNames, p *plot.Plot, err error, words ...string) []figure {
	if err != nil {
		if _, lacking := errors.AsType[absent](err); !lacking && !errors.Is(err, errNoEpoch) {
			names.failures = append(names.failures, err)
		}
		return nil
	}
	return []figure{{p, names.take(s.dataset + " " + strings.Join(words, " "))}}
}

func (s *section) rocFigures(names *figureNames) []figure {
	var figures []figure
	for _, set := range s.outSets() {
		p, err := s.rocOfScores(set)
		figures = append(figures, s.figure(names, p, err, "roc", set)...)
	}
	return figures
}

func (s *section) scoreFigures(names *figureNames) []figure {
	var figures []figure
	for _, set := range s.outSets() {
		for _, g := range s.groups {
			p, err := ScoreHistogram(g.records[0], set, "")
			figures = append(figures, s.figure(names, s.namedFor(g, p), err, "scores", g.spec.Loss, set, s.fileModel(g))...)
		}
	}
	return figures
}

func (s *section) reliabilityFigures(names *figureNames) []figure {
	var figures []figure
	for _, g := range s.groups {
		for _, stage := range []Stage{BeforeCalibration, AfterCalibration} {
			p, err := Reliability(g.records[0], stage)
			when, _, _ := strings.Cut(stage.String(), " ")
			figures = append(figures,
				s.figure(names, s.namedFor(g, p), err, "reliability", g.spec.Loss, when, s.fileModel(g))...)
		}
	}
	return figures
}

func (s *section) trainingFigures(names *figureNames) []figure {
	var figures []figure
	for _, panel := range trainingPanels {
		p, err := panel.plot([]*section{s})
		figures = append(figures, s.figure(names, p, err, panel.file)...)
	}
	return figures
}

// namedFor adds to the subtitle what the title does not say: model, variant and seed.
func (s *section) namedFor(g *group, p *plot.Plot) *plot.Plot {
	if p == nil {
		return nil
	}
	var more []string
	if s.models() > 1 {
		more = append(more, g.model)
	}
	if difference := s.shortDifference(g); difference != "" {
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
