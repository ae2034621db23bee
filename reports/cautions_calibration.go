package reports

import (
	"slices"

	"github.com/dismax-go/dismax/dismaxlib/calibrate"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/internal/text"
)

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
		return r.Test.Temperature > 0 && calibrate.AtBound(r.Test.Temperature)
	})
	if names == "" {
		return nil
	}
	return []string{"The temperature of " + names + " lies at the end of the range that was searched: " +
		"no temperature calibrates this model."}
}

// checkHeldOut finds runs whose held-out images chose the network and fitted its temperature.
func checkHeldOut(s *section) []string {
	var names, choices []string
	for _, g := range s.groups {
		for _, r := range g.records {
			chosen := networkChoices(r)
			if len(chosen) == 0 {
				continue
			}
			names = appendNew(names, s.fullLabel(g))
			for _, choice := range chosen {
				choices = appendNew(choices, choice)
			}
		}
	}
	if len(names) == 0 {
		return nil
	}
	return []string{"The held-out images of " + text.And(names) + " served to choose the network (" +
		text.And(choices) + "): what is fitted on them, a temperature or a threshold, is a little too sure on new images."}
}

// networkChoices are the choices on the held-out images that changed the network, as a temperature does not.
func networkChoices(r *record.Record) []string {
	var choices []string
	for _, choice := range r.HeldOut.Choices {
		if choice != "temperature" {
			choices = append(choices, choice)
		}
	}
	return choices
}
