package reports

import (
	"slices"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/internal/text"
)

// Cautions lists, in sentences, what a reader must know before comparing the records with each other or with the
// paper: a temperature fitted on the test images, held-out images that served several choices, short training, few
// images, single runs, absent scores, data or software that differ between runs, a loss that was not finite. It is empty
// if there is nothing of the kind.
func Cautions(records ...*record.Record) []string {
	all := sections(records)
	var texts []string
	for _, s := range all {
		for _, check := range checks {
			for _, caution := range check(s) {
				if len(all) > 1 {
					caution = s.title + ": " + caution
				}
				texts = append(texts, caution)
			}
		}
	}
	return texts
}

var checks = []func(*section) []string{
	checkOutputsOnly, checkFinite, checkComplete, checkChance, checkProtocol, checkValidation, checkHeldOut,
	checkTemperature, checkEpochs, checkTrainLimit, checkTestSize, checkSynthetic, checkCopies, checkSeeds, checkSplits,
	checkDifferences, checkChecksums,
	checkMissingSets, checkOwnScores, checkScoreParameters, checkConventions, checkConverted, checkDTypes, checkVersions, checkDevices,
}

// labelsWhere names the groups that hold a record with the property.
func (s *section) labelsWhere(property func(*record.Record) bool) string {
	var names []string
	for _, g := range s.groups {
		if slices.ContainsFunc(g.records, property) {
			names = append(names, s.fullLabel(g))
		}
	}
	return text.And(names)
}
