package reports

import (
	"fmt"
	"math"
	"slices"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/internal/text"
)

// checkOutputsOnly finds records of outputs that were given.
func checkOutputsOnly(s *section) []string {
	var names []string
	for _, r := range s.all() {
		if r.OutputsOnly {
			names = appendNew(names, modelTitle(r))
		}
	}
	if len(names) == 0 {
		return nil
	}
	return []string{"No training of " + text.And(names) + " was seen, only outputs that were given: how, and on which images, " +
		"it was trained is unknown."}
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

// checkComplete finds runs that ended before their last epoch: because they were told to, or for another reason.
func checkComplete(s *section) []string {
	var texts []string
	if names := s.labelsWhere(func(r *record.Record) bool { return r.StoppedEarly }); names != "" {
		texts = append(texts, "The training of "+names+" was stopped early: "+
			"the learning rate may not have reached its end, and the rows may differ in epochs.")
	}
	short := func(r *record.Record) bool {
		return !r.StoppedEarly && len(r.Members) == 0 && len(r.Epochs) < r.Spec.Epochs
	}
	if names := s.labelsWhere(short); names != "" {
		texts = append(texts, "The training of "+names+" ended before its last epoch.")
	}
	return texts
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

// checkEpochs compares the length of the training with the paper's.
func checkEpochs(s *section) []string {
	shortest, longest := math.MaxInt, 0
	for _, r := range s.all() {
		if r.OutputsOnly {
			continue
		}
		shortest, longest = min(shortest, r.Spec.Epochs), max(longest, r.Spec.Epochs)
	}
	if longest == 0 {
		return nil
	}
	trained := text.Count(longest, "epoch")
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
	switch dataset {
	case "cifar10", "cifar100":
		return 300
	case "imagenet":
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
	return []string{"Trained on " + text.Count(smallest, "image") + ", a part of the training set."}
}
