package detect

import (
	"errors"
	"fmt"
	"slices"

	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/dismax-go/dismax/internal/text"
)

// Measured is what a detector is worth on a test set: how many of its inputs it refused. Of a known set, which is
// in-distribution, those are false alarms; of an unknown one, those that were not refused were missed.
type Measured struct {
	Set     string `json:"set"`
	Known   bool   `json:"known"`
	Inputs  int    `json:"inputs"`
	Refused int    `json:"refused"`         // their score is below the threshold
	Right   int    `json:"right,omitempty"` // of a known set: not refused, and classified correctly
}

// String says what the detector is worth on the set in a line: "5.1% of 10,000 inputs of cifar10 refused, 86.0% named
// rightly", or of an unknown set how many were refused and how many missed.
func (m Measured) String() string {
	percent := func(n int) string { return fmt.Sprintf("%.1f%%", 100*float64(n)/float64(m.Inputs)) }
	refused := fmt.Sprintf("%s of %s of %s refused", percent(m.Refused), text.Count(m.Inputs, "input"), m.Set)
	if m.Known {
		return fmt.Sprintf("%s, %s named rightly", refused, percent(m.Right))
	}
	return fmt.Sprintf("%s, %s missed", refused, percent(m.Inputs-m.Refused))
}

// check refuses what says nothing or contradicts itself, so that no file holds it.
func (m Measured) check() error {
	accepted := m.Inputs - m.Refused
	if m.Set == "" || m.Inputs < 1 || m.Refused < 0 || accepted < 0 || m.Right < 0 || m.Right > accepted || m.Right > 0 && !m.Known {
		return fmt.Errorf("what was measured on %q says nothing or contradicts itself: %d inputs, %d refused, %d right",
			m.Set, m.Inputs, m.Refused, m.Right)
	}
	return nil
}

// Measure lets the detector answer for a test set, as [Detector.DetectOutputs] does, and keeps the counts under the
// name of the set, in place of former ones: the file has them, too. Labels are the right classes of the inputs of a
// known set, one for each, and nil for an unknown set. The held-out inputs of the threshold are no test set.
func (d *Detector) Measure(set string, outputs *network.Outputs, labels []int32) (Measured, error) {
	if set == "" {
		return Measured{}, errors.New("detect: measuring needs the name of the test set")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	answers, err := d.answer(outputs)
	if err != nil {
		return Measured{}, fmt.Errorf("measuring on %s: %w", set, err)
	}
	if labels != nil && len(labels) != len(answers) {
		return Measured{}, fmt.Errorf("detect: measuring on %s: there are %d labels for %d inputs", set, len(labels), len(answers))
	}
	if i := slices.IndexFunc(labels, func(label int32) bool { return label < 0 || int(label) >= len(d.parts.ClassNames) }); i >= 0 {
		return Measured{}, fmt.Errorf("detect: measuring on %s: labels[%d] is %d, want 0 to %d: the labels of an unknown set are nil",
			set, i, labels[i], len(d.parts.ClassNames)-1)
	}
	m := Measured{Set: set, Known: labels != nil, Inputs: len(answers)}
	for i, answer := range answers {
		switch {
		case !answer.In:
			m.Refused++
		case m.Known && answer.Class == int(labels[i]):
			m.Right++
		}
	}
	if err := m.check(); err != nil {
		return Measured{}, fmt.Errorf("detect: %w", err)
	}
	d.measured = slices.DeleteFunc(d.measured, func(former Measured) bool {
		return former.Set == m.Set && former.Known == m.Known
	})
	d.measured = append(d.measured, m)
	return m, nil
}

// Measured returns what was measured, in the order of the sets. It is empty if nothing was.
func (d *Detector) Measured() []Measured {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.measured)
}
