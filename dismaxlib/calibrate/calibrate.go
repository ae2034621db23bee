package calibrate

// MinTemperature and MaxTemperature bound both searches, as they bound the published one. Confidences do not honestly
// come from outside: there every probability is 0, 1 or 1/classes.
const (
	MinTemperature = 0.001
	MaxTemperature = 100.0
)

// AtBound reports whether a fitted temperature lies at an end of the range that was searched: no temperature calibrates
// such a model.
func AtBound(temperature float64) bool {
	return temperature >= 0.99*MaxTemperature || temperature <= 1.01*MinTemperature
}

// The values of Result.Criterion, as records and the command line name them.
const (
	CriterionECE = "ece"
	CriterionNLL = "nll"
)

// Result is a fitted temperature. It is always that of the raw logits, whatever temperature they carried: calibrating
// twice finds it twice and does not undo it.
type Result struct {
	Temperature float64
	Criterion   string  // CriterionECE or CriterionNLL
	Objective   float64 // the criterion's value at Temperature
	Before      float64 // its value at temperature 1
}
