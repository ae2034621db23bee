package experiment

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/gomlx/compute"
)

// ErrNoLogits is wrapped by the error of [WithConvention] about a run whose logits are not beside its record.
var ErrNoLogits = errors.New("its logits are not stored")

// WithConvention returns the record of a finished run with its detection in the convention: as it is, if it is in that
// already, else measured anew from the stored logits. The run is given by its folder, which may be one that [Collect]
// made, or by the record in it. Nothing is written.
//
// The copy's spec names the convention, and its Converted what was left out: scores that need more than logits, or that
// are not registered with the parameters of the run, and the floor, for which nothing is stored. Histograms, ROC curves
// and the diagnostics of epochs stay as they are; the first two are the same in both conventions.
func WithConvention(backend compute.Backend, run string, convention metrics.Convention) (*record.Record, error) {
	r, err := withConvention(backend, run, convention)
	if err != nil {
		return nil, fmt.Errorf("measuring the detection of %s by convention %s: %w", run, convention, err)
	}
	return r, nil
}

func withConvention(backend compute.Backend, run string, convention metrics.Convention) (*record.Record, error) {
	if _, err := metrics.ConventionByName(convention.String()); err != nil {
		return nil, err
	}
	r, err := record.Read(run)
	if err != nil || r.Spec.Convention == convention.String() {
		return r, err
	}
	answers, err := newAnswers(backend, run, r)
	if err != nil {
		return nil, err
	}
	defer answers.scorer.Finalize()
	in, err := answers.scores(testSet)
	if err != nil {
		return nil, err
	}
	r.Converted = &record.Conversion{From: r.Spec.Convention}
	r.Spec.Convention = convention.String()
	for i := range r.OutOfDistribution {
		entry := &r.OutOfDistribution[i]
		out, err := answers.scores(entry.Set.Name)
		if err == nil {
			err = convert(entry, in, out, convention, r.Converted)
		}
		if err != nil {
			return nil, fmt.Errorf("detecting %s: %w", entry.Set.Name, err)
		}
	}
	return r, nil
}

// convert measures the scores that are there of both sets, and takes the others out of the entry.
func convert(entry *record.OutOfDistribution, in, out map[string][]float64, convention metrics.Convention,
	conversion *record.Conversion) error {

	var converted []record.Detection
	for _, d := range entry.Scores {
		if out[d.Score] == nil {
			conversion.LeaveOut(d.Score)
			continue
		}
		if err := remeasure(&d, in[d.Score], out[d.Score], convention); err != nil {
			return fmt.Errorf("score %s: %w", d.Score, err)
		}
		converted = append(converted, d)
	}
	entry.Scores = converted
	if entry.Floor != nil {
		conversion.LeaveOut(entry.Floor.Score)
		entry.Floor = nil
	}
	return nil
}

// remeasure replaces the numbers of the detection, and its intervals if it has some.
func remeasure(d *record.Detection, in, out []float64, convention metrics.Convention) (err error) {
	if err := measureScore(d, in, out, convention); err != nil || d.Intervals == nil {
		return err
	}
	d.Intervals, err = detectionIntervals(in, out, convention)
	return err
}

// storedAnswers are the stored logits of a run and the scores that are made of them alone.
type storedAnswers struct {
	folder string
	record *record.Record
	known  []*dismaxlib.Score
	scorer *network.Scorer
}

// newAnswers prepares the scores of the record that are made of logits alone.
func newAnswers(backend compute.Backend, run string, r *record.Record) (*storedAnswers, error) {
	if len(r.Outputs) == 0 {
		return nil, withoutLogits(r)
	}
	a := &storedAnswers{folder: run, record: r, known: scoresOfLogits(r)}
	if info, err := os.Stat(run); err == nil && !info.IsDir() {
		a.folder = filepath.Dir(run)
	}
	var err error
	a.scorer, err = network.NewScorer(backend, a.known, nil, nil, nil)
	return a, err
}

// scoresOfLogits are the registered scores, with the parameters of the record, that need neither a state nor more than
// logits.
func scoresOfLogits(r *record.Record) []*dismaxlib.Score {
	var known []*dismaxlib.Score
	for _, out := range r.OutOfDistribution {
		for _, d := range out.Scores {
			score, err := dismaxlib.ScoreByName(d.Score)
			if err != nil || slices.Contains(known, score) {
				continue
			}
			if score.Needs == 0 && score.Fit == nil && maps.Equal(score.Parameters, d.Parameters) {
				known = append(known, score)
			}
		}
	}
	return known
}

// scores are those of a set, by their names.
func (a *storedAnswers) scores(set string) (map[string][]float64, error) {
	outputs, _, err := loadOutputs(a.folder, a.record, set)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, withoutLogits(a.record)
	}
	if err != nil {
		return nil, err
	}
	values, err := a.scorer.Compute(outputs)
	if err != nil {
		return nil, fmt.Errorf("scoring %s: %w", set, err)
	}
	scores := map[string][]float64{}
	for i, score := range a.known {
		scores[score.Name] = values[i]
	}
	return scores, nil
}

// withoutLogits says where logits come from.
func withoutLogits(r *record.Record) error {
	if r.Collected {
		return fmt.Errorf("%w: it is a copy, so collect the run with them (dismax grid collect without --no-logits), "+
			"or name the run itself", ErrNoLogits)
	}
	return fmt.Errorf("%w: name the folder of the run, or evaluate it again (dismax run --again)", ErrNoLogits)
}
