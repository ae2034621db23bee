package reports

import "strconv"

// markBest marks, in each column, the best mean and those that cannot be distinguished from it: their difference from
// it, paired by seed, has a 95% interval that holds 0, where the intervals of all pairs of the column hold together. It
// marks none of a column where that is all of them, or where two numbers cannot be compared. Rows without seeds take no
// part.
func markBest(rows []row) {
	var keys []string
	contests := map[string][]*cell{}
	for _, row := range rows {
		for i := range row.cells {
			c := &row.cells[i]
			if c.key != "" && c.better != neither && len(c.runs.values) > 0 && finite(c.runs.statistic().mean) {
				keys = appendNew(keys, c.key)
				contests[c.key] = append(contests[c.key], c)
			}
		}
	}
	for _, key := range keys {
		cells := contests[key]
		if equals := notWorse(cells); len(equals) < len(cells) {
			for _, c := range equals {
				c.best = true
			}
		}
	}
}

// notWorse are the best of the cells and those that cannot be distinguished from it; all of them if some cannot be
// compared.
func notWorse(cells []*cell) []*cell {
	winner := cells[0]
	for _, c := range cells {
		a, b := c.runs.statistic().mean, winner.runs.statistic().mean
		if c.better == higher && a > b || c.better == lower && a < b {
			winner = c
		}
	}
	equals := []*cell{winner}
	for _, c := range cells {
		if c == winner {
			continue
		}
		d, err := compare(winner.runs, c.runs, len(cells)*(len(cells)-1)/2)
		if err != nil {
			return cells
		}
		if !d.certain() {
			equals = append(equals, c)
		}
	}
	return equals
}

// bestNote says what bold means, or why nothing is.
func (s *section) bestNote() string {
	if len(s.groups) < 2 {
		return ""
	}
	fewest, most, compared := strconv.Itoa(fewestSeeds), 0, 0
	for _, g := range s.groups {
		if g.hasSeeds() {
			most, compared = max(most, len(g.records)), compared+1
		}
	}
	if compared < 2 || most < fewestSeeds {
		return "No number is bold: which is best takes at least " + fewest + " seeds of each row."
	}
	note := "Bold: the best mean of the column and those that cannot be distinguished from it, by the 95% interval of " +
		"the difference paired by seed (Student's t, with Bonferroni's correction for the pairs of a column, not for " +
		"the number of columns); nothing where all are alike or share fewer than " + fewest + " seeds."
	if compared < len(s.groups) {
		note += " Rows without seeds of their own, ensembles and given outputs, are not compared."
	}
	return note
}
