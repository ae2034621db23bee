package experiment

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/dismaxlib/training"
	"github.com/dismax-go/dismax/internal/text"
)

// finished returns the record of the finished run in the folder, or nil if there is none. The record must be that of
// the spec; if it is to be evaluated again, only its training must be.
func finished(folder string, spec record.Spec, options Options) (*record.Record, error) {
	former, err := recordIn(folder)
	if err != nil {
		return nil, fmt.Errorf("the folder %s holds a record that cannot be read; choose another folder, or move it away: %w",
			folder, err)
	}
	if former == nil {
		return nil, nil
	}
	if difference := trainingDifference(former.Spec, spec); difference != "" {
		return nil, fmt.Errorf("the folder %s holds the finished run of another spec, %s: choose another folder", folder, difference)
	}
	changes := former.Spec.LearningRateChanges
	if rate := options.ContinueWithLearningRate; rate != 0 && (len(changes) == 0 || changes[len(changes)-1].Rate != rate) {
		return nil, fmt.Errorf("the run in %s is finished: there is nothing to do at learning rate %g", folder, rate)
	}
	if options.Again {
		return former, checkWeights(folder, former)
	}
	if difference := evaluationDifference(former.Spec, spec); difference != "" {
		return nil, fmt.Errorf("the run in %s is finished and was evaluated otherwise, %s: evaluate it again, or choose "+
			"another folder", folder, difference)
	}
	return former, nil
}

// recordIn returns the record of the finished run in a folder; nil if there is none.
func recordIn(folder string) (*record.Record, error) {
	r, err := record.Read(filepath.Join(folder, record.FileName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return r, err
}

// checkWeights refuses a finished run without the weights that it would be evaluated again with: it would be trained
// anew.
func checkWeights(folder string, former *record.Record) error {
	if former.Collected {
		return fmt.Errorf("the folder %s holds a copy without weights, made by experiment.Collect: evaluate the run itself again",
			folder)
	}
	has, err := training.HasCheckpoint(filepath.Join(folder, checkpointFolder))
	if err == nil && !has {
		err = fmt.Errorf("the run in %s has no checkpoint to evaluate again: put it back, or train in another folder", folder)
	}
	return err
}

// trainingDifference names what makes the spec that of another training than that of the finished run; "" if nothing
// does.
func trainingDifference(former, spec record.Spec) string {
	there, here := trainingOf(canonical(former)), trainingOf(canonical(spec))
	if !beginsWith(former.LearningRateChanges, spec.LearningRateChanges) {
		const name = "learning rate changes"
		there[name], here[name] = former.LearningRateChanges.String(), spec.LearningRateChanges.String()
	}
	return text.Differences(there, here)
}

// beginsWith reports whether the changes of the learning rate begin with those that a spec wants.
func beginsWith(changes, wanted record.RateChanges) bool {
	return len(wanted) <= len(changes) && slices.Equal(changes[:len(wanted)], wanted)
}

// evaluationDifference names what a spec of the same training evaluates otherwise than the finished run; "" if nothing.
// A spec that names no out-of-distribution sets is content with those that were found, and one that names paths with
// the sets of their names.
func evaluationDifference(former, spec record.Spec) string {
	sets := namesToBe(spec.OutOfDistribution)
	if len(sets) == 0 || slices.Equal(sets, former.OutOfDistribution) {
		spec.OutOfDistribution = former.OutOfDistribution
	}
	return text.Differences(fieldsOf(evaluationPart(former)), fieldsOf(evaluationPart(spec)))
}

// evaluationPart is the spec without what training depends on.
func evaluationPart(spec record.Spec) record.Spec {
	return record.Spec{
		OutOfDistribution: spec.OutOfDistribution, TestLimit: spec.TestLimit, Protocol: spec.Protocol,
		CalibrationBins: spec.CalibrationBins, CalibrationCriterion: spec.CalibrationCriterion,
		Convention: spec.Convention,
	}
}

// finish writes the record, if all that it names is there as it was written, and removes the files that only the former
// record named.
func (e *run) finish() error {
	if err := e.checkFolder(); err != nil {
		return err
	}
	for _, file := range e.record.Files() {
		if err := checkFile(e.options.Folder, file); err != nil {
			return fmt.Errorf("a file of this run was removed or changed before its end: %w: run again", err)
		}
	}
	if err := record.Write(e.options.Folder, e.record); err != nil {
		return err
	}
	return removeFormer(e.options.Folder, e.former, e.record)
}

// removeFormer removes the files that only the former record named, if there was one.
func removeFormer(folder string, former, r *record.Record) error {
	if former == nil {
		return nil
	}
	named := map[string]bool{}
	for _, file := range r.Files() {
		named[file.Name] = true
	}
	for _, file := range former.Files() {
		if named[file.Name] || !filepath.IsLocal(filepath.FromSlash(file.Name)) {
			continue
		}
		err := os.Remove(filepath.Join(folder, filepath.FromSlash(file.Name)))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing a file of the former evaluation: %w", err)
		}
	}
	return nil
}
