package reports

import (
	"slices"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/internal/text"
)

// checkOwnScores finds records that lack results of the scores that go with their loss.
func checkOwnScores(s *section) []string {
	var texts []string
	for _, g := range s.groups {
		var absent []string
		for _, r := range g.records {
			for _, out := range r.OutOfDistribution {
				for _, name := range r.Loss.Scores {
					if !slices.Contains(scoreNames(&out), name) {
						absent = appendNew(absent, name+" against "+setTitle(out.Set))
					}
				}
			}
		}
		if len(absent) > 0 {
			texts = append(texts, "The records of "+s.fullLabel(g)+" lack results of scores that go with their loss: "+
				text.And(absent)+".")
		}
	}
	unknown := s.labelsWhere(func(r *record.Record) bool { return len(r.OutOfDistribution) > 0 && len(r.Loss.Scores) == 0 })
	if unknown != "" {
		texts = append(texts, "The records of "+unknown+" do not say which score goes with their loss: "+
			"none is shown as its own.")
	}
	return texts
}

// checkScoreParameters finds scores of one name that were computed with different parameters.
func checkScoreParameters(s *section) []string {
	var names, differing []string
	parameters := map[string]string{}
	for _, d := range s.detections() {
		own := parametersText(d.Parameters)
		if !slices.Contains(names, d.Score) {
			names, parameters[d.Score] = append(names, d.Score), own
		} else if parameters[d.Score] != own {
			differing = appendNew(differing, d.Score)
		}
	}
	if len(differing) == 0 {
		return nil
	}
	return []string{"The runs computed " + text.And(differing) + " with different parameters: " +
		"do not compare their numbers."}
}

func checkConventions(s *section) []string {
	if conventions := s.conventions(); len(conventions) > 1 {
		return []string{"Detection was measured by different conventions: " + strings.Join(conventions, "; ") + "."}
	}
	return nil
}

// checkConverted says of records in another convention than their runs' what they no longer hold, and which numbers
// are still by that of the run.
func checkConverted(s *section) []string {
	var from, leftOut, also []string
	for _, r := range s.all() {
		if r.Converted == nil {
			continue
		}
		from = appendNew(from, r.Converted.From)
		for _, score := range r.Converted.LeftOut {
			leftOut = appendNew(leftOut, score)
		}
		if slices.ContainsFunc(r.Epochs, func(e record.Epoch) bool { return e.Diagnostic != nil }) {
			also = []string{"AUROC after epochs is still by that."}
		}
	}
	if len(from) == 0 {
		return nil
	}
	texts := []string{"Detection was measured anew, from the stored logits: the runs measured it by convention " +
		strings.Join(from, " or ") + "."}
	texts = append(texts, also...)
	if len(leftOut) > 0 {
		texts = append(texts, "Left out, for the stored logits alone do not give them: "+text.And(leftOut)+".")
	}
	if len(s.paperSources()) > 0 && slices.Contains(s.conventions(), metrics.FieldConvention.String()) {
		texts = append(texts, "The paper's numbers beside them are by convention paper.")
	}
	return []string{strings.Join(texts, " ")}
}
