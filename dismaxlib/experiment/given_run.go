package experiment

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/calibrate"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/dismax-go/dismax/dismaxlib/record"
)

// unknown is the name of the loss, and of a model without a name, in records of outputs that were given.
const unknown = "unknown"

// Evaluate measures what a model of any framework answered: it fits the temperature, and computes calibration and
// detection metrics, with their intervals, of every score that the given outputs allow; the log names the others. The
// record says that no training was seen. It is written to the folder with copies of the outputs, as that of [Run] is,
// and package reports shows both alike.
//
// Of the options Backend, Choice, Folder, Again, Scores and Log count. A folder that holds a record already is refused,
// unless Again is set and that record is of outputs, too.
func Evaluate(ctx context.Context, given Given, options Options) (r *record.Record, err error) {
	start := time.Now()
	if err := options.check(); err != nil {
		return nil, fmt.Errorf("experiment: %w", err)
	}
	if err := given.check(); err != nil {
		return nil, fmt.Errorf("evaluating outputs: %w", err)
	}
	e := &givenRun{run: run{options: options, spec: given.spec(), outputsOnly: true}, given: given}
	if err := checkEvaluation(e.spec); err != nil {
		return nil, fmt.Errorf("evaluating outputs: %w", err)
	}
	if err := e.takeFormer(); err != nil {
		return nil, err
	}
	lock, err := e.lockFolder()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if err := e.takeFormer(); err != nil { // of an evaluation that ended meanwhile
		return nil, err
	}
	if err := e.evaluate(ctx); err != nil {
		return nil, fmt.Errorf("evaluating outputs: %w", err)
	}
	e.record.Created = time.Now().UTC().Truncate(time.Second)
	e.record.TotalSeconds = time.Since(start).Seconds()
	return e.record, e.finish()
}

// givenRun is an evaluation under way.
type givenRun struct {
	run
	given  Given
	scorer *dismaxlib.Scorer
}

// spec is what a record says of outputs: names, and how they are evaluated.
func (g *Given) spec() record.Spec {
	spec := record.Spec{
		Dataset: cmp.Or(g.Dataset, testSet), Model: cmp.Or(g.Model, unknown), Loss: unknown,
		Protocol: record.HeldOut, CalibrationBins: metrics.DefaultBins,
		CalibrationCriterion: cmp.Or(g.Criterion, calibrate.CriterionECE), Convention: g.Convention.String(),
	}
	if g.Validation == nil {
		spec.Protocol = record.Paper
	}
	for _, set := range g.OutOfDistribution {
		spec.OutOfDistribution = append(spec.OutOfDistribution, set.Name)
	}
	return spec
}

// takeFormer takes the folder's evaluation as the former one, and refuses a record that would be lost.
func (e *givenRun) takeFormer() error {
	former, err := record.Read(filepath.Join(e.options.Folder, record.FileName))
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return fmt.Errorf("the folder %s holds a record that cannot be read; choose another folder, or move it away: %w",
			e.options.Folder, err)
	case !former.OutputsOnly:
		return fmt.Errorf("the folder %s holds the record of a training: choose another folder", e.options.Folder)
	case !e.options.Again:
		return fmt.Errorf("the folder %s holds a record of outputs already: choose another folder, or set Again (--again)",
			e.options.Folder)
	default:
		e.former = former
	}
	return nil
}

// evaluate fills the record.
func (e *givenRun) evaluate(ctx context.Context) error {
	e.begin()
	if err := e.saveGiven(); err != nil {
		return err
	}
	if err := e.measureTest(); err != nil {
		return err
	}
	if err := e.newScorer(); err != nil {
		return err
	}
	defer e.scorer.Finalize()
	in, err := e.scorer.Compute(e.given.Test.outputs())
	if err != nil {
		return fmt.Errorf("scoring the test set: %w", err)
	}
	for i := range e.given.OutOfDistribution {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		set := &e.given.OutOfDistribution[i]
		out, err := e.scorer.Compute(set.outputs())
		if err != nil {
			return fmt.Errorf("scoring %s: %w", set.Name, err)
		}
		if err := e.measureDetection(set, in, out); err != nil {
			return fmt.Errorf("detecting %s: %w", set.Name, err)
		}
	}
	return nil
}

