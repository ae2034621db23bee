package reports

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/dismaxlib/record"
)

// Results is the comparison of runs, ready to be written in one of four forms. Runs on different data sets stand in
// different sections.
type Results struct {
	sections []*section
}

// Table compares the records: accuracy, NLL, ECE and temperature of each loss and model, and how well each score tells
// the out-of-distribution sets from the test images. Records whose specs differ in nothing but the seed become one row
// with mean ± sample standard deviation. The best mean of a column is bold; the paper's numbers, where it has the data
// set, model and loss, stand below. Nil records are left out.
func Table(records ...*record.Record) *Results {
	return &Results{sections: sections(records)}
}

// grid is a table in no particular form.
type grid struct {
	name    string // in labels of LaTeX
	title   string
	folded  bool // closed at first where a form can do that
	columns []column
	rows    []row
	notes   []string // each a sentence or two, below the table
}

type column struct {
	title    string
	numbers  bool // aligned to the right
	optional bool // left out on narrow screens
}

// row is a line of a grid: a heading that spans all columns, or cells.
type row struct {
	heading string
	paper   bool
	cells   []cell
}

// cell is a text, or a number with its deviation.
type cell struct {
	text, spread string
	best         bool
	key          string // what makes the number comparable within its column, "" for none
	value        statistic
	better       direction
}

func textCell(text string) cell { return cell{text: text} }

func numberCell(m shown, s statistic, key string) cell {
	mean, spread := s.times(m.scale).parts(m.decimals)
	return cell{text: mean, spread: spread, key: key, value: s, better: m.better}
}

// grids are the tables of one section.
func (s *section) grids() []grid {
	grids := []grid{s.testGrid()}
	first, others := s.detectionGrid(true), s.detectionGrid(false)
	if len(first.rows) > 0 {
		grids = append(grids, first)
	}
	if len(others.rows) > 0 {
		grids = append(grids, others)
	}
	return grids
}

