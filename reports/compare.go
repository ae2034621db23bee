package reports

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// fewestSeeds is the least number of seeds that two groups must share for one to be called better. From two of them a
// standard deviation is hardly known: the interval would be thirteen standard errors wide on either side.
const fewestSeeds = 3

// difference is the mean difference between two groups, paired by seed: two runs of one seed had the same validation
// images, batches and crops.
type difference struct {
	mean, lower, upper float64 // the interval of Student's t distribution
	seeds              int
}

// Why two groups cannot be compared.
var (
	errFewSeeds  = fmt.Errorf("fewer than %d shared seeds: the difference may be chance", fewestSeeds)
	errNotFinite = errors.New("no difference: a value is not finite")
	errAlike     = errors.New("the same difference with every seed: how far others vary is unknown")
)

// rounding is the deviation, as a share of the mean, up to which differences count as equal.
const rounding = 1e-9

// compare returns a minus b over the seeds that both have, as one of so many comparisons: all of their 95% intervals
// hold together (Bonferroni). The error is errFewSeeds, errNotFinite or, where all differences are equal and not 0,
// errAlike: few runs may agree by chance, as on few images, and an interval of no width would call that certain.
func compare(a, b measurement, comparisons int) (difference, error) {
	left, right := a.bySeed(), b.bySeed()
	var differences []float64
	for _, seed := range a.seeds {
		values, ok := left[seed]
		other, shared := right[seed]
		if ok && shared {
			differences = append(differences, stat.Mean(values, nil)-stat.Mean(other, nil))
			delete(left, seed)
		}
	}
	n := len(differences)
	if n < fewestSeeds {
		return difference{}, errFewSeeds
	}
	mean, std := stat.MeanStdDev(differences, nil)
	if !finite(mean) {
		return difference{}, errNotFinite
	}
	if mean != 0 && std <= rounding*math.Abs(mean) {
		return difference{}, errAlike
	}
	student := distuv.StudentsT{Sigma: 1, Nu: float64(n - 1)}
	room := student.Quantile(1-0.025/float64(comparisons)) * std / math.Sqrt(float64(n))
	return difference{mean, mean - room, mean + room, n}, nil
}

// bySeed are the values of each seed: more than one where a run was repeated.
func (m measurement) bySeed() map[int64][]float64 {
	values := map[int64][]float64{}
	for i, seed := range m.seeds {
		values[seed] = append(values[seed], m.values[i])
	}
	return values
}

// certain reports whether the interval excludes 0.
func (d difference) certain() bool { return d.lower > 0 || d.upper < 0 }

func (m measurement) statistic() statistic { return summarize(m.values) }
