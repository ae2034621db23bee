package calibrate

import "github.com/dismax-go/dismax/dismaxlib/metrics"

// MinTemperature and MaxTemperature bound both searches, as they bound the published one. Confidences do not honestly
// come from outside: there every probability is 0, 1 or 1/classes.
const (
	MinTemperature = 0.001
	MaxTemperature = 100.0
)

// The values of Result.Criterion, as records and the command line name them.
const (
	CriterionECE = "ece"
	CriterionNLL = "nll"
)

// Result is a fitted temperature.
type Result struct {
	Temperature float64
	Criterion   string  // CriterionECE or CriterionNLL
	Objective   float64 // the criterion's value at Temperature
	Before      float64 // its value at temperature 1
}

// check refuses logits and labels that metrics would refuse, and returns the logits as they are before any temperature.
// A fitted temperature is thus always that of the raw logits: calibrating twice finds it twice and does not undo it.
func check(logits metrics.Logits, labels []int32) (metrics.Logits, error) {
	raw := logits.At(1)
	return raw, raw.Check(labels)
}
