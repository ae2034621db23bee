package reports

import (
	"strconv"

	"github.com/dismax-go/dismax/dismaxlib/metrics"
)

// significant is the p value, corrected for the number of comparisons in a table, below which a difference is bold.
const significant = 0.05

// contest is the best mean among the cells of one key, and the tests that it is better than each other.
type contest struct {
	winner *cell
	p      []float64
}

// markBest marks, in each column, the mean that is better than all others: by t tests of the differences paired by
// seed, with Holm's correction for all comparisons of the table. It marks none of a column where two numbers cannot be
// compared. Rows without seeds take no part.
func markBest(rows []row) {
	var contests []contest
	var all []float64
	for _, cells := range rivals(rows) {
		if c, ok := newContest(cells); ok {
			contests, all = append(contests, c), append(all, c.p...)
		}
	}
	corrected, err := metrics.Holm(all)
	if err != nil {
		return
	}
	for _, c := range contests {
		c.winner.best = true
		for range c.p {
			c.winner.best = c.winner.best && corrected[0] < significant
			corrected = corrected[1:]
		}
	}
}

// rivals are the numbers that are compared with each other, column by column.
func rivals(rows []row) (all [][]*cell) {
	at := map[string]int{}
	for _, row := range rows {
		for i := range row.cells {
			c := &row.cells[i]
			if c.key == "" || c.better == neither || len(c.runs.values) == 0 || !finite(c.runs.statistic().mean) {
				continue
			}
			if _, known := at[c.key]; !known {
				at[c.key], all = len(all), append(all, nil)
			}
			all[at[c.key]] = append(all[at[c.key]], c)
		}
	}
	return all
}

// newContest compares the best of the cells with each other one. It reports false where there is none, or where two
// cannot be compared.
func newContest(cells []*cell) (contest, bool) {
	c := contest{winner: cells[0]}
	for _, other := range cells {
		a, b := other.runs.statistic().mean, c.winner.runs.statistic().mean
		if other.better == higher && a > b || other.better == lower && a < b {
			c.winner = other
		}
	}
	for _, other := range cells {
		if other == c.winner {
			continue
		}
		d, err := compare(c.winner.runs, other.runs)
		if err != nil {
			return contest{}, false
		}
		c.p = append(c.p, d.P)
	}
	return c, len(c.p) > 0
}

// bestNote says what bold means, or why nothing is.
func (s *section) bestNote() string {
	if len(s.groups) < 2 {
		return ""
	}
	fewest, most, compared := strconv.Itoa(fewestPairs), 0, 0
	for _, g := range s.groups {
		if g.hasSeeds() {
			most, compared = max(most, len(g.records)), compared+1
		}
	}
	if compared < 2 || most < fewestPairs {
		return "No number is bold: which is best takes at least " + fewest + " seeds of each row."
	}
	note := "Bold: the best mean of a column, if it is better than every other by t tests of the differences paired by seed " +
		"(p < 0.05, with Holm's correction for these comparisons in all columns); none in a column with a row that shares " +
		"fewer than " + fewest + " seeds."
	if compared < len(s.groups) {
		note += " Rows without seeds of their own, ensembles and given outputs, are not compared."
	}
	return note
}
