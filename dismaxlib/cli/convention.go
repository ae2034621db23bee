package cli

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv"
	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/internal/text"
)

// shownConvention is the flag of reports in another convention than that of their runs.
type shownConvention struct {
	Convention namedConvention `placeholder:"NAME" xor:"detection" help:"Show detection by paper (as its Table 2) or field (as scikit-learn and OpenOOD, grouped as there), measured from the stored logits; scores that need more are left out. Default: as each run measured it."`
}

// namedConvention is a convention by its name, or none.
type namedConvention metrics.Convention

// UnmarshalText implements [encoding.TextUnmarshaler].
func (c *namedConvention) UnmarshalText(text []byte) error {
	convention, err := metrics.ConventionByName(string(text))
	*c = namedConvention(convention)
	return err
}

// read reads the records at the paths, in the convention if one was named. Of several runs, those without logits are
// left out and named.
func (c shownConvention) read(t terminal, paths []string) (records []*record.Record, err error) {
	if c.Convention == 0 {
		return readRecords(paths)
	}
	// Scores of logits are done in a moment: no accelerator is woken for them.
	backend, _, err := openBackend(goconv.Name, nil)
	if err != nil {
		return nil, err
	}
	defer backend.Finalize()
	var without []string
	var firstErr error
	for _, path := range paths {
		r, err := experiment.WithConvention(backend, path, metrics.Convention(c.Convention))
		if errors.Is(err, experiment.ErrNoLogits) {
			without, firstErr = append(without, path), cmp.Or(firstErr, err)
			continue
		}
		if err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	if len(records) == 0 && firstErr != nil {
		return nil, usageError{fmt.Errorf("--convention: %w", firstErr)}
	}
	printWithoutLogits(t, without)
	return records, nil
}

// printWithoutLogits names the runs that the report leaves out.
func printWithoutLogits(t terminal, paths []string) {
	if len(paths) == 0 {
		return
	}
	fmt.Fprintf(t.err, "--convention: %s left out, whose logits are not stored (dismax grid collect without --no-logits "+
		"keeps them):\n", text.Count(len(paths), "run"))
	for _, path := range paths {
		fmt.Fprintln(t.err, " ", text.Printable(path))
	}
}
