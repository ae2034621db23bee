package experiment

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"

	"github.com/dismax-go/dismax/dismaxlib/record"
)

// finished returns the record of the finished run in the folder, or nil if there is none. The record must be that of
// the spec; if it is to be evaluated again, only its training must be.
func finished(folder string, spec record.Spec, options Options) (*record.Record, error) {
	former, err := record.Read(filepath.Join(folder, record.FileName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the folder %s holds a record that cannot be read; choose another folder, or move it away: %w",
			folder, err)
	}
	changes := former.Spec.LearningRateChanges
	if trainingOf(former.Spec) != trainingOf(spec) || !beginsWith(changes, spec.LearningRateChanges) {
		return nil, fmt.Errorf("the folder %s holds the finished run of another spec (%s), not of this one (%s): "+
			"choose another folder", folder, Title(former.Spec), Title(spec))
	}
	if rate := options.ContinueWithLearningRate; rate != 0 && (len(changes) == 0 || changes[len(changes)-1].Rate != rate) {
		return nil, fmt.Errorf("the run in %s is finished: there is nothing to do at learning rate %g", folder, rate)
	}
	if !options.Again && !sameEvaluation(former.Spec, spec) {
		return nil, fmt.Errorf("the run in %s is finished and was evaluated otherwise (%s): evaluate it again, or choose "+
			"another folder", folder, evaluationOf(former.Spec))
	}
	return former, nil
}

// beginsWith reports whether the changes of the learning rate begin with those that a spec wants.
func beginsWith(changes, wanted record.RateChanges) bool {
	return len(wanted) <= len(changes) && slices.Equal(changes[:len(wanted)], wanted)
}

// sameEvaluation reports whether two specs of the same training are evaluated alike. A spec that names no
// out-of-distribution sets is content with those that were found.
func sameEvaluation(former, spec record.Spec) bool {
	if len(spec.OutOfDistribution) == 0 {
		spec.OutOfDistribution = former.OutOfDistribution
	}
	return reflect.DeepEqual(evaluationPart(former), evaluationPart(spec))
}

// evaluationPart is the spec without what training depends on.
func evaluationPart(spec record.Spec) record.Spec {
	return record.Spec{
		OutOfDistribution: spec.OutOfDistribution, TestLimit: spec.TestLimit, Protocol: spec.Protocol,
		CalibrationBins: spec.CalibrationBins, CalibrationCriterion: spec.CalibrationCriterion,
		Convention: spec.Convention,
	}
}

func evaluationOf(spec record.Spec) string {
	text := fmt.Sprintf("protocol %s, temperature by %s, convention %s, against %v",
		spec.Protocol, spec.CalibrationCriterion, spec.Convention, spec.OutOfDistribution)
	if spec.TestLimit > 0 {
		text += fmt.Sprintf(", on %d test images", spec.TestLimit)
	}
	return text
}

// finish writes the record, if all that it names is there as it was written, and removes the files that only the former record named.
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
	if e.former == nil {
		return nil
	}
	named := map[string]bool{}
	for _, file := range e.record.Files() {
		named[file.Name] = true
	}
	for _, file := range e.former.Files() {
		if named[file.Name] || !filepath.IsLocal(filepath.FromSlash(file.Name)) {
			continue
		}
		err := os.Remove(filepath.Join(e.options.Folder, filepath.FromSlash(file.Name)))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("removing a file of the former evaluation: %w", err)
		}
	}
	return nil
}
