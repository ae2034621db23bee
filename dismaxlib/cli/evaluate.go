package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/reports"
)

// evaluateCommand is "dismax evaluate".
type evaluateCommand struct {
	Logits    string   `required:"" placeholder:"FILE" help:"Logits of the test set, [images, classes], as numpy.save writes them; like all that follow."`
	Labels    string   `required:"" placeholder:"FILE" help:"Its labels, integers from 0."`
	OutLogits []string `sep:"none" placeholder:"FILE" help:"Logits of an out-of-distribution set, which is called like the file; repeatable."`

	ValidationLogits string `placeholder:"FILE" help:"Logits of held-out images, on which the temperature is fitted. Without them it is fitted on the test set, as in the paper, and the report says so."`
	ValidationLabels string `placeholder:"FILE" help:"Their labels."`

	Features      string   `placeholder:"FILE" help:"Features of the test set, [images, features]: what the last layer takes."`
	OutFeatures   []string `sep:"none" placeholder:"FILE" help:"Features of each out-of-distribution set, in their order; repeatable."`
	TrainLogits   string   `placeholder:"FILE" help:"Logits of the training set, which some scores are fitted on."`
	TrainLabels   string   `placeholder:"FILE" help:"Its labels."`
	TrainFeatures string   `placeholder:"FILE" help:"Its features."`
	HeadWeights   string   `placeholder:"FILE" help:"Weights of the last layer, [classes, features], for scores that go through it again."`
	HeadBias      string   `placeholder:"FILE" help:"Its bias, [classes]."`

	Model   string `placeholder:"TEXT" help:"What the report calls the model."`
	Dataset string `placeholder:"TEXT" help:"What it calls the test set. Default: the name of the file of logits."`
	Score   string `default:"MPS" placeholder:"NAME" help:"Score that the report shows first (see dismax models); all are measured. Default: ${default}."`

	Criterion  string `default:"ece" placeholder:"NAME" help:"What the temperature minimizes: ece or nll. Default: ${default}."`
	Convention string `default:"field" placeholder:"NAME" help:"Definition of the detection metrics: field (as scikit-learn and OpenOOD) or paper (as its Table 2). Default: ${default}."`

	Out     string `required:"" short:"o" placeholder:"DIR" help:"Folder for the record and copies of the outputs."`
	Again   bool   `help:"Replace a former evaluation in that folder."`
	Backend string `placeholder:"CONFIG" help:"Compute backend, as in GOMLX_BACKEND. Default: $$GOMLX_BACKEND, then the best that is here."`
	Quiet   bool   `short:"q" help:"Print nothing but errors."`
}

// Run evaluates and prints the table.
func (c *evaluateCommand) Run(ctx context.Context, t terminal) error {
	given, err := promptly(ctx, c.given)
	if err != nil {
		return err
	}
	options := experiment.Options{Folder: c.Out, Again: c.Again}
	if !c.Quiet {
		options.Log = t.line
	}
	if options.Backend, options.Choice, err = openBackend(c.Backend, options.Log); err != nil {
		return usageError{err}
	}
	defer options.Backend.Finalize()
	result, err := promptly(ctx, func() (*record.Record, error) { return experiment.Evaluate(ctx, given, options) })
	if err != nil {
		return err
	}
	if !c.Quiet {
		fmt.Fprint(t.out, reports.Table(result).Text(true))
		printCautions(t, result)
		fmt.Fprintf(t.err, "record: %s\nfor plots and a page: dismax report %s\n", recordPath(c.Out), c.Out)
	}
	return nil
}

// given reads the files.
func (c *evaluateCommand) given() (given experiment.Given, err error) {
	if given.Convention, err = metrics.ConventionByName(c.Convention); err != nil {
		return given, usageError{err}
	}
	if given.Score, err = dismaxlib.ScoreByName(c.Score); err != nil {
		return given, usageError{err}
	}
	if flag := c.flagFor(given.Score); flag != "" {
		return given, usageError{fmt.Errorf("--score %s needs %s", c.Score, flag)}
	}
	given.Model, given.Criterion, given.Dataset = c.Model, c.Criterion, c.Dataset
	if given.Dataset == "" {
		given.Dataset = nameOfFile(c.Logits)
	}
	test, err := answersOf("", c.Logits, c.Labels, c.Features)
	if err != nil {
		return given, err
	}
	given.Test = *test
	if given.Validation, err = answersOf("validation-", c.ValidationLogits, c.ValidationLabels, ""); err != nil {
		return given, err
	}
	if given.Training, err = answersOf("train-", c.TrainLogits, c.TrainLabels, c.TrainFeatures); err != nil {
		return given, err
	}
	if given.OutOfDistribution, err = c.outOfDistribution(); err != nil {
		return given, err
	}
	if (c.HeadWeights == "") != (c.HeadBias == "") {
		return given, usageError{errors.New("--head-weights and --head-bias belong together: give both")}
	}
	if c.HeadWeights != "" {
		if given.HeadWeights, err = readFloats("--head-weights", c.HeadWeights, 2); err == nil {
			given.HeadBias, err = readFloats("--head-bias", c.HeadBias, 1)
		}
	}
	return given, err
}

