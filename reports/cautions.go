package reports

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/calibrate"
	"github.com/dismax-go/dismax/dismaxlib/record"
)

// Cautions lists, in sentences, what a reader must know before comparing the records with each other or with the
// paper: a temperature fitted on the test images, short training, few images, single runs, data or software that
// differ between runs, a loss that was not finite. It is empty if there is nothing of the kind.
func Cautions(records ...*record.Record) []string {
	all := sections(records)
	var texts []string
	for _, s := range all {
		for _, check := range checks {
			for _, text := range check(s) {
				if len(all) > 1 {
					text = s.title + ": " + text
				}
				texts = append(texts, text)
			}
		}
	}
	return texts
}

var checks = []func(*section) []string{
	checkFinite, checkComplete, checkChance, checkProtocol, checkValidation, checkTemperature, checkEpochs,
	checkTrainLimit, checkTestSize, checkSynthetic, checkSeeds, checkDifferences, checkChecksums,
	checkMissingSets, checkConventions, checkDTypes, checkVersions, checkDevices,
}

// checkFinite finds runs whose loss was NaN or infinite.
func checkFinite(s *section) []string {
	var texts []string
	for _, g := range s.groups {
		for _, r := range g.records {
			at := slices.IndexFunc(r.Epochs, func(e record.Epoch) bool { return !finite(e.Loss) })
			if at >= 0 {
				texts = append(texts, fmt.Sprintf("The training loss of %s, seed %d, was not finite in epoch %d: "+
					"do not use this run.", s.fullLabel(g), r.Spec.Seed, at+1))
			}
		}
	}
	return texts
}

// checkComplete finds records of runs that were stopped early.
func checkComplete(s *section) []string {
	names := s.labelsWhere(func(r *record.Record) bool { return len(r.Epochs) < r.Spec.Epochs })
	if names == "" {
		return nil
	}
	return []string{"The training of " + names + " stopped before its last epoch."}
}

// checkChance finds runs that hardly learned anything.
func checkChance(s *section) []string {
	names := s.labelsWhere(func(r *record.Record) bool {
		return r.Model.Classes > 1 && r.Test.Accuracy < 1.5/float64(r.Model.Classes)
	})
	if names == "" {
		return nil
	}
	return []string{"The accuracy of " + names + " is little above chance: the other numbers mean little then."}
}

func checkProtocol(s *section) []string {
	names := s.labelsWhere(func(r *record.Record) bool { return r.Spec.Protocol == record.Paper })
	if names == "" {
		return nil
	}
	text := "The temperature of " + names + " was fitted on the test images, as the paper's published code does: " +
		"ECE and NLL after calibration are better than on new images."
	if slices.ContainsFunc(s.all(), func(r *record.Record) bool { return r.Spec.Protocol != record.Paper }) {
		text += " Do not compare them with those of the other rows, which were fitted on held-out images."
	}
	return []string{text}
}

func checkValidation(s *section) []string {
	names := s.labelsWhere(func(r *record.Record) bool {
		return r.Spec.Protocol == record.HeldOut && r.Data.Validation.Images == 0
	})
	if names == "" {
		return nil
	}
	return []string{"The records of " + names + " name no held-out images to fit the temperature on."}
}

// checkTemperature finds temperatures at an end of the range that was searched.
func checkTemperature(s *section) []string {
	names := s.labelsWhere(func(r *record.Record) bool {
		return r.Test.Temperature >= 0.99*calibrate.MaxTemperature ||
			0 < r.Test.Temperature && r.Test.Temperature <= 1.01*calibrate.MinTemperature
	})
	if names == "" {
		return nil
	}
	return []string{"The temperature of " + names + " lies at the end of the range that was searched: " +
		"no temperature calibrates this model."}
}

// checkEpochs compares the length of the training with the paper's.
func checkEpochs(s *section) []string {
	shortest, longest := math.MaxInt, 0
	for _, r := range s.all() {
		shortest, longest = min(shortest, r.Spec.Epochs), max(longest, r.Spec.Epochs)
	}
	trained := plural(longest, "epoch")
	if shortest != longest {
		trained = fmt.Sprintf("%d to %d epochs", shortest, longest)
	}
	switch usual := paperEpochs(s.dataset); {
	case usual > 0 && longest < usual:
		return []string{fmt.Sprintf("Trained for %s; the paper trains for %d: expect lower numbers than the paper's.",
			trained, usual)}
	case usual == 0 && longest < 30:
		return []string{"Trained for only " + trained + "."}
	}
	return nil
}

// paperEpochs is how long the paper trains on the data set, 0 if it does not.
func paperEpochs(dataset string) int {
	switch paperName(dataset) {
	case "cifar10", "cifar100":
		return 300
	case "imagenet1k":
		return 90
	}
	return 0
}

