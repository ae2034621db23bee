package main

import (
	"slices"

	"github.com/dismax-go/dismax/internal/bench"
)

// group is what was measured of one network in one precision.
type group struct {
	bench.Case
	precision string
	rows      []row
}

// row is what one engine measured of the group.
type row struct {
	engine  string
	rounds  map[int]*bench.Result // by the number of the round
	failure string                // of the last round that failed
}

// groups sorts the measurements: networks as in the list, engines ours first.
func (c *comparison) groups() []group {
	var made []group
	for _, m := range c.Measurements {
		i := slices.IndexFunc(made, func(g group) bool { return g.Case == m.Case && g.precision == m.Precision })
		if i < 0 {
			i, made = len(made), append(made, group{Case: m.Case, precision: m.Precision})
		}
		made[i].add(m)
	}
	slices.SortStableFunc(made, func(a, b group) int { return orderOf(a.Case) - orderOf(b.Case) })
	for _, g := range made {
		slices.SortStableFunc(g.rows, func(a, b row) int { return orderOfEngine(a.engine) - orderOfEngine(b.engine) })
	}
	return made
}

func (g *group) add(m measurement) {
	i := slices.IndexFunc(g.rows, func(r row) bool { return r.engine == m.Engine })
	if i < 0 {
		i, g.rows = len(g.rows), append(g.rows, row{engine: m.Engine, rounds: map[int]*bench.Result{}})
	}
	if m.Result == nil {
		g.rows[i].failure = m.Failure
		return
	}
	g.rows[i].rounds[m.Round] = m.Result
}

// orderOf is the place of a case in the list of networks; others come after those.
func orderOf(c bench.Case) int {
	i := slices.IndexFunc(workloads, func(n workload) bool { return n.Model == c.Model && n.Batch == c.Batch })
	if i < 0 {
		return len(workloads)
	}
	return i
}

// orderOfEngine puts goconv first, then XLA, JAX and PyTorch.
func orderOfEngine(name string) int {
	order := slices.Concat([]string{"goconv", "xla:cpu", "xla:cuda", jaxlibPlugin, "", jaxEngine}, torchEngines)
	if i := slices.Index(order, name); i >= 0 {
		return i
	}
	return slices.Index(order, "")
}

// row returns that of the engine, nil if it measured nothing.
func (g *group) row(engine string) *row {
	for i := range g.rows {
		if g.rows[i].engine == engine && len(g.rows[i].rounds) > 0 {
			return &g.rows[i]
		}
	}
	return nil
}

// best returns the row of those engines with the smallest median, nil if there is none.
func (g *group) best(engines []string, value quantity) *row {
	var best *row
	for _, engine := range engines {
		if r := g.row(engine); r != nil && (best == nil || r.median(value) < best.median(value)) {
			best = r
		}
	}
	return best
}

// quantity is one number of a result.
type quantity func(*bench.Result) float64

func trainSeconds(r *bench.Result) float64     { return r.Train.WallSeconds }
func firstStepSeconds(r *bench.Result) float64 { return r.FirstStepSeconds }
func peak(r *bench.Result) float64             { return float64(r.PeakBytes) }

func inferenceSeconds(r *bench.Result) float64 {
	if r.Inference == nil {
		return 0
	}
	return r.Inference.WallSeconds
}

// values are those of all rounds.
func (r *row) values(value quantity) []float64 {
	var values []float64
	for _, round := range r.numbers() {
		values = append(values, value(r.rounds[round]))
	}
	return values
}

// numbers are those of the rounds, ascending.
func (r *row) numbers() []int {
	var numbers []int
	for number := range r.rounds {
		numbers = append(numbers, number)
	}
	slices.Sort(numbers)
	return numbers
}

func (r *row) median(value quantity) float64 { return bench.Median(r.values(value)) }

// spread is the distance of the largest and the smallest round, as a share of the median.
func (r *row) spread(value quantity) float64 {
	values := r.values(value)
	return (slices.Max(values) - slices.Min(values)) / bench.Median(values)
}

// ratio is the median over the rounds of this row's value to the other's, and 0 if they have no round in common.
func (r *row) ratio(other *row, value quantity) float64 {
	var ratios []float64
	for _, round := range r.numbers() {
		if theirs := other.rounds[round]; theirs != nil && value(theirs) > 0 {
			ratios = append(ratios, value(r.rounds[round])/value(theirs))
		}
	}
	return bench.Median(ratios)
}
