package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/dismax-go/dismax/dismaxlib/detect"
	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/internal/text"
	"github.com/dismax-go/dismax/models/statedict"
)

// verifyCommand is "dismax verify".
type verifyCommand struct {
	Paths []string `arg:"" name:"path" help:"Folders of runs or of many of them, records, detectors (.dismax) and files of weights (.safetensors)."`
	Quiet bool     `short:"q" help:"Print only what is wrong."`
}

// Run prints a line for everything that has a checksum.
func (c *verifyCommand) Run(ctx context.Context, t terminal) error {
	verified, wrong := 0, 0
	for _, path := range c.Paths {
		findings, err := promptly(ctx, func() ([]experiment.Finding, error) { return verifyPath(path) })
		if errors.Is(err, fs.ErrNotExist) {
			return usageError{err}
		}
		if err != nil {
			return err
		}
		for _, finding := range findings {
			verified++
			switch {
			case finding.Err != nil:
				wrong++
				fmt.Fprintf(t.out, "WRONG  %s: %s: %s\n", text.Printable(finding.Path), finding.What, text.Printable(finding.Err.Error()))
			case !c.Quiet:
				fmt.Fprintf(t.out, "ok     %s: %s\n", text.Printable(finding.Path), finding.What)
			}
		}
	}
	if wrong > 0 {
		return fmt.Errorf("%d of %d are not what was written", wrong, verified)
	}
	return nil
}

// verifiable says what has checksums.
const verifiable = "name the folder of a run, a record, a detector (" + detectorSuffix + ") or weights (" + weightsSuffix + ")"

// verifyPath verifies what lies at the path.
func verifyPath(path string) ([]experiment.Finding, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usageError{fmt.Errorf("%s: there is no such file or folder: %s", path, verifiable)}
	}
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return verifyFolder(path)
	}
	finding := experiment.Finding{Path: path}
	switch filepath.Ext(path) {
	case detectorSuffix:
		finding.What, finding.Err = "detector", detect.Verify(path)
	case weightsSuffix:
		finding.What = "weights"
		_, finding.Err = statedict.Read(path)
	case filepath.Ext(record.FileName):
		finding.What = "record"
		_, finding.Err = record.Read(path)
	default:
		return nil, usageError{fmt.Errorf("%s: %s", path, verifiable)}
	}
	return []experiment.Finding{finding}, nil
}

// verifyFolder verifies the run in the folder, or else the finished runs below it.
func verifyFolder(folder string) ([]experiment.Finding, error) {
	if _, err := os.Stat(recordPath(folder)); !errors.Is(err, fs.ErrNotExist) {
		return experiment.Verify(folder)
	}
	below, err := record.Find(folder)
	if err != nil || len(below) == 0 {
		return experiment.Verify(folder)
	}
	var all []experiment.Finding
	for _, path := range below {
		findings, err := experiment.Verify(filepath.Dir(path))
		if err != nil {
			return nil, err
		}
		all = append(all, findings...)
	}
	return all, nil
}