// flagFor names the first flag that the score needs and that is not given, "" if there is none.
func (c *evaluateCommand) flagFor(score *dismaxlib.Score) string {
	needs := func(need dismaxlib.Needs) bool { return score.Needs&need != 0 }
	switch {
	case needs(dismaxlib.NeedsImages | dismaxlib.NeedsSimilarities):
		return "the head or all of the network itself, and there are outputs alone: choose another score"
	case needs(dismaxlib.NeedsFeatures) && c.Features == "":
		return "--features, those of the test set"
	case needs(dismaxlib.NeedsFeatures) && len(c.OutFeatures) < len(c.OutLogits):
		return "--out-features, one for each --out-logits"
	case needs(dismaxlib.NeedsHead|dismaxlib.NeedsLinearHead) && c.HeadWeights == "":
		return "--head-weights and --head-bias, those of the last layer"
	case score.Fit != nil && c.TrainLogits == "":
		return "--train-logits and --train-labels, which it is fitted on"
	case score.Fit != nil && needs(dismaxlib.NeedsFeatures) && c.TrainFeatures == "":
		return "--train-features, which it is fitted on"
	}
	return ""
}

// answersOf reads one labelled set, nil if no logits of it are named.
func answersOf(flags, logits, labels, features string) (*experiment.Answers, error) {
	if logits == "" {
		if labels != "" || features != "" {
			return nil, usageError{fmt.Errorf("--%slogits is missing, to which the labels and features belong", flags)}
		}
		return nil, nil
	}
	if labels == "" {
		return nil, usageError{fmt.Errorf("--%slabels is missing: the labels of --%slogits %s", flags, flags, logits)}
	}
	var answers experiment.Answers
	var err error
	if answers.Logits, err = readFloats("--"+flags+"logits", logits, 2); err != nil {
		return nil, err
	}
	if answers.Labels, err = readLabels("--"+flags+"labels", labels); err != nil {
		return nil, err
	}
	if err := checkLabels(answers); err != nil {
		return nil, fmt.Errorf("--%slogits %s with --%slabels %s: %w", flags, logits, flags, labels, err)
	}
	if features != "" {
		answers.Features, err = readFloats("--"+flags+"features", features, 2)
	}
	return &answers, err
}

// checkLabels compares labels with their logits, while the names of their files are known.
func checkLabels(answers experiment.Answers) error {
	logits, err := network.LogitsOf(answers.Logits)
	if err != nil {
		return err
	}
	return logits.Check(answers.Labels)
}

// outOfDistribution reads the sets that are named.
func (c *evaluateCommand) outOfDistribution() (sets []experiment.Answers, err error) {
	if n := len(c.OutFeatures); n > 0 && n != len(c.OutLogits) {
		return nil, usageError{fmt.Errorf("--out-features was given %d times and --out-logits %d times: give one for each",
			n, len(c.OutLogits))}
	}
	if twice := sameFile(c.OutLogits); twice != "" {
		return nil, usageError{fmt.Errorf("--out-logits %s was given twice: give each set once", twice)}
	}
	taken := map[string]int{"test": 1, "validation": 1}
	for i, path := range c.OutLogits {
		set := experiment.Answers{Name: nameOfFile(path)}
		if taken[set.Name]++; taken[set.Name] > 1 {
			set.Name = fmt.Sprintf("%s-%d", set.Name, taken[set.Name])
		}
		if set.Logits, err = readFloats("--out-logits", path, 2); err != nil {
			return nil, err
		}
		if len(c.OutFeatures) > 0 {
			if set.Features, err = readFloats("--out-features", c.OutFeatures[i], 2); err != nil {
				return nil, err
			}
		}
		sets = append(sets, set)
	}
	return sets, nil
}

// sameFile returns the first path that leads to a file of an earlier one, "" if there is none. Paths that lead nowhere
// are left to those who read them.
func sameFile(paths []string) string {
	var earlier []os.FileInfo
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			continue
		}
		if slices.ContainsFunc(earlier, func(other os.FileInfo) bool { return os.SameFile(info, other) }) {
			return path
		}
		earlier = append(earlier, info)
	}
	return ""
}

// nameOfFile is the file's name without folder and ending.
func nameOfFile(path string) string {
	name := filepath.Base(path)
	return strings.TrimSuffix(name, filepath.Ext(name))
}