func checkTrainLimit(s *section) []string {
	smallest := 0
	for _, r := range s.all() {
		if r.Spec.TrainLimit > 0 && (smallest == 0 || r.Data.Train.Images < smallest) {
			smallest = r.Data.Train.Images
		}
	}
	if smallest == 0 {
		return nil
	}
	return []string{"Trained on " + plural(smallest, "image") + ", a part of the training set."}
}

// checkTestSize says how far the accuracy on few test images may be off.
func checkTestSize(s *section) []string {
	for _, r := range s.all() {
		n, p := r.Data.Test.Images, r.Test.Accuracy
		if n == 0 || n >= 2000 && r.Spec.TestLimit == 0 || !finite(p) {
			continue
		}
		points := 196 * math.Sqrt(p*(1-p)/float64(n))
		return []string{fmt.Sprintf("Tested on only %s: an accuracy is uncertain by about ±%s points (95%%).",
			plural(n, "image"), strconv.FormatFloat(points, 'f', 1, 64))}
	}
	return nil
}

func checkSynthetic(s *section) []string {
	if !slices.ContainsFunc(s.all(), func(r *record.Record) bool { return r.Data.Test.Found == "synthetic" }) {
		return nil
	}
	return []string{"The images are synthetic: they show how the methods behave, not how they fare on photographs."}
}

func checkSeeds(s *section) []string {
	var single, twice []string
	for _, g := range s.groups {
		if len(g.records) == 1 {
			single = append(single, s.fullLabel(g))
		}
		for i, r := range g.records[1:] {
			if r.Spec.Seed == g.records[i].Spec.Seed {
				twice = appendNew(twice, s.fullLabel(g))
			}
		}
	}
	var texts []string
	if len(twice) > 0 {
		texts = append(texts, "Two runs of "+joinAnd(twice)+" have the same seed: their deviation says nothing about chance.")
	}
	if len(single) > 0 && len(s.groups) > 1 {
		texts = append(texts, "Single runs of "+joinAnd(single)+": small differences may be chance.")
	} else if len(single) > 0 {
		texts = append(texts, "A single run: another seed gives other numbers.")
	}
	return texts
}

// checkDifferences names what differs between rows besides loss and model.
func checkDifferences(s *section) []string {
	var differing []string
	for i, field := range specFields(s.groups[0].spec) {
		if field.name == "loss" || field.name == "model" || field.name == "out of distribution" || field.name == "protocol" {
			continue
		}
		values := []string{}
		for _, g := range s.groups {
			values = appendNew(values, specFields(g.spec)[i].value)
		}
		if len(values) > 1 {
			differing = append(differing, field.name+" ("+strings.Join(values, "; ")+")")
		}
	}
	if len(differing) == 0 {
		return nil
	}
	return []string{"The rows differ in more than loss and model: " + joinAnd(differing) + "."}
}

// checkChecksums finds sets of one name whose images differ between runs.
func checkChecksums(s *section) []string {
	sums := map[string]string{}
	var names, differing []string
	add := func(name string, set record.Set) {
		if sums[name] == "" {
			sums[name] = set.SHA256
			names = append(names, name)
		} else if set.SHA256 != "" && sums[name] != set.SHA256 {
			differing = appendNew(differing, name)
		}
	}
	for _, r := range s.all() {
		add("the test images", r.Data.Test)
		for _, out := range r.OutOfDistribution {
			add(setTitle(out.Set.Name), out.Set)
		}
	}
	if len(differing) == 0 {
		return nil
	}
	return []string{"The runs were not measured on the same images: the checksums of " + joinAnd(differing) + " differ."}
}

func checkMissingSets(s *section) []string {
	var texts []string
	for _, set := range s.outSets() {
		var without []string
		for _, g := range s.groups {
			if slices.ContainsFunc(g.records, func(r *record.Record) bool {
				_, err := outOfDistribution(r, set)
				return err != nil
			}) {
				without = append(without, s.fullLabel(g))
			}
		}
		if len(without) > 0 {
			texts = append(texts, "Not all runs of "+joinAnd(without)+" were measured against "+setTitle(set)+".")
		}
	}
	return texts
}

func checkConventions(s *section) []string {
	if conventions := s.conventions(); len(conventions) > 1 {
		return []string{"Detection was measured by different conventions: " + strings.Join(conventions, "; ") + "."}
	}
	return nil
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
	return []string{"The runs were computed by " + joinAnd(devices) + ": do not compare their speed."}
}

// labelsWhere names the groups that hold a record with the property.
func (s *section) labelsWhere(property func(*record.Record) bool) string {
	var names []string
	for _, g := range s.groups {
		if slices.ContainsFunc(g.records, property) {
			names = append(names, s.fullLabel(g))
		}
	}
	return joinAnd(names)
}

// joinAnd writes "a", "a and b", "a, b and c".
func joinAnd(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// plural writes "1 epoch", "3 epochs", "10,000 images".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return groupDigits(n) + " " + noun + "s"
}
