package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/experiment/grid"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/internal/registry"
	"github.com/dismax-go/dismax/reports"
)

// gridCommand is "dismax grid": many runs under one name.
type gridCommand struct {
	List    gridListCommand    `cmd:"" help:"Show the grids and scales that can be named, or the runs of one grid."`
	Run     gridRunCommand     `cmd:"" help:"Do the runs of a grid that are not finished. Several processes may share the work."`
	Status  gridStatusCommand  `cmd:"" help:"Show where the runs of a grid stand, and the time that is left."`
	Report  gridReportCommand  `cmd:"" help:"Make tables, plots and a page of the runs that are finished."`
	Collect gridCollectCommand `cmd:"" help:"Copy records and compressed logits of the finished runs, without weights: what one keeps and commits."`
}

// namedGrid is which grid is meant, and how large.
type namedGrid struct {
	Name  string `arg:"" help:"A grid of dismax grid list, or the path of a JSON file."`
	Scale string `required:"" placeholder:"NAME" help:"How large: ${scales}."`
}

// runs lists the runs of the grid.
func (n namedGrid) runs() ([]grid.Run, error) {
	scale, err := grid.ScaleByName(n.Scale)
	if err != nil {
		return nil, usageError{err}
	}
	named, err := grid.Open(n.Name)
	if err != nil {
		return nil, usageError{err}
	}
	runs, err := named.Runs(scale)
	if err != nil {
		return nil, usageError{err}
	}
	return runs, nil
}

// gridRunCommand is "dismax grid run".
type gridRunCommand struct {
	namedGrid
	Out     string `required:"" placeholder:"DIR" help:"Folder of the runs' folders. Machines that share it share the work."`
	Index   int    `default:"-1" placeholder:"I" help:"Do only this run, counted from 0: the task of an array job. Waits for a process that has the run."`
	Data    string `placeholder:"PATH" help:"Folder of the images of named sets. Default: $$DISMAX_DATA, then the cache, then a download into it."`
	Offline bool   `help:"Download nothing; $$DISMAX_OFFLINE does the same."`
	Backend string `placeholder:"CONFIG" help:"Compute backend, as in GOMLX_BACKEND (see dismax backends). Default: $$GOMLX_BACKEND, then the best that is here."`
	Again   bool   `help:"Evaluate finished runs anew, with the scores of this program. Without it they are left alone."`
	Quiet   bool   `short:"q" help:"Print nothing but errors."`

	MemoryLimit byteSize `placeholder:"SIZE" help:"Memory that one file of images may take as it is read. Default: as in dismax run."`
}

// Run does what is left to do.
func (c *gridRunCommand) Run(ctx context.Context, t terminal) error {
	if err := checkPath("--data", c.Data); err != nil {
		return err
	}
	runs, err := c.unfinished()
	if err != nil {
		return err
	}
	if len(runs) == 0 {
		if !c.Quiet {
			fmt.Fprintln(t.err, "all runs are finished")
		}
		return nil
	}
	options := grid.Options{
		Folder: c.Out, Wait: c.Index >= 0,
		Experiment: experiment.Options{
			Data: c.Data, Offline: c.Offline, Again: c.Again, MemoryLimit: int64(c.MemoryLimit),
		},
	}
	if !c.Quiet {
		show := newGridProgress(t, len(runs))
		defer show.close()
		options.Started, options.Waiting, options.Ended = show.started, show.waiting, show.ended
		options.Experiment.Watchers, options.Experiment.Log = show.watchers(), show.log
	}
	one := &options.Experiment
	if one.Backend, one.Choice, err = openBackend(c.Backend, one.Log); err != nil {
		return usageError{err}
	}
	defer one.Backend.Finalize()
	_, err = grid.Execute(ctx, runs, options)
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("%w: the same command goes on from the checkpoint", err)
	}
	if errors.Is(err, datasets.ErrNotFound) || errors.Is(err, registry.ErrUnknown) {
		return usageError{err}
	}
	return err
}

// unfinished lists the runs that are asked for and have no record, or are to be evaluated again.
func (c *gridRunCommand) unfinished() ([]grid.Run, error) {
	runs, err := c.runs()
	if err != nil {
		return nil, err
	}
	if c.Index >= len(runs) || c.Index < -1 {
		return nil, usageError{fmt.Errorf("--index %d: the grid has runs 0 to %d", c.Index, len(runs)-1)}
	}
	if c.Index >= 0 {
		runs = runs[c.Index : c.Index+1]
	}
	states, err := grid.Status(c.Out, runs, nil)
	if err != nil {
		return nil, err
	}
	var left []grid.Run
	for _, state := range states {
		if c.Again || state.Phase != grid.Finished {
			left = append(left, state.Run)
		}
	}
	return left, nil
}

// gridReportCommand is "dismax grid report".
type gridReportCommand struct {
	namedGrid
	Out      string `required:"" placeholder:"DIR" help:"Folder of the runs' folders. The report goes to its folder report."`
	Ensemble bool   `xor:"detection" help:"Add the ensemble of each row's seeds: the mean of their probabilities."`
	shownConvention
}

// Run writes the report and prints its table.
func (c *gridReportCommand) Run(ctx context.Context, t terminal) error {
	runs, err := c.runs()
	if err != nil {
		return err
	}
	records, err := grid.Records(c.Out, runs)
	if err != nil {
		return err
	}
	if len(records) == 0 {
		return usageError{fmt.Errorf("%s: no run of the grid is finished", c.Out)}
	}
	if left := len(runs) - len(records); left > 0 {
		fmt.Fprintf(t.err, "of %d of %d runs: the others are not finished\n", len(records), len(runs))
	}
	if c.Convention != 0 {
		folders := grid.Folders(c.Out, runs)
		records, err = promptly(ctx, func() ([]*record.Record, error) { return c.shownConvention.read(t, folders) })
		if err != nil {
			return err
		}
	}
	if c.Ensemble {
		if records, err = withEnsembles(records, grid.Folders(c.Out, runs)); err != nil {
			return err
		}
	}
	files, err := reports.Write(filepath.Join(c.Out, "report"), records)
	if err != nil {
		return err
	}
	printReport(t, files, records)
	return nil
}

// scaleNames are the names of the scales, for the help texts.
func scaleNames() []string {
	var names []string
	for _, scale := range grid.Scales() {
		names = append(names, scale.Name)
	}
	return names
}

// duration writes a time as a reader wants it: "3.2 h", "12 min", "40 s".
func duration(d time.Duration) string {
	switch {
	case d >= 100*time.Minute:
		return fmt.Sprintf("%.1f h", d.Hours())
	case d >= 100*time.Second:
		return fmt.Sprintf("%.0f min", d.Minutes())
	}
	return fmt.Sprintf("%.0f s", d.Seconds())
}
