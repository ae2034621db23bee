package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/internal/text"
	"github.com/dismax-go/dismax/reports"
)

// reportCommand is "dismax report".
type reportCommand struct {
	Records []string `arg:"" name:"dir" help:"Folders of finished runs or of many of them, or record files."`
	Out     string   `short:"o" placeholder:"DIR" help:"Folder for the report. Default: report, in the first folder."`

	shownConvention
	Ensemble bool `xor:"detection" help:"Add the ensemble of each row's seeds: the mean of their probabilities, from the stored logits."`
}

// Run writes the report and prints its table.
func (c *reportCommand) Run(ctx context.Context, t terminal) error {
	records, err := promptly(ctx, func() ([]*record.Record, error) { return c.read(t) })
	if err != nil {
		return err
	}
	folder := c.Out
	if folder == "" {
		folder = filepath.Join(filepath.Dir(recordPath(c.Records[0])), "report")
	}
	files, err := promptly(ctx, func() ([]string, error) { return reports.Write(folder, records) })
	if err != nil {
		return err
	}
	printReport(t, files, records)
	return nil
}

// printReport prints the table of the records, what to know of it, and where the rest is.
func printReport(t terminal, files []string, records []*record.Record) {
	fmt.Fprint(t.out, reports.Table(records...).Text(false))
	printCautions(t, records...)
	fmt.Fprintf(t.err, "report: %s and %d other files beside it\n", text.Printable(files[0]), len(files)-1)
}

// printCautions prints what a reader must know before comparing.
func printCautions(t terminal, records ...*record.Record) {
	if text := reports.TextOfCautions(reports.Cautions(records...)); text != "" {
		fmt.Fprint(t.out, "\n", text)
	}
}

// recordPaths are the records of the given paths: a record's file, a run's folder, or a folder with runs below it.
func recordPaths(given []string) ([]string, error) {
	var paths []string
	for _, path := range given {
		if err := checkRecord("", path); err != nil {
			return nil, err
		}
		if info, err := os.Stat(path); err != nil || !info.IsDir() {
			paths = append(paths, path)
			continue
		}
		if _, err := os.Stat(recordPath(path)); err == nil {
			paths = append(paths, recordPath(path))
			continue
		}
		found, err := record.Find(path)
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, usageError{fmt.Errorf("%s: there is no %s in it or below it: has a run finished?", path, record.FileName)}
		}
		paths = append(paths, found...)
	}
	return paths, nil
}

// read reads the records.
func (c *reportCommand) read(t terminal) ([]*record.Record, error) {
	paths, err := recordPaths(c.Records)
	if err != nil {
		return nil, err
	}
	records, err := c.shownConvention.read(t, paths)
	if err != nil || !c.Ensemble {
		return records, err
	}
	var folders []string
	for _, path := range paths {
		if filepath.Base(path) == record.FileName {
			folders = append(folders, filepath.Dir(path))
		}
	}
	return withEnsembles(records, folders)
}

func readRecords(paths []string) (records []*record.Record, err error) {
	for _, path := range paths {
		r, err := record.Read(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, usageError{err}
		}
		if err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	return records, nil
}

// withEnsembles appends the records of the ensembles of the runs in the folders.
func withEnsembles(records []*record.Record, folders []string) ([]*record.Record, error) {
	ensembles, err := experiment.Ensembles(folders)
	if err != nil {
		return nil, err
	}
	if len(ensembles) == 0 {
		return nil, usageError{errors.New("--ensemble: there are no two runs, with their logits, that differ in nothing but the seed")}
	}
	return append(records, ensembles...), nil
}

// checkRecord refuses the path of a record that is not there. The flag that names it may be "".
func checkRecord(flag, path string) error {
	if _, err := os.Stat(path); err != nil {
		return usageError{fmt.Errorf("%s: there is no such file or folder: name the folder of a run, its --out, or the %s in it",
			strings.TrimSpace(flag+" "+path), record.FileName)}
	}
	return nil
}

// recordPath is the record's file, given that or the run's folder.
func recordPath(path string) string {
	if filepath.Base(path) == record.FileName {
		return path
	}
	return filepath.Join(path, record.FileName)
}
