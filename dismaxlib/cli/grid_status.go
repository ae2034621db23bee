package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/dismaxlib/experiment/grid"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/internal/bench"
	"github.com/dismax-go/dismax/internal/text"
	"github.com/gomlx/compute"
)

// gridStatusCommand is "dismax grid status".
type gridStatusCommand struct {
	namedGrid
	Out     string `required:"" placeholder:"DIR" help:"Folder of the runs' folders."`
	Measure bool   `default:"true" negatable:"" help:"Measure a training step of each model that no run tells the time of."`
	Backend string `placeholder:"CONFIG" help:"Compute backend to measure on, as in GOMLX_BACKEND."`
}

// Run prints where the runs stand.
func (c *gridStatusCommand) Run(ctx context.Context, t terminal) error {
	runs, err := c.runs()
	if err != nil {
		return err
	}
	var stepSeconds func(record.Spec) (float64, error)
	if c.Measure {
		m := &stepMeasurement{ctx: ctx, config: c.Backend, measured: map[string]float64{},
			log: t.line}
		defer m.close()
		stepSeconds = m.seconds
	}
	states, err := grid.Status(c.Out, runs, stepSeconds)
	if err != nil {
		return err
	}
	if err := table(t.out, func(w io.Writer) error { return writeStates(w, states) }); err != nil {
		return err
	}
	_, err = fmt.Fprintln(t.out, wrapped(summary(states)))
	return err
}

// writeStates writes a line for each run, and below those that are not finished where they were last seen, and the error.
func writeStates(w io.Writer, states []grid.State) error {
	fmt.Fprintln(w, "INDEX\tSTATE\tLEFT\tFOLDER")
	for _, s := range states {
		state, left := string(s.Phase), ""
		if s.Phase != grid.Finished {
			if s.Steps > 0 && s.Step > 0 {
				state += fmt.Sprintf(" %d%%", 100*s.Step/s.Steps)
			}
			left = "?"
			if s.Known {
				left = duration(s.Left)
			}
		}
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\n", s.Index, state, left, s.Name)
		if s.Phase != grid.Finished && !s.Updated.IsZero() {
			seen := s.Updated.Local().Format("2006-01-02 15:04:05")
			if s.Host != "" {
				seen += " on " + s.Host
			}
			fmt.Fprintf(w, "\t\t\tlast seen %s\n", text.Printable(seen))
		}
		if s.Error != "" {
			fmt.Fprintf(w, "\t\t\t%s\n", text.Printable(strings.ReplaceAll(s.Error, "\n", "; ")))
		}
	}
	return nil
}

// summary counts the runs by their phases, and adds up the time left.
func summary(states []grid.State) string {
	counts, left, known := map[grid.Phase]int{}, time.Duration(0), true
	for _, s := range states {
		counts[s.Phase]++
		left += s.Left
		known = known && s.Known
	}
	var parts []string
	for _, phase := range []grid.Phase{grid.Finished, grid.Running, grid.Stopped, grid.Failed, grid.Unstarted} {
		if counts[phase] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[phase], phase))
		}
	}
	line := fmt.Sprintf("%d runs: %s", len(states), strings.Join(parts, ", "))
	switch {
	case counts[grid.Finished] == len(states):
	case known:
		line += fmt.Sprintf("; about %s left for one process here", duration(left))
	case left > 0:
		line += fmt.Sprintf("; more than %s left for one process here", duration(left))
	}
	return line
}

// stepMeasurement measures a training step of each model once.
type stepMeasurement struct {
	ctx      context.Context
	config   string
	log      func(line string)
	opened   compute.Backend
	choice   backend.Choice
	measured map[string]float64 // seconds per image, by model and number format
}

// processorBatch is enough images for a processor to know the time of one from, and few enough for the memory of any
// machine. An accelerator is measured with the whole batch, as it is slow with a few images.
const processorBatch = 16

// seconds implements the last argument of [grid.Status].
func (m *stepMeasurement) seconds(spec record.Spec) (float64, error) {
	key := spec.Model + " " + spec.DType
	if seconds, ok := m.measured[key]; ok {
		return seconds * float64(spec.BatchSize), nil
	}
	if m.opened == nil {
		var err error
		if m.opened, m.choice, err = openBackend(m.config, m.log); err != nil {
			return 0, usageError{err}
		}
	}
	one := bench.Case{Model: spec.Model, Batch: spec.BatchSize, Loss: spec.Loss}
	if !strings.HasPrefix(m.choice.Config, "xla:cuda") {
		one.Batch = min(one.Batch, processorBatch)
	}
	m.log(fmt.Sprintf("measuring a training step of %s", spec.Model))
	r, err := bench.Measure(m.ctx, m.opened, m.choice, one, bench.Options{Warmup: 1, Steps: 2, Seed: 1, DType: spec.DType})
	if err != nil {
		return 0, err
	}
	m.measured[key] = r.Results[0].Train.WallSeconds / float64(one.Batch)
	return m.measured[key] * float64(spec.BatchSize), nil
}

func (m *stepMeasurement) close() {
	if m.opened != nil {
		m.opened.Finalize()
	}
}
