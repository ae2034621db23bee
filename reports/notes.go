package reports

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/internal/text"
)

// testNotes names the conventions of the table of in-distribution results.
func (s *section) testNotes() []string {
	notes := []string{s.calibrationNote() + " NLL in nats."}
	if slices.ContainsFunc(s.all(), func(r *record.Record) bool { return r.Test.AfterPaper != nil }) {
		notes[0] += " ECE, test fit: at the temperature that minimizes it on the test images, which is how the paper's is " +
			"measured."
	}
	notes = append(notes, s.circumstances())
	if slices.ContainsFunc(s.groups, func(g *group) bool { return len(g.records) > 1 && !g.isGiven() }) {
		notes = append(notes, "Mean ± sample standard deviation over the runs, which differ in nothing but the seed.")
	}
	if slices.ContainsFunc(s.groups, func(g *group) bool { return len(g.records) > 1 && g.isGiven() }) {
		notes = append(notes, "Mean ± sample standard deviation over the given networks: what these differ in is unknown.")
	}
	if note := s.bestNote(); note != "" {
		notes = append(notes, note)
	}
	for _, source := range s.paperSources() {
		notes = append(notes, "Paper: "+source+".")
	}
	return notes
}

// circumstances says in a sentence how many seeds a row has, how much was trained, what computed, and by which protocol
// and convention.
func (s *section) circumstances() string {
	var seeds, trained, backends, protocols []string
	for _, g := range s.groups {
		if g.isEnsemble() {
			continue
		}
		runs := text.Count(len(g.records), "seed")
		if g.isGiven() {
			runs = text.Count(len(g.records), "network")
		}
		seeds = appendNew(seeds, runs)
		for _, r := range g.records {
			amount := text.Count(r.Spec.Epochs, "epoch") + " of " + text.Count(r.Data.Train.Images, "image")
			if r.OutputsOnly {
				amount = "an unknown time"
			}
			trained = appendNew(trained, amount)
			backends = appendNew(backends, r.Backend.Name)
			protocols = appendNew(protocols, string(r.Spec.Protocol))
		}
	}
	sentence := fmt.Sprintf("%s a row; trained for %s; computed by %s; protocol %s", strings.Join(seeds, " or "),
		strings.Join(trained, " or "), strings.Join(backends, " or "), strings.Join(protocols, " or "))
	if conventions := s.conventions(); len(conventions) > 0 {
		sentence += "; detection by convention " + strings.Join(conventions, " or ")
	}
	return sentence + "."
}

// calibrationNote says what before and after mean.
func (s *section) calibrationNote() string {
	var bins, criteria, where []string
	for _, g := range s.groups {
		bins = appendNew(bins, strconv.Itoa(g.spec.CalibrationBins))
		criteria = appendNew(criteria, strings.ToUpper(g.spec.CalibrationCriterion))
		switch {
		case g.spec.Protocol == record.Paper:
			where = appendNew(where, "the test images")
		case g.isGiven():
			where = appendNew(where, "held-out images")
		default:
			where = appendNew(where, "held-out training images")
		}
	}
	return fmt.Sprintf("ECE: %s equal bins of the largest probability. Before: at temperature 1; "+
		"after: at the temperature that minimizes the %s on %s.",
		strings.Join(bins, " or "), strings.Join(criteria, " or "), strings.Join(where, " or "))
}

// detectionNotes are those of the table of the scores that go with the losses, or of the table of all others.
func (s *section) detectionNotes(own bool) []string {
	var notes []string
	if own {
		notes = s.detectionConventions()
	}
	notes = append(notes, s.settingNotes()...)
	if scores := s.scoreTexts(own); len(scores) > 0 {
		notes = append(notes, "Scores: "+strings.Join(scores, "; ")+".")
	}
	notes = append(notes, s.floorNotes()...)
	if own && len(s.paperSources()) > 0 {
		notes = append(notes, "The paper's AUPR is AUPR-out.")
	}
	return notes
}

// settingNotes say under which circumstances numbers of detection were measured, and on which images.
func (s *section) settingNotes() []string {
	return append([]string{s.circumstances()}, checkCopies(s)...)
}

// detectionConventions say how detection is measured.
func (s *section) detectionConventions() []string {
	notes := []string{"Scores of raw logits, before any temperature; a larger score is more in-distribution. AUPR-in and AUPR-out: area " +
		"under the precision-recall curve with in- and out-of-distribution as the positive class."}
	for _, name := range s.conventions() {
		if convention, err := metrics.ConventionByName(name); err == nil {
			notes = append(notes, convention.Explain())
		} else {
			notes = append(notes, "Convention: "+name+".")
		}
	}
	return notes
}

// floorNotes say what the row without a network is, if there is one.
func (s *section) floorNotes() []string {
	floor := s.floor()
	if floor == nil {
		return nil
	}
	return []string{noNetwork + ": the floor, " + floor.Score + " (" + floor.Title + "), its sign fixed beforehand. A score " +
		"that is not above it need not have seen what an image shows; below 50% the unknown images are the plainer ones."}
}

// detections are all results of out-of-distribution detection in the section.
func (s *section) detections() []record.Detection { return detectionsOf(s.all()) }

func detectionsOf(records []*record.Record) []record.Detection {
	var all []record.Detection
	for _, r := range records {
		for _, out := range r.OutOfDistribution {
			all = append(all, out.Scores...)
		}
	}
	return all
}

// scoreTexts are in words the scores that go with some loss, or those that were measured beside them, with their
// parameters: "ODIN, softmax at a temperature (temperature 1000)".
func (s *section) scoreTexts(own bool) []string {
	var texts []string
	for _, g := range s.groups {
		for _, d := range detectionsOf(g.records) {
			if text := scoreText(d); text != "" && slices.Contains(g.loss.Scores, d.Score) == own {
				texts = appendNew(texts, text)
			}
		}
	}
	return texts
}

// scoreText is empty where there is nothing to say besides the name.
func scoreText(d record.Detection) string {
	text := d.Score
	if d.Title != "" && d.Title != d.Score {
		text += ", " + d.Title
	}
	if len(d.Parameters) > 0 {
		text += " (" + parametersText(d.Parameters) + ")"
	}
	if text == d.Score {
		return ""
	}
	return text
}

// conventions names the definitions behind the detection results, each once.
func (s *section) conventions() []string {
	var conventions []string
	for _, d := range s.detections() {
		if d.Convention != "" {
			conventions = appendNew(conventions, d.Convention)
		}
	}
	return conventions
}

// paperSources names where the paper's numbers of the section come from.
func (s *section) paperSources() []string {
	var sources []string
	for _, g := range s.groups {
		if numbers := paperNumbers(g.spec); numbers != nil {
			sources = appendNew(sources, numbers.source)
		}
	}
	return sources
}
