package reports

import "github.com/dismax-go/dismax/dismaxlib/record"

// Results is the comparison of runs, ready to be written in one of four forms. Runs on different data sets stand in
// different sections.
type Results struct {
	sections []*section
}

// Table compares the records: accuracy, NLL, ECE and temperature of each loss and model, and how well each score
// separates the out-of-distribution sets from the test images. Records that differ in nothing but the seed become one
// row with mean ± sample standard deviation. A mean is bold if it is best by differences paired by seed, from three
// shared seeds up; rows without seeds, such as ensembles, are not compared. The paper's numbers, where it has the data
// set, model and loss, stand below. Titles and scores are those of the records. Nil records are left out.
func Table(records ...*record.Record) *Results {
	return &Results{sections: sections(records)}
}

// grids are the tables of one section.
func (s *section) grids() []grid {
	grids := []grid{s.testGrid()}
	first, others := s.detectionGrid(true), s.detectionGrid(false)
	if len(first.rows) > 0 {
		grids = append(grids, first)
	}
	if differences := s.differencesGrid(); len(differences.rows) > 0 {
		grids = append(grids, differences)
	}
	if nearFar := s.nearFarGrid(); len(nearFar.rows) > 0 {
		grids = append(grids, nearFar)
	}
	if len(others.rows) > 0 {
		if len(first.rows) == 0 {
			others.notes = append(s.detectionConventions(), others.notes...)
		}
		grids = append(grids, others)
	}
	if intervals := s.intervalsGrid(); len(intervals.rows) > 0 {
		grids = append(grids, intervals)
	}
	return grids
}

// documentGrids are those, and the paper's layout, which is too long for a terminal or a notebook's cell.
func (s *section) documentGrids() []grid {
	grids := s.grids()
	if layout := s.paperLayout(); len(layout.rows) > 0 {
		grids = append(grids, layout)
	}
	return grids
}

// paperBelow returns the paper's numbers for the group if no later group has the same loss and model.
func (s *section) paperBelow(i int) *published {
	g := s.groups[i]
	for _, later := range s.groups[i+1:] {
		if later.spec.Loss == g.spec.Loss && later.spec.Model == g.spec.Model {
			return nil
		}
	}
	return paperNumbers(g.spec)
}
