package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/experiment/grid"
	"github.com/dismax-go/dismax/internal/text"
)

// gridListCommand is "dismax grid list".
type gridListCommand struct {
	Name  string `arg:"" optional:"" help:"Show the runs of this grid."`
	Scale string `placeholder:"NAME" help:"At this scale alone: ${scales}. Default: all scales for the list of grids, paper for the runs of one."`
}

// Run prints the grids, or the runs of one.
func (c *gridListCommand) Run(t terminal) error {
	if c.Name != "" {
		if c.Scale == "" {
			c.Scale = "paper"
		}
		return listRuns(t.out, namedGrid{c.Name, c.Scale})
	}
	scales := grid.Scales()
	if c.Scale != "" {
		scale, err := grid.ScaleByName(c.Scale)
		if err != nil {
			return usageError{err}
		}
		scales = []*grid.Scale{scale}
	}
	return listGrids(t.out, scales)
}

// listRuns prints the runs of a grid, a line each: the folder, and what its name does not say. What is true of all runs
// stands above them.
func listRuns(out io.Writer, named namedGrid) error {
	runs, err := named.runs()
	if err != nil {
		return err
	}
	common := experiment.Details(runs[0].Spec)
	for _, run := range runs[1:] {
		own := experiment.Details(run.Spec)
		common = slices.DeleteFunc(common, func(detail string) bool { return !slices.Contains(own, detail) })
	}
	heading := fmt.Sprintf("%s at the scale %s: %s", named.Name, named.Scale, text.Count(len(runs), "run"))
	if len(common) > 0 {
		heading += ", each " + strings.Join(common, ", ")
	}
	if _, err := fmt.Fprintf(out, "%s\n\n", wrapped(heading)); err != nil {
		return err
	}
	return table(out, func(w io.Writer) error {
		fmt.Fprintln(w, "INDEX\tFOLDER")
		for _, run := range runs {
			own := experiment.Details(run.Spec)
			own = slices.DeleteFunc(own, func(detail string) bool { return slices.Contains(common, detail) })
			line := fmt.Sprintf("%d\t%s\t%s", run.Index, run.Name, strings.Join(own, ", "))
			fmt.Fprintln(w, strings.TrimSuffix(line, "\t"))
		}
		return nil
	})
}

// listGrids prints the grids with the number of their runs at each of the scales, and what the scales are.
func listGrids(out io.Writer, scales []*grid.Scale) error {
	return table(out, func(w io.Writer) error {
		fmt.Fprint(w, "GRID")
		for _, scale := range scales {
			fmt.Fprintf(w, "\t%s", scale.Name)
		}
		fmt.Fprintln(w, "\tRUNS AT EACH SCALE OF")
		for _, name := range grid.Names() {
			named, err := grid.Open(name)
			if err != nil {
				return err
			}
			fmt.Fprint(w, name)
			for _, scale := range scales {
				runs, err := named.Runs(scale)
				if err != nil {
					return err
				}
				fmt.Fprintf(w, "\t%d", len(runs))
			}
			fmt.Fprintf(w, "\t%s\n", named.Title)
		}
		fmt.Fprintln(w, "\nSCALE")
		for _, scale := range scales {
			fmt.Fprintf(w, "%s\t%s\n", scale.Name, scale.About)
		}
		return nil
	})
}
