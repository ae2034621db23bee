package grid

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/record"
)

// Options say where and how runs are done.
type Options struct {
	// Folder holds the folders of the runs. Several processes, and machines that share it, may work on it.
	Folder string
	// Experiment is handed to each run, with the run's folder in place of its Folder. With Again, finished runs are
	// evaluated anew.
	Experiment experiment.Options
	// Wait waits for a run that another process has, instead of leaving it to that.
	Wait bool

	// Started, if not nil, is called before a run begins or goes on, and Ended after it with its outcome; Waiting before
	// the wait for another process.
	Started, Waiting func(Run)
	Ended            func(Run, Outcome)
}

// Outcome is what became of a run in a call of [Execute].
type Outcome struct {
	Kind OutcomeKind
	Err  error // of a failed run
}

// OutcomeKind says what became of a run.
type OutcomeKind string

// The kinds of outcomes, with [Failed].
const (
	Done   OutcomeKind = "done"              // by this call
	Before OutcomeKind = "finished before"   // left alone
	Busy   OutcomeKind = "another process's" // left to it
)

// Execute does the runs, one after the other: those that are finished are left alone (but see Options), those that
// another process has are left to it, and all others begin, or go on from their checkpoints. A run that fails is tried
// once; its folder keeps the error for [Status], and the next run follows. The error names all that failed, and the run
// that ended with the context, whose error it then is too. Outcomes are in the order of the runs, as far as they were
// reached.
func Execute(ctx context.Context, runs []Run, options Options) ([]Outcome, error) {
	var outcomes []Outcome
	var failures []error
	for _, run := range runs {
		kind, err := attempt(ctx, run, options)
		interrupted := err != nil && ctx.Err() != nil
		if interrupted && !errors.Is(err, ctx.Err()) {
			err = errors.Join(ctx.Err(), err)
		}
		outcome := Outcome{Kind: kind, Err: err}
		if err != nil {
			outcome.Kind = Failed
			failures = append(failures, fmt.Errorf("run %d, %s: %w", run.Index, run.Name, err))
		}
		if interrupted {
			return outcomes, errors.Join(failures...)
		}
		outcomes = append(outcomes, outcome)
		if options.Ended != nil {
			options.Ended(run, outcome)
		}
	}
	if len(failures) > 0 {
		return outcomes, fmt.Errorf("%d of %d runs failed: %w", len(failures), len(runs), errors.Join(failures...))
	}
	return outcomes, nil
}

// attempt takes and does one run.
func attempt(ctx context.Context, run Run, options Options) (kind OutcomeKind, err error) {
	folder, again := filepath.Join(options.Folder, run.Name), options.Experiment.Again
	if r, err := finished(folder); r != nil && !again || err != nil {
		return Before, err
	}
	lock, err := take(ctx, folder, false)
	if lock == nil && err == nil && options.Wait {
		if options.Waiting != nil {
			options.Waiting(run)
		}
		lock, err = take(ctx, folder, true)
	}
	if err != nil {
		return Failed, err
	}
	if lock == nil {
		return Busy, nil
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if r, err := finished(folder); r != nil && !again || err != nil { // while waiting for the lock
		return Before, err
	}
	if options.Started != nil {
		options.Started(run)
	}
	tracker := newTracker(folder)
	tracker.note()
	one := options.Experiment
	one.Folder = folder
	one.Watchers = append(slices.Clone(one.Watchers), tracker.watcher())
	if _, err = experiment.Run(ctx, run.Spec, one); err != nil && ctx.Err() == nil {
		tracker.Error = err.Error()
	}
	tracker.note()
	return Done, err
}

// finished returns the record of a run; nil if it has none.
func finished(folder string) (*record.Record, error) {
	r, err := record.Read(filepath.Join(folder, record.FileName))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("%w: mend or remove it, for the run is not tried before", err)
	}
	return r, nil
}

// Records returns the records of the runs that are finished.
func Records(folder string, runs []Run) ([]*record.Record, error) {
	var records []*record.Record
	for _, run := range runs {
		r, err := finished(filepath.Join(folder, run.Name))
		if err != nil {
			return nil, err
		}
		if r != nil {
			records = append(records, r)
		}
	}
	return records, nil
}

// Folders returns the folders of the runs that are finished.
func Folders(folder string, runs []Run) []string {
	var folders []string
	for _, run := range runs {
		at := filepath.Join(folder, run.Name)
		if _, err := os.Stat(filepath.Join(at, record.FileName)); err == nil {
			folders = append(folders, at)
		}
	}
	return folders
}
