package detect

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/dismax-go/dismax/dismaxlib/calibrate"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
)

// Sets turns logits into sets of classes, the larger the less certain the network is. A new input, drawn like the n rows
// that the sets were calibrated on, has its class in its set with a probability of at least 1 - Alpha (split conformal
// prediction; Vovk, Gammerman and Shafer 2005; Angelopoulos and Bates 2021, arXiv 2107.07511). That holds for every
// network and every n, on average over inputs and over the draw of the rows; not for each class, and not for
// out-of-distribution inputs. [THR], [APS] and [APSNonEmpty] make them.
type Sets struct {
	Method      string  // "THR", "APS" or "APS, not empty"
	Alpha       float64 // share of inputs whose class may be missing
	Temperature float64 // that probabilities are read at
	Classes     int
	Rows        int // n, that Quantile was taken of

	// Quantile is the k-th smallest score of the calibration rows, k = ceil((n+1) (1-Alpha)), and +Inf, which puts every
	// class into every set, where k is above n.
	Quantile float64
}

// FitTemperature finds a temperature on labelled logits: [calibrate.ByNLL], for instance.
type FitTemperature func(logits metrics.Logits, labels []int32) (calibrate.Result, error)

// THR makes the smallest sets, of the classes whose probability is high enough (Sadinle, Lei and Wasserman 2019, arXiv
// 1609.00451; also called LAC): the score of a class is 1 - p. A set may be empty.
//
// Logits and labels are of held-out rows, in-distribution, that the network was not trained on. The guarantee needs
// probabilities that did not see the rows of the quantile. So THR fits the temperature itself, on a random half of the
// rows, the same in every call, and takes the quantile of the other half. Without fit it takes that of all rows, at the
// temperature that the logits carry: this must be 1, or have been chosen on other rows.
func THR(logits metrics.Logits, labels []int32, alpha float64, fit FitTemperature) (*Sets, error) {
	return newSets(thr, logits, labels, alpha, fit)
}

// APS makes adaptive sets, whose size says how uncertain a row is (Romano, Sesia and Candès 2020, arXiv 2006.02544,
// without randomization): the score of a class is the sum of the probabilities from the largest down to its own, which is
// included. A set may be empty, where the largest probability alone is above the quantile. Arguments as for [THR].
func APS(logits metrics.Logits, labels []int32, alpha float64, fit FitTemperature) (*Sets, error) {
	return newSets(aps, logits, labels, alpha, fit)
}

// APSNonEmpty makes the sets of [APS] with one class more: from the most probable class down to the first at which the sum
// of probabilities reaches the quantile (Angelopoulos and Bates 2021, arXiv 2107.07511, section 2.1). No set is empty.
func APSNonEmpty(logits metrics.Logits, labels []int32, alpha float64, fit FitTemperature) (*Sets, error) {
	return newSets(apsNonEmpty, logits, labels, alpha, fit)
}

// The methods of Sets.
const (
	thr         = "THR"
	aps         = "APS"
	apsNonEmpty = "APS, not empty"
)

func newSets(method string, logits metrics.Logits, labels []int32, alpha float64, fit FitTemperature) (*Sets, error) {
	if !(alpha > 0 && alpha < 1) {
		return nil, fmt.Errorf("detect: alpha is %g, want a share between 0 and 1", alpha)
	}
	if err := logits.Check(labels); err != nil {
		return nil, fmt.Errorf("detect: %s sets: %w", method, err)
	}
	if fit != nil {
		var err error
		if logits, labels, err = fitOnHalf(logits, labels, fit); err != nil {
			return nil, fmt.Errorf("detect: %s sets: %w", method, err)
		}
	}
	s := &Sets{
		Method: method, Alpha: alpha, Temperature: logits.Temperature(),
		Classes: logits.Classes, Rows: len(labels), Quantile: math.Inf(1),
	}
	scores := make([]float64, len(labels))
	for row, label := range labels {
		ofClasses, _ := s.scores(logits.Probabilities(row))
		scores[row] = ofClasses[label]
	}
	slices.Sort(scores)
	if k := len(scores) + 1 - wholeShare(alpha, len(scores)); k <= len(scores) {
		s.Quantile = scores[k-1]
	}
	return s, nil
}

// fitOnHalf returns half of the rows, at the temperature that fits the other half.
func fitOnHalf(logits metrics.Logits, labels []int32, fit FitTemperature) (metrics.Logits, []int32, error) {
	if len(labels) < 2 {
		return logits, nil, fmt.Errorf("%d row: want some to fit the temperature on and others for the quantile", len(labels))
	}
	rows := rand.New(rand.NewPCG(1, 0)).Perm(len(labels))
	result, err := fit(logits.Select(labels, rows[:len(rows)/2]))
	if err != nil {
		return logits, nil, fmt.Errorf("fitting the temperature: %w", err)
	}
	rest, restLabels := logits.Select(labels, rows[len(rows)/2:])
	return rest.At(result.Temperature), restLabels, nil
}

// Of returns the set of each row of raw logits: its classes, ascending. The temperature of the sets replaces one that the
// logits carry.
func (s *Sets) Of(logits metrics.Logits) ([][]int, error) {
	if err := logits.Check(make([]int32, logits.Rows())); err != nil {
		return nil, fmt.Errorf("detect: %s sets: %w", s.Method, err)
	}
	if logits.Classes != s.Classes {
		return nil, fmt.Errorf("detect: there are logits of %d classes, and the sets were calibrated on %d", logits.Classes, s.Classes)
	}
	logits = logits.At(s.Temperature)
	sets := make([][]int, logits.Rows())
	for row := range sets {
		sets[row] = s.set(logits.Probabilities(row))
	}
	return sets, nil
}

// set returns the classes whose score is within the quantile, and for sets that are not empty the next one too, unless
// the quantile is met exactly.
func (s *Sets) set(probabilities []float64) []int {
	scores, before := s.scores(probabilities)
	var set []int
	for class := range scores {
		isIn := scores[class] <= s.Quantile
		if s.Method == apsNonEmpty {
			isIn = before[class] < s.Quantile
		}
		if isIn {
			set = append(set, class)
		}
	}
	return set
}

// scores returns the score of each class, the larger the less it belongs to the row; and, but for THR, that of the class
// that is the next more probable, 0 for the most probable one.
func (s *Sets) scores(probabilities []float64) (scores, before []float64) {
	scores, before = make([]float64, len(probabilities)), make([]float64, len(probabilities))
	if s.Method == thr {
		for class, p := range probabilities {
			scores[class] = 1 - p
		}
		return scores, nil
	}
	sum := 0.0
	for _, class := range byProbability(probabilities) {
		before[class] = sum
		sum += probabilities[class]
		scores[class] = sum
	}
	return scores, before
}

// byProbability returns the classes, the most probable first, and of equals the first.
func byProbability(probabilities []float64) []int {
	classes := make([]int, len(probabilities))
	for class := range classes {
		classes[class] = class
	}
	slices.SortStableFunc(classes, func(a, b int) int { return cmp.Compare(probabilities[b], probabilities[a]) })
	return classes
}
