package reports

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
	runs         measurement
	better       direction
}

func textCell(text string) cell { return cell{text: text} }

// runsCell is the mean of the group's runs with its deviation. Cells of one key are compared with each other, by seed.
func (g *group) runsCell(m shown, runs measurement, key string) cell {
	c := numberCell(m, runs.statistic())
	if g.hasSeeds() {
		c.key, c.runs, c.better = key, runs, m.better
	}
	return c
}

// numberCell is a mean with its deviation.
func numberCell(m shown, s statistic) cell {
	mean, spread := s.times(m.scale).parts(m.decimals)
	return cell{text: mean, spread: spread}
}
