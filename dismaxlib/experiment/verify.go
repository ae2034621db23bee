package experiment

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/dismaxlib/training"
)

// Finding is what [Verify] says of one thing in a run's folder.
type Finding struct {
	What string // "record", "logits of test", "state of Mahalanobis: mean", "checkpoint", "weights"
	Path string // of the file
	Err  error  // what is wrong and what to do; nil: the file is, bit for bit, what was written
}

// Verify compares all that a run left in its folder with its checksums: the record, every file that it names, the
// checkpoints, and the weights of the newest with those that were measured; a copy made by [Collect] has no weights. Of a run that is not finished it verifies
// the checkpoints. The error is of a folder that holds no run.
func Verify(folder string) ([]Finding, error) {
	checkpoints, newestIsWhole, err := verifyCheckpoints(folder)
	if err != nil {
		return nil, fmt.Errorf("verifying %s: %w", folder, err)
	}
	path := filepath.Join(folder, record.FileName)
	r, err := record.Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		if len(checkpoints) == 0 {
			return nil, fmt.Errorf("verifying %s: it holds neither a record nor a checkpoint: name the folder of a run", folder)
		}
		return checkpoints, nil
	}
	if err != nil {
		damaged := Finding{"record", path, fmt.Errorf("%w: move it away and run its spec again, which goes on from the "+
			"checkpoint", err)}
		return append([]Finding{damaged}, checkpoints...), nil
	}
	findings := append([]Finding{{"record", path, nil}}, verifyFiles(folder, r)...)
	findings = append(findings, checkpoints...)
	if !r.Collected && !r.OutputsOnly && (newestIsWhole || len(checkpoints) == 0) {
		findings = append(findings, verifyWeights(folder, r))
	}
	return findings, nil
}

// verifyFiles reads every file that the record names.
func verifyFiles(folder string, r *record.Record) []Finding {
	var findings []Finding
	verify := func(what string, file *record.File) {
		if file == nil {
			return
		}
		_, err := loadArray(folder, *file)
		findings = append(findings, Finding{what, filepath.Join(folder, filepath.FromSlash(file.Name)), err})
	}
	for _, outputs := range r.Outputs {
		verify("logits of "+outputs.Set, &outputs.Logits)
		verify("labels of "+outputs.Set, outputs.Labels)
		verify("features of "+outputs.Set, outputs.Features)
	}
	for _, fitted := range r.Fitted {
		for _, name := range slices.Sorted(maps.Keys(fitted.State)) {
			file := fitted.State[name]
			verify("state of "+fitted.Score+": "+name, &file)
		}
	}
	return findings
}

// verifyCheckpoints reads all checkpoints, and says whether there are any and the newest is whole.
func verifyCheckpoints(folder string) (findings []Finding, newestIsWhole bool, err error) {
	all, err := training.Verify(filepath.Join(folder, checkpointFolder))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, false, err
	}
	for _, one := range all {
		err := one.Err
		if err != nil {
			err = fmt.Errorf("%w: run the training again, which goes on from the newest checkpoint that is whole", err)
		}
		findings = append(findings, Finding{"checkpoint", one.Path, err})
		newestIsWhole = err == nil
	}
	return findings, newestIsWhole, nil
}

// verifyWeights compares the weights of the newest checkpoint with those that the record measured.
func verifyWeights(folder string, r *record.Record) Finding {
	_, err := measuredWeights(folder, r)
	return Finding{"weights", filepath.Join(folder, checkpointFolder), err}
}
