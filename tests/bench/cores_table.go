package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/dismax-go/dismax/internal/bench"
)

// mostBeside is how many times as long as one a training step may take while another process trains.
const mostBeside = 2.1

// coresRow is a line of the tables: a kind of step of one network.
type coresRow struct {
	network  *coresNetwork
	step     string
	oneCore  float64         // seconds, measured
	twoCores float64         // how many times as fast, measured; 0: this machine has one
	faster   map[int]float64 // how many times as fast, simulated, by the number of cores
	serial   float64         // share of the step on one core
	beside   float64         // of a training step; 0 for inference
}

func (n *coresNetwork) row(step string) coresRow {
	value := func(p *processes) []float64 { return p.TrainSeconds }
	if step == inferenceStep {
		value = func(p *processes) []float64 { return p.InferenceSeconds }
	}
	alone := func(cores int) func(*processes) bool {
		return func(p *processes) bool { return p.AtOnce == 1 && p.Cores == cores }
	}
	r := coresRow{network: n, step: step, twoCores: n.ratio(alone(1), alone(2), value), faster: map[int]float64{}}
	var seconds []float64
	for i := range n.Measured {
		if p := &n.Measured[i]; alone(1)(p) {
			seconds = append(seconds, bench.Median(value(p)))
		}
	}
	r.oneCore = bench.Median(seconds)
	if step == trainingStep {
		r.beside = n.beside()
	}
	var onOne float64
	for _, s := range n.Simulated {
		switch {
		case s.Step != step:
		case s.Cores == 1:
			onOne = s.RecordedSeconds
		default:
			r.faster[s.Cores] = onOne / s.Seconds
			r.serial = s.SerialSeconds / onOne
		}
	}
	return r
}

// beside is how many times as long a training step takes while another process does the same.
func (n *coresNetwork) beside() float64 {
	two := func(p *processes) bool { return p.AtOnce == 2 }
	all := 0 // cores of those
	for i := range n.Measured {
		if p := &n.Measured[i]; two(p) {
			all = p.Cores
		}
	}
	one := func(p *processes) bool { return p.AtOnce == 1 && p.Cores == all }
	return n.ratio(two, one, func(p *processes) []float64 { return p.TrainSeconds })
}

func (r *coresRecord) rows() (rows []coresRow) {
	for i := range r.Networks {
		rows = append(rows, r.Networks[i].row(trainingStep), r.Networks[i].row(inferenceStep))
	}
	return rows
}

// simulatedCores are the numbers that were simulated.
func (r *coresRecord) simulatedCores() (numbers []int) {
	for _, s := range r.Networks[0].Simulated {
		if s.Step == trainingStep && s.Cores > 1 {
			numbers = append(numbers, s.Cores)
		}
	}
	return numbers
}

// cells are seconds on one core, how many times as fast it is on more, the serial share, and the time beside another
// process.
func (row *coresRow) cells(numbers []int) []string {
	times := func(value float64) string {
		if value == 0 {
			return "-"
		}
		return fmt.Sprintf("%.2f", value)
	}
	cells := []string{bench.Seconds(row.oneCore), times(row.twoCores)}
	for _, number := range numbers {
		cells = append(cells, times(row.faster[number]))
	}
	return append(cells, fmt.Sprintf("%.1f%%", 100*row.serial), times(row.beside))
}

// writeTable prints the table, and below it what loses the most time on the largest simulated number of cores.
func (r *coresRecord) writeTable(out io.Writer) error {
	numbers := r.simulatedCores()
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "\tstep\t1 core s\t2 cores\t")
	for _, number := range numbers {
		fmt.Fprintf(w, "%d\t", number)
	}
	fmt.Fprintln(w, "serial\tbeside\t")
	for _, row := range r.rows() {
		fmt.Fprintf(w, "%s\t%.5s\t%s\t\n", row.network.Case, row.step, strings.Join(row.cells(numbers), "\t"))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out, "\n"+fold(coresLegend))
	for i := range r.Networks {
		r.Networks[i].writeWorst(out, numbers[len(numbers)-1])
	}
	return nil
}

// coresLegend explains the columns of both tables.
const coresLegend = "2 cores: how many times as fast as on one, measured. Numbers alone: simulated from the tasks of one " +
	"core; memory bandwidth, caches and waking of cores are left out. serial: the share of a step on one core that " +
	"offers a second one nothing. beside: how many times as long a step takes while another process trains, on all cores."

// writeWorst names the kernels of a network that a simulated number of cores shares worst.
func (n *coresNetwork) writeWorst(out io.Writer, cores int) {
	for _, s := range n.Simulated {
		if s.Cores != cores {
			continue
		}
		fmt.Fprintf(out, "\n%s\n", fold(fmt.Sprintf("%s, %s on %d cores: %.1f ms, of which serial %.1f: GoMLX's operations "+
			"%.1f, outside of the backend %.1f, the rest between the tasks of kernels. Shared worst:", n.Case, s.Step, cores,
			1e3*s.Seconds, 1e3*s.SerialSeconds, 1e3*s.DelegatedSeconds, 1e3*s.OutsideSeconds)))
		fmt.Fprintln(out, "ms lost   of ms  kernels x tasks")
		for _, l := range s.Worst {
			fmt.Fprintf(out, "%7.2f %7.2f  %3d x %3d  %s\n", 1e3*l.LostSeconds, 1e3*l.Seconds, l.Kernels, l.FewestTasks, l.Name)
		}
	}
}

// markdown is the table for a document, with what it was measured on.
func (r *coresRecord) markdown() string {
	var text strings.Builder
	numbers := r.simulatedCores()
	fmt.Fprint(&text, "| network | step | 1 core, s | 2 cores |")
	for _, number := range numbers {
		fmt.Fprintf(&text, " %d, simulated |", number)
	}
	fmt.Fprintf(&text, " serial | beside |\n|%s\n", strings.Repeat(" --- |", 6+len(numbers)))
	for _, row := range r.rows() {
		name := titled(row.network.Case)
		if row.step != trainingStep {
			name = ""
		}
		fmt.Fprintf(&text, "| %s | %s | %s |\n", name, row.step, strings.Join(row.cells(numbers), " | "))
	}
	fmt.Fprintf(&text, "\n%s\n\n%s; load %.1f before and %.1f after; %s.\n", coresLegend, r.Machine.Processor,
		r.Session.LoadBefore, r.Session.LoadAfter, r.Versions)
	return text.String()
}

// verdict prints for each network whether two trainings side by side keep their bar, and returns an error if one does
// not.
func (r *coresRecord) verdict(out io.Writer) error {
	missed := false
	for i := range r.Networks {
		n, mark := &r.Networks[i], keptMark
		beside := n.beside()
		if beside > mostBeside {
			mark, missed = missedMark, true
		}
		fmt.Fprintf(out, "%s %s: a step beside another training takes %.2f times one alone (at most %g)\n",
			mark, n.Case, beside, mostBeside)
	}
	if missed {
		return errors.New("a bar was missed")
	}
	return nil
}
