package reports

import (
	"slices"
	"strings"

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
