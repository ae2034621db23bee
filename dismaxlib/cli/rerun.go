package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/dismax-go/dismax/datasets"
	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/internal/text"
)

// rerunCommand is "dismax rerun".
type rerunCommand struct {
	Record  string   `arg:"" help:"Folder of a finished run, or its record."`
	Out     string   `required:"" short:"o" placeholder:"DIR" help:"Folder for the new run. One that was interrupted is continued from it."`
	Data    string   `placeholder:"PATH" help:"Folder or zip of the images that the run learned; or, of named sets, where they are. Default: as in dismax run."`
	OOD     []string `name:"ood" sep:"none" placeholder:"PATH" help:"Where each out-of-distribution set is that was no named one, in their order; repeatable. Default: the names in the record."`
	Weights string   `placeholder:"PATH" help:"The weights that the run began with, if it began with any."`
	Offline bool     `help:"Download nothing; $$DISMAX_OFFLINE does the same."`
	Backend string   `placeholder:"CONFIG" help:"Compute backend, as in GOMLX_BACKEND (see dismax backends). Default: $$GOMLX_BACKEND, then the best that is here."`
	Quiet   bool     `short:"q" help:"Print nothing but differences and errors."`

	MemoryLimit byteSize `placeholder:"SIZE" help:"Memory that one file of images may take as it is read. Default: as in dismax run."`
}

// Run runs the record's spec again and says whether it did the same.
func (c *rerunCommand) Run(ctx context.Context, t terminal) error {
	if err := checkRecord("", c.Record); err != nil {
		return err
	}
	was, err := record.Read(c.Record)
	if errors.Is(err, fs.ErrNotExist) {
		return usageError{err}
	}
	if err != nil {
		return err
	}
	if was.OutputsOnly {
		return usageError{fmt.Errorf("%s: only outputs were evaluated, so that there is no training to repeat", c.Record)}
	}
	if sameFolder(filepath.Dir(recordPath(c.Record)), c.Out) {
		return usageError{fmt.Errorf("--out %s: this is the run's own folder: name another", c.Out)}
	}
	again := runCommand{Out: c.Out, Offline: c.Offline, Backend: c.Backend, Quiet: c.Quiet, MemoryLimit: c.MemoryLimit}
	spec, options, err := c.specOf(was)
	if err != nil {
		return err
	}
	if err := checkPath("--weights", c.Weights); err != nil {
		return err
	}
	options.Weights = c.Weights
	if options.Scores, err = scoresOf(was); err != nil {
		return err
	}
	is, err := again.run(ctx, t, spec, options)
	if err != nil {
		return err
	}
	comparison, err := experiment.Compare(was, is)
	if err != nil {
		return err
	}
	return c.print(t, comparison)
}

// scoresOf returns the scores that the run measured or, where there was nothing to measure them on, fitted; never nil.
func scoresOf(was *record.Record) ([]*dismaxlib.Score, error) {
	var names []string
	for _, fitted := range was.Fitted {
		names = append(names, fitted.Score)
	}
	if len(was.OutOfDistribution) > 0 {
		names = nil
		for _, detection := range was.OutOfDistribution[0].Scores {
			names = append(names, detection.Score)
		}
	}
	scores := []*dismaxlib.Score{}
	for _, name := range names {
		score, err := dismaxlib.ScoreByName(name)
		if err != nil {
			return nil, fmt.Errorf("the record measured a score that this program lacks: %w", err)
		}
		scores = append(scores, score)
	}
	return scores, nil
}

// specOf returns the spec and the options that find the images where the flags say.
func (c *rerunCommand) specOf(was *record.Record) (record.Spec, experiment.Options, error) {
	spec, options := was.Spec, experiment.Options{}
	if err := checkPath("--data", c.Data); err != nil {
		return spec, options, err
	}
	if _, err := datasets.ByName(spec.Dataset); err != nil && c.Data != "" {
		spec.Dataset = c.Data
	} else {
		options.Data = c.Data
	}
	own := 0
	spec.OutOfDistribution = append([]string{}, spec.OutOfDistribution...)
	for i, name := range spec.OutOfDistribution {
		if _, err := datasets.ByName(name); err != nil && own < len(c.OOD) {
			spec.OutOfDistribution[i] = c.OOD[own]
			own++
		}
	}
	if own < len(c.OOD) {
		return spec, options, usageError{fmt.Errorf("--ood %s: the run was tested against %d sets that are not named ones: "+
			"give the path of each once", c.OOD[own], own)}
	}
	if len(spec.OutOfDistribution) == 0 {
		options.OutOfDistribution = []*datasets.Dataset{} // none, not those that are found
	}
	return spec, options, nil
}

func sameFolder(x, y string) bool {
	infoX, errX := os.Stat(x)
	infoY, errY := os.Stat(y)
	return errX == nil && errY == nil && os.SameFile(infoX, infoY)
}

// mostDifferences bounds the lines that are printed: the first ones say where two runs part.
const mostDifferences = 40

// isOfCurve reports whether the entry is a point of what plots show, of which there are hundreds.
func isOfCurve(name string) bool {
	return strings.Contains(name, ".roc[") || strings.Contains(name, ".histogram.") ||
		strings.Contains(name, ".reliability[") || strings.Contains(name, ".diagnostic.")
}

// print prints the comparison. Its error says that results differ.
func (c *rerunCommand) print(t terminal, comparison *experiment.Comparison) error {
	for _, difference := range comparison.Circumstances {
		if len(comparison.Results) > 0 || !c.Quiet {
			fmt.Fprintf(t.out, "under other circumstances: %s\n", text.Printable(difference.String()))
		}
	}
	if len(comparison.Results) == 0 {
		if !c.Quiet {
			fmt.Fprintf(t.out, "the same, bit for bit: %s of losses, metrics, weights and outputs\n",
				text.Count(comparison.Compared, "entry"))
		}
		return nil
	}
	printed := 0
	for _, difference := range comparison.Results {
		if printed < mostDifferences && !isOfCurve(difference.Name) {
			printed++
			fmt.Fprintln(t.out, text.Printable(difference.String()))
		}
	}
	if rest := len(comparison.Results) - printed; rest > 0 {
		fmt.Fprintf(t.out, "and %s more, histograms and curves among them\n", text.Digits(rest))
	}
	err := fmt.Errorf("%d of %s differ", len(comparison.Results), text.Count(comparison.Compared, "entry"))
	if reason := comparison.Reason(); reason != "" {
		err = fmt.Errorf("%w, which is to be expected: %s", err, reason)
	}
	return err
}
