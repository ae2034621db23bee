package reports

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"gonum.org/v1/gonum/stat"
)

// fewestPairs is the least number of seeds that two groups must share for one to be called better. From two of them a
// standard deviation is hardly known: the interval would be thirteen standard errors wide on either side.
const fewestPairs = 3

// Why two groups cannot be compared.
var (
	errFewPairs  = fmt.Errorf("fewer than %d shared seeds: the difference may be chance", fewestPairs)
	errNotFinite = errors.New("no difference: a value is not finite")
	errAlike     = errors.New("the same difference with every seed: how far others vary is unknown")
)

// pairOf names what two runs have in common that are compared: two of one seed had the same validation images, batches
// and crops. Runs with classes held out belong together by these, whatever the seed, because a split of the classes says
// more of how hard the task is than a seed does.
func pairOf(r *record.Record) string {
	if len(r.Spec.HoldOutClasses) == 0 {
		return strconv.FormatInt(r.Spec.Seed, 10)
	}
	return strings.Join(slices.Sorted(slices.Values(r.Spec.HoldOutClasses)), ",")
}

// compare returns a minus b over the pairs that both have, of each the mean of its runs. The error is errFewPairs,
// errNotFinite or, where all differences are equal and not 0, errAlike: few runs may agree by chance, as on few images, and
// an interval of no width would call that certain.
func compare(a, b measurement) (metrics.PairedDifference, error) {
	ours, theirs := a.byPair(), b.byPair()
	var left, right []float64
	for _, pair := range a.pairs {
		values, have := ours[pair]
		others, shared := theirs[pair]
		if have && shared {
			left, right = append(left, stat.Mean(values, nil)), append(right, stat.Mean(others, nil))
			delete(ours, pair)
		}
	}
	if len(left) < fewestPairs {
		return metrics.PairedDifference{}, errFewPairs
	}
	for i := range left {
		if !finite(left[i] - right[i]) {
			return metrics.PairedDifference{}, errNotFinite
		}
	}
	d, err := metrics.Paired(left, right)
	if err != nil {
		return d, errAlike
	}
	return d, nil
}

// byPair are the values of each pair: more than one where a run was repeated.
func (m measurement) byPair() map[string][]float64 {
	values := map[string][]float64{}
	for i, pair := range m.pairs {
		values[pair] = append(values[pair], m.values[i])
	}
	return values
}

func (m measurement) statistic() statistic { return summarize(m.values) }