// testGrid holds the in-distribution results, one row for each group.
func (s *section) testGrid() grid {
	g := grid{name: "test", title: "Classification and calibration", columns: []column{{title: "Loss"},
		{title: "Model", optional: s.models() == 1}, {title: "Runs", numbers: true}}}
	measured := slices.DeleteFunc(slices.Clone(testMetrics), func(m testMetric) bool { return m.title == "" })
	if !slices.ContainsFunc(s.all(), func(r *record.Record) bool { return inferenceSpeed(r) != notMeasured }) {
		measured = slices.DeleteFunc(measured, func(m testMetric) bool { return m.key == "inference_images_per_second" })
	}
	for _, metric := range measured {
		g.columns = append(g.columns, column{title: metric.title, numbers: true})
	}
	for i, group := range s.groups {
		line := row{cells: []cell{textCell(group.label), textCell(modelTitle(group.spec.Model)),
			textCell(strconv.Itoa(len(group.records)))}}
		for _, metric := range measured {
			line.cells = append(line.cells, numberCell(metric.shown, metric.overRuns(group), metric.key))
		}
		g.rows = append(g.rows, line)
		if numbers := s.paperBelow(i); numbers != nil {
			line := row{paper: true, cells: []cell{textCell("paper"), textCell(modelTitle(group.spec.Model)),
				textCell("")}}
			for _, metric := range measured {
				value := statistic{}
				if metric.paper != nil {
					value = metric.paper(numbers)
				}
				line.cells = append(line.cells, numberCell(metric.shown, value, ""))
			}
			g.rows = append(g.rows, line)
		}
	}
	markBest(g.rows)
	g.notes = s.testNotes()
	return g
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

// detectionGrid holds, for each out-of-distribution set, one row for each group with the first of its scores, the
// paper's for its loss, or else one row for each of the other scores.
func (s *section) detectionGrid(first bool) grid {
	g := grid{name: "detection", title: "Out-of-distribution detection", notes: s.detectionNotes()}
	if !first {
		g.name, g.title, g.folded, g.notes = "other-scores", "Out-of-distribution detection with other scores", true, nil
	}
	g.columns = []column{{title: "Loss"}, {title: "Model", optional: s.models() == 1}, {title: "Score"}}
	measured := slices.DeleteFunc(slices.Clone(detectionMetrics), func(m detectionMetric) bool { return m.title == "" })
	for _, metric := range measured {
		g.columns = append(g.columns, column{title: metric.title, numbers: true})
	}
	for _, set := range s.outSets() {
		var rows []row
		for i, group := range s.groups {
			for at, score := range group.scores(set) {
				if (at == 0) != first {
					continue
				}
				rows = append(rows, group.detectionRow(measured, set, score))
				if numbers := s.paperBelow(i); numbers != nil && score == group.score {
					rows = append(rows, group.paperDetection(measured, numbers, set)...)
				}
			}
		}
		if len(rows) > 0 {
			g.rows = append(append(g.rows, row{heading: "against " + setTitle(set)}), rows...)
		}
	}
	markBest(g.rows)
	return g
}

// detectionRow is what the runs of the group reach on the set with the score.
func (g *group) detectionRow(measured []detectionMetric, set, score string) row {
	line := row{cells: []cell{textCell(g.label), textCell(modelTitle(g.spec.Model)), textCell(score)}}
	for _, metric := range measured {
		line.cells = append(line.cells, numberCell(metric.shown, metric.overRuns(g, set, score), metric.key+" "+set))
	}
	return line
}

// paperDetection is the row of the paper's numbers on the set; none if it has none there.
func (g *group) paperDetection(measured []detectionMetric, numbers *published, set string) []row {
	line := row{paper: true, cells: []cell{textCell("paper"), textCell(modelTitle(g.spec.Model)), textCell(g.score)}}
	some := false
	for _, metric := range measured {
		value := metric.paperOn(numbers, set)
		some = some || value.n > 0
		line.cells = append(line.cells, numberCell(metric.shown, value, ""))
	}
	if !some {
		return nil
	}
	return []row{line}
}

// scores names the scores of the group on the set, the paper's for its loss first.
func (g *group) scores(set string) []string {
	var names []string
	for _, r := range g.records {
		out, err := outOfDistribution(r, set)
		if err != nil {
			continue
		}
		for _, d := range out.Scores {
			if !slices.Contains(names, d.Score) {
				names = append(names, d.Score)
			}
		}
	}
	if at := slices.Index(names, g.score); at > 0 {
		names = slices.Insert(slices.Delete(names, at, at+1), 0, g.score)
	}
	return names
}

// markBest marks the best of the comparable numbers of each column, and those that look the same when written, unless
// that is all of them.
func markBest(rows []row) {
	type contest struct {
		text string
		mean float64
		same bool // all numbers so far look the same
	}
	contests := map[string]*contest{}
	each := func(visit func(*cell)) {
		for _, row := range rows {
			for i := range row.cells {
				if c := &row.cells[i]; c.key != "" && c.better != neither && c.value.n > 0 && finite(c.value.mean) {
					visit(c)
				}
			}
		}
	}
	each(func(c *cell) {
		best := contests[c.key]
		if best == nil {
			contests[c.key] = &contest{c.text, c.value.mean, true}
			return
		}
		best.same = best.same && c.text == best.text
		if c.better == higher && c.value.mean > best.mean || c.better == lower && c.value.mean < best.mean {
			best.text, best.mean = c.text, c.value.mean
		}
	})
	each(func(c *cell) { c.best = !contests[c.key].same && c.text == contests[c.key].text })
}

// testNotes names the conventions of the table of in-distribution results.
func (s *section) testNotes() []string {
	notes := []string{s.calibrationNote() + " NLL in nats."}
	if slices.ContainsFunc(s.groups, func(g *group) bool { return len(g.records) > 1 }) {
		notes = append(notes, "Mean ± sample standard deviation over the runs, which differ in nothing but the seed.")
	}
	if len(s.groups) > 1 {
		notes = append(notes, "Bold: the best mean of the column, whatever the deviations.")
	}
	for _, source := range s.paperSources() {
		notes = append(notes, "Paper: "+source+".")
	}
	return notes
}

// calibrationNote says what before and after mean.
func (s *section) calibrationNote() string {
	var bins, criteria, where []string
	for _, g := range s.groups {
		bins = appendNew(bins, strconv.Itoa(g.spec.CalibrationBins))
		criteria = appendNew(criteria, strings.ToUpper(g.spec.CalibrationCriterion))
		if g.spec.Protocol == record.Paper {
			where = appendNew(where, "the test images")
		} else {
			where = appendNew(where, "held-out training images")
		}
	}
	return fmt.Sprintf("ECE: %s equal bins of the largest probability. Before: at temperature 1; "+
		"after: at the temperature that minimizes the %s on %s.",
		strings.Join(bins, " or "), strings.Join(criteria, " or "), strings.Join(where, " or "))
}

// detectionNotes names the conventions of the table of out-of-distribution detection.
func (s *section) detectionNotes() []string {
	notes := []string{"Scores at temperature 1; a larger score is more in-distribution. AUPR-in and AUPR-out: area " +
		"under the precision-recall curve with in- and out-of-distribution as the positive class."}
	for _, name := range s.conventions() {
		if convention, err := metrics.ConventionByName(name); err == nil {
			notes = append(notes, convention.Explain())
		} else {
			notes = append(notes, "Convention: "+name+".")
		}
	}
	for _, g := range s.groups {
		if paperNumbers(g.spec) != nil {
			return append(notes, "The paper's AUPR is AUPR-out.")
		}
	}
	return notes
}

// conventions names the definitions behind the detection results, each once.
func (s *section) conventions() []string {
	var conventions []string
	for _, r := range s.all() {
		for _, out := range r.OutOfDistribution {
			for _, d := range out.Scores {
				if d.Convention != "" {
					conventions = appendNew(conventions, d.Convention)
				}
			}
		}
	}
	return conventions
}

// paperSources names where the paper's numbers of the section come from.
func (s *section) paperSources() []string {
	var sources []string
	for _, g := range s.groups {
		if numbers := paperNumbers(g.spec); numbers != nil {
			sources = appendNew(sources, numbers.source)
		}
	}
	return sources
}

// appendNew appends the text if the list does not hold it yet.
func appendNew(list []string, text string) []string {
	if slices.Contains(list, text) {
		return list
	}
	return append(list, text)
}
