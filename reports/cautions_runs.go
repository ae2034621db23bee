package reports

import (
	"slices"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/internal/text"
)

// checkSeeds finds rows of one network, and of one seed. Outputs that were given have none.
func checkSeeds(s *section) []string {
	var single, twice []string
	one, another := "run", "seed"
	for _, g := range s.groups {
		if len(g.records) == 1 && !g.isEnsemble() {
			single = append(single, s.fullLabel(g))
			if g.isGiven() {
				one, another = "network", "training"
			}
		}
		for i, r := range g.records[1:] {
			if g.hasSeeds() && r.Spec.Seed == g.records[i].Spec.Seed {
				twice = appendNew(twice, s.fullLabel(g))
			}
		}
	}
	var texts []string
	if len(twice) > 0 {
		texts = append(texts, "Two runs of "+text.And(twice)+
			" have the same seed: their deviation says nothing about chance.")
	}
	if len(single) > 0 && len(s.groups) > 1 {
		texts = append(texts, "Single "+one+"s of "+text.And(single)+": their differences may be chance.")
	} else if len(single) > 0 {
		texts = append(texts, "A single "+one+": another "+another+" gives other numbers.")
	}
	return texts
}

// checkDifferences names what differs between rows besides loss and model, as far as it is known.
func checkDifferences(s *section) []string {
	named := []string{"loss", parametersChoice, "model", "out of distribution", "protocol"} // by the rows or other cautions
	var differing []string
	for i, field := range s.groups[0].choices() {
		if slices.Contains(named, field.name) {
			continue
		}
		values := []string{}
		for _, g := range s.groups {
			if value := g.choices()[i].value; value != unseen {
				values = appendNew(values, value)
			}
		}
		if len(values) > 1 {
			differing = append(differing, field.name+" ("+strings.Join(values, "; ")+")")
		}
	}
	if len(differing) == 0 {
		return nil
	}
	return []string{"The rows differ in more than loss and model: " + text.And(differing) + "."}
}

// checkSplits says over which classes the runs of a row vary.
func checkSplits(s *section) []string {
	var splits []string
	for _, r := range s.all() {
		if !r.OutputsOnly {
			splits = appendNew(splits, fieldText(r.Spec.HoldOutClasses))
		}
	}
	if len(splits) < 2 {
		return nil
	}
	return []string{"The runs hold out different classes, so that a row's deviation is over the splits too: " +
		strings.Join(splits, "; ") + "."}
}

// checkDTypes finds runs in fewer bits than the paper's.
func checkDTypes(s *section) []string {
	names := s.labelsWhere(func(r *record.Record) bool { return r.Spec.DType != "" })
	if names == "" {
		return nil
	}
	return []string{"The convolutions of " + names + " were computed in 16 bits, those of the paper in 32."}
}

func checkVersions(s *section) []string {
	var versions, changed []string
	for _, r := range s.all() {
		versions = appendNew(versions, versionText(r.Versions))
		if strings.HasSuffix(r.Versions.DisMax, "+dirty") {
			changed = appendNew(changed, r.Versions.DisMax)
		}
	}
	var texts []string
	if len(changed) > 0 {
		texts = append(texts, "Made by a source tree with uncommitted changes ("+strings.Join(changed, ", ")+
			"): the runs cannot be repeated exactly.")
	}
	if len(versions) > 1 {
		texts = append(texts, "The runs were made by different versions of the software.")
	}
	return texts
}

func checkDevices(s *section) []string {
	var devices []string
	for _, r := range s.all() {
		devices = appendNew(devices, r.Backend.Name+" on "+r.Backend.Device)
	}
	if len(devices) < 2 {
		return nil
	}
	return []string{"The runs were computed by " + text.And(devices) + ": do not compare their speed."}
}
