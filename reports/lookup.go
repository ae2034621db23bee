package reports

import (
	"fmt"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/record"
)

// absent is the error of what a record does not hold.
type absent struct{ text string }

func (a absent) Error() string { return a.text }

func absentf(format string, args ...any) error { return absent{fmt.Sprintf(format, args...)} }

// outOfDistribution returns the record's results on the set.
func outOfDistribution(r *record.Record, set string) (*record.OutOfDistribution, error) {
	var names []string
	for i := range r.OutOfDistribution {
		if r.OutOfDistribution[i].Set.Name == set {
			return &r.OutOfDistribution[i], nil
		}
		names = append(names, r.OutOfDistribution[i].Set.Name)
	}
	return nil, absentf("the record of %s has no out-of-distribution set %q: it has %s",
		describe(r), set, listOrNone(names))
}

// detection returns the record's results on the set with the score; "" stands for the one that goes with its loss.
func detection(r *record.Record, set, score string) (*record.Detection, error) {
	out, err := outOfDistribution(r, set)
	if err != nil {
		return nil, err
	}
	if score == "" {
		if len(r.Loss.Scores) == 0 {
			return nil, absentf("the record of %s does not say which score goes with its loss: name one of %s",
				describe(r), listOrNone(scoreNames(out)))
		}
		score = r.Loss.Scores[0]
	}
	for i := range out.Scores {
		if out.Scores[i].Score == score {
			return &out.Scores[i], nil
		}
	}
	return nil, absentf("the record of %s has no score %q on %s: it has %s",
		describe(r), score, set, listOrNone(scoreNames(out)))
}

func scoreNames(out *record.OutOfDistribution) []string {
	var names []string
	for _, d := range out.Scores {
		names = append(names, d.Score)
	}
	return names
}

// describe names a record in an error.
func describe(r *record.Record) string {
	return fmt.Sprintf("%s, %s, %s, seed %d", r.Spec.Dataset, r.Spec.Model, r.Spec.Loss, r.Spec.Seed)
}

func listOrNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
