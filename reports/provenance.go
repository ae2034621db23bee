package reports

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/internal/text"
)

// provenance is what was run: settings, runs, data and software of a section.
func (s *section) provenance() []grid {
	return []grid{s.settingsGrid(), s.runsGrid(), s.dataGrid(), s.softwareGrid()}
}

// settingsGrid holds every choice of the specs; where rows differ, it names them.
func (s *section) settingsGrid() grid {
	g := grid{title: "Settings", columns: []column{{title: "Setting"}, {title: "Value"}}}
	for i, field := range s.groups[0].choices() {
		if field.name == "loss" || field.name == "model" {
			continue
		}
		var values []string
		for _, group := range s.groups {
			values = appendNew(values, group.choices()[i].value)
		}
		value := values[0]
		if len(values) == 1 && field.usual() {
			continue
		}
		if len(values) > 1 {
			var parts []string
			for _, group := range s.groups {
				parts = appendNew(parts, group.title+": "+group.choices()[i].value)
			}
			value = strings.Join(parts, "; ")
		}
		g.rows = append(g.rows, row{cells: []cell{textCell(field.name), textCell(value)}})
	}
	return g
}

// runsGrid holds one row for each record.
func (s *section) runsGrid() grid {
	g := grid{title: "Runs", columns: []column{{title: "Loss"}, {title: "Model"}, {title: "Parameters", numbers: true},
		{title: "Seed", numbers: true}, {title: "Final loss", numbers: true}, {title: "Training", numbers: true},
		{title: "Images/s", numbers: true}, {title: "Backend"}, {title: "Device"}, {title: "Recorded"}}}
	for _, group := range s.groups {
		for _, r := range group.records {
			final, speed := missing, missing
			if n := len(r.Epochs); n > 0 {
				final = formatNumber(r.Epochs[n-1].Loss, 4)
				speed = formatNumber(meanSpeed(r.Epochs), 0)
			}
			parameters := text.Digits(r.Model.Parameters)
			duration := (time.Duration(r.TrainSeconds * float64(time.Second))).Round(time.Second).String()
			if r.Resumed > 0 {
				duration += fmt.Sprintf(" (resumed %d times)", r.Resumed)
				duration = strings.Replace(duration, " 1 times", " once", 1)
			}
			if r.OutputsOnly {
				parameters, duration = missing, missing
			}
			g.rows = append(g.rows, row{cells: []cell{textCell(group.label), textCell(group.model),
				textCell(parameters), textCell(strconv.FormatInt(r.Spec.Seed, 10)), textCell(final),
				textCell(duration), textCell(speed), textCell(r.Backend.Name), textCell(deviceText(r.Backend)),
				textCell(r.Created.UTC().Format("2006-01-02 15:04"))}})
		}
	}
	g.notes = []string{"Training: wall-clock time of the steps, over all sessions. Images/s: training images, mean over the epochs. " +
		"Recorded: UTC."}
	return g
}

// meanSpeed is the mean of images per second over the epochs, each counted by its duration.
func meanSpeed(epochs []record.Epoch) float64 {
	images, seconds := 0.0, 0.0
	for _, epoch := range epochs {
		images += epoch.ImagesPerSecond * epoch.Seconds
		seconds += epoch.Seconds
	}
	if seconds == 0 {
		return 0
	}
	return images / seconds
}

// deviceText is the device with the number of its cores, its instruction set, and what it rounds to TF32; and how many of
// them there were.
func deviceText(b record.Backend) string {
	device := b.Device
	if b.Cores > 0 && !strings.Contains(device, " core") {
		device += ", " + text.Count(b.Cores, "core")
	}
	if b.Instructions != "" && !strings.Contains(device, b.Instructions) {
		device += ", " + b.Instructions
	}
	if b.TF32 != "" {
		device += ", TF32: " + b.TF32
	}
	if b.Devices > 1 {
		device += ", " + text.Count(b.Devices, "device")
	}
	return device
}

// dataGrid identifies the images, one row for each different set.
func (s *section) dataGrid() grid {
	g := grid{title: "Data", columns: []column{{title: "Role"}, {title: "Set"}, {title: "Found"},
		{title: "Images", numbers: true}, {title: "SHA-256 of pixels and labels"}}}
	seen := map[string]bool{}
	add := func(role string, set record.Set) {
		key := fmt.Sprint(role, set)
		if seen[key] || set.Images == 0 {
			return
		}
		seen[key] = true
		g.rows = append(g.rows, row{cells: []cell{textCell(role), textCell(setTitle(set)), textCell(set.Found),
			textCell(text.Digits(set.Images)), textCell(set.SHA256)}})
	}
	for _, r := range s.all() {
		add("training", r.Data.Train)
	}
	for _, r := range s.all() {
		add(heldOutRole(r), r.Data.Validation)
	}
	for _, r := range s.all() {
		add("test", r.Data.Test)
	}
	for _, name := range s.outSets() {
		for _, r := range s.all() {
			if out, err := outOfDistribution(r, name); err == nil {
				add("out-of-distribution", out.Set)
			}
		}
	}
	return g
}

// heldOutRole says what the held-out images served.
func heldOutRole(r *record.Record) string {
	if len(r.HeldOut.Choices) == 0 {
		return "validation"
	}
	return "validation, for " + text.And(r.HeldOut.Choices)
}

// softwareGrid holds one row for each different set of versions.
func (s *section) softwareGrid() grid {
	g := grid{title: "Software", columns: []column{{title: "DisMax"}, {title: "Go"}, {title: "GoMLX"}, {title: "Compute"},
		{title: "Go-XLA"}, {title: "SIMD"}}}
	seen := map[string]bool{}
	for _, r := range s.all() {
		v := r.Versions
		if seen[versionText(v)] {
			continue
		}
		seen[versionText(v)] = true
		g.rows = append(g.rows, row{cells: []cell{textCell(v.DisMax), textCell(v.Go), textCell(v.GoMLX), textCell(v.Compute),
			textCell(v.GoXLA), textCell(fieldText(v.SIMD))}})
	}
	return g
}

func versionText(v record.Versions) string {
	return strings.Join([]string{v.DisMax, v.Go, v.GoMLX, v.Compute, v.GoXLA, fieldText(v.SIMD)}, " ")
}