// begin starts the record.
func (e *givenRun) begin() {
	g := &e.given
	if g.Score == nil {
		g.Score = dismaxlib.MPS
	}
	_, classes := g.Test.size()
	e.record = &record.Record{
		OutputsOnly: true, Spec: e.spec, Versions: Versions(),
		Backend: record.Backend{
			Name: e.options.Choice.Config, Description: e.options.Backend.Description(), Device: e.options.Choice.Device,
			Devices: 1, Cores: runtime.GOMAXPROCS(0), Instructions: e.options.Choice.Instructions,
		},
		Data: record.Data{Test: g.Test.set(e.spec.Dataset)},
		Model: record.Model{
			Name: e.spec.Model, Title: cmp.Or(g.Model, "unknown model"),
			Classes: classes, ClassNames: network.NumberedClasses(classes),
		},
		Loss: record.Loss{Name: unknown, Title: "unknown loss", Scores: []string{g.Score.Name}},
	}
	if g.Test.Features != nil {
		e.record.Model.Features = g.Test.Features.Shape().Dim(1)
	}
	if g.Validation != nil {
		e.record.Data.Validation = g.Validation.set(e.spec.Dataset)
		e.record.HeldOut = record.HeldOutUse{Images: e.record.Data.Validation.Images, Choices: []string{"temperature"}}
	}
	if g.Training != nil {
		e.record.Data.Train = g.Training.set(e.spec.Dataset)
	}
}

// saveGiven copies the outputs into the folder, but for those of the training set.
func (e *givenRun) saveGiven() error {
	save := func(name string, a *Answers) error {
		e.log("%s: %d rows of %d logits", name, a.Logits.Shape().Dim(0), a.Logits.Shape().Dim(1))
		return e.saveOutputs(name, &network.Outputs{Outputs: a.outputs()}, a.Labels)
	}
	if err := save(testSet, &e.given.Test); err != nil {
		return err
	}
	if e.given.Validation != nil {
		if err := save(validationSet, e.given.Validation); err != nil {
			return err
		}
	}
	for i := range e.given.OutOfDistribution {
		set := e.given.OutOfDistribution[i]
		set.Labels = nil // of no class of the test set
		if err := save(set.Name, &set); err != nil {
			return err
		}
	}
	return nil
}

// newScorer fits the scores that the outputs allow.
func (e *givenRun) newScorer() error {
	e.scores = e.allowedScores()
	var fitted map[string]dismaxlib.Fitted
	if train := e.given.Training; train != nil {
		var err error
		fitted, err = dismaxlib.FitScores(e.scores, dismaxlib.TrainingOutputs{
			Logits: train.Logits, Features: train.Features, Labels: train.Labels,
			Weights: e.given.HeadWeights, Bias: e.given.HeadBias,
		})
		if err != nil {
			return err
		}
		if err := e.saveFitted(fitted); err != nil {
			return err
		}
	}
	var err error
	e.scorer, err = dismaxlib.NewScorer(e.options.Backend, e.scores, fitted, e.given.head())
	return err
}

// allowedScores are the wanted scores that the outputs allow. The log names the others and what they want for.
func (e *givenRun) allowedScores() []*dismaxlib.Score {
	wanted := e.options.Scores
	if wanted == nil {
		wanted = dismaxlib.Scores(dismaxlib.AllNeeds)
	}
	var allowed []*dismaxlib.Score
	var reasons []string
	names, leftOut := map[string]bool{}, map[string][]string{}
	for _, score := range append([]*dismaxlib.Score{e.given.Score}, wanted...) {
		if names[score.Name] {
			continue
		}
		names[score.Name] = true
		lacks := e.given.lacks(score)
		if lacks == "" {
			allowed = append(allowed, score)
			continue
		}
		if leftOut[lacks] == nil {
			reasons = append(reasons, lacks)
		}
		leftOut[lacks] = append(leftOut[lacks], score.Name)
	}
	for _, lacks := range reasons {
		e.log("not measured, for want of %s: %s", lacks, strings.Join(leftOut[lacks], ", "))
	}
	return allowed
}

// lacks names what the score needs and was not given, "" if there is nothing of the kind.
func (g *Given) lacks(score *dismaxlib.Score) string {
	hasFeatures := g.Test.Features != nil
	for _, set := range g.OutOfDistribution {
		hasFeatures = hasFeatures && set.Features != nil
	}
	hasHead := g.HeadWeights != nil
	needsHead := score.Needs.Has(dismaxlib.NeedsHead) || score.Needs.Has(dismaxlib.NeedsLinearHead)
	needsFeatures := score.Needs.Has(dismaxlib.NeedsFeatures)
	switch {
	case score.Needs.Has(dismaxlib.NeedsImages):
		return "images and the network itself"
	case score.Needs.Has(dismaxlib.NeedsSimilarities):
		return "a head that computes similarities"
	case needsFeatures && !hasFeatures:
		return "the features of every set"
	case needsHead && !hasHead:
		return "the weights and the bias of the last layer"
	case score.Fit != nil && (g.Training == nil || needsFeatures && g.Training.Features == nil):
		return "outputs of the training set"
	}
	return ""
}
