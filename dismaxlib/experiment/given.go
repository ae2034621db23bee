package experiment

import (
	"errors"
	"fmt"
	"math"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/gomlx/gomlx/core/tensors"
)

// Given is what a model of any framework answered, all that [Evaluate] needs. Only Test is required.
type Given struct {
	Model   string // what tables call the model; "" is "unknown model"
	Dataset string // what tables call the test set; "" is "test"

	Test Answers // with labels
	// Validation has labels, too: the temperature is fitted on it. Without it the temperature is fitted on Test, as the
	// paper's published code does, and the record says so.
	Validation        *Answers
	OutOfDistribution []Answers // with names

	// Training, with labels, is what scores that have a state are fitted on. Without it they are left out.
	Training *Answers
	// HeadWeights [classes, features] and HeadBias [classes] are the last layer, which some scores go through again.
	HeadWeights, HeadBias *tensors.Tensor

	Score      *dismaxlib.Score   // the one that reports show first; nil is [dismaxlib.MPS]
	Criterion  string             // what the temperature minimizes: calibrate.CriterionECE, which is the default, or CriterionNLL
	Convention metrics.Convention // of the detection metrics
}

// Answers are what a model answered on one set of inputs.
type Answers struct {
	Name     string          // of the set
	Logits   *tensors.Tensor // float32 or float64 [inputs, classes], raw: not divided by any temperature, no probabilities
	Features *tensors.Tensor // float32 or float64 [inputs, features]: what the last layer takes; may be nil
	Labels   []int32         // [inputs], from 0; nil of an out-of-distribution set
}

// check compares the parts with each other.
func (g *Given) check() error {
	if _, err := metrics.ConventionByName(g.Convention.String()); err != nil {
		return err
	}
	if g.Test.Logits == nil {
		return errors.New("there are no logits of the test set")
	}
	if err := g.Test.check("test", nil, true); err != nil {
		return err
	}
	for name, part := range map[string]*Answers{"validation": g.Validation, "training": g.Training} {
		if part == nil {
			continue
		}
		if err := part.check(name, &g.Test, true); err != nil {
			return err
		}
	}
	if err := checkSetNames(g.spec().OutOfDistribution); err != nil {
		return err
	}
	for i := range g.OutOfDistribution {
		set := &g.OutOfDistribution[i]
		if err := set.check(set.Name, &g.Test, false); err != nil {
			return err
		}
	}
	if (g.HeadWeights == nil) != (g.HeadBias == nil) {
		return errors.New("a linear head has weights and a bias, and one of them is missing")
	}
	return g.checkHead()
}

// checkHead compares the last layer with the logits and features of the test set.
func (g *Given) checkHead() error {
	if g.HeadWeights == nil {
		return nil
	}
	_, classes := g.Test.size()
	w, b := g.HeadWeights.Shape(), g.HeadBias.Shape()
	if !w.DType.IsFloat() || w.Rank() != 2 || w.Dim(0) != classes {
		return fmt.Errorf("the weights of the head are %s, want floats [%d classes, features]", w, classes)
	}
	if f := g.Test.Features; f != nil && w.Dim(1) != f.Shape().Dim(1) {
		return fmt.Errorf("the weights of the head are %s, want floats [%d classes, %d features]", w, classes, f.Shape().Dim(1))
	}
	if !b.DType.IsFloat() || b.Rank() != 1 || b.Dim(0) != classes {
		return fmt.Errorf("the bias of the head is %s, want floats [%d classes]", b, classes)
	}
	return nil
}

// check compares logits, features and labels with each other and with those of the test set, if it is given.
func (a *Answers) check(name string, test *Answers, labelled bool) error {
	logits, err := network.LogitsOf(a.Logits)
	if err != nil {
		return fmt.Errorf("the logits of %s: %w", name, err)
	}
	if test != nil && logits.Classes != test.Logits.Shape().Dim(1) {
		return fmt.Errorf("the logits of %s are of %d classes, those of the test set of %d",
			name, logits.Classes, test.Logits.Shape().Dim(1))
	}
	labels := a.Labels
	switch {
	case labelled && labels == nil:
		return fmt.Errorf("the labels of %s are missing", name)
	case !labelled:
		labels = make([]int32, logits.Rows())
	}
	if err := logits.Check(labels); err != nil {
		return fmt.Errorf("the set %s: %w", name, err)
	}
	if areProbabilities(logits) {
		return fmt.Errorf("the logits of %s are probabilities, whose rows sum to 1: give what the softmax takes", name)
	}
	if a.Features == nil {
		return nil
	}
	if f := a.Features.Shape(); !f.DType.IsFloat() || f.Rank() != 2 || f.Dim(0) != logits.Rows() {
		return fmt.Errorf("the features of %s are %s, want floats, one row for each of the %d logits", name, f, logits.Rows())
	}
	if test != nil && test.Features != nil && a.Features.Shape().Dim(1) != test.Features.Shape().Dim(1) {
		return fmt.Errorf("the features of %s are %s, those of the test set %s", name, a.Features.Shape(), test.Features.Shape())
	}
	return nil
}

// areProbabilities reports whether all rows lie between 0 and 1 and sum to 1, as far as float32 does.
func areProbabilities(logits metrics.Logits) bool {
	for i := range logits.Rows() {
		sum := 0.0
		for _, value := range logits.Row(i) {
			if value < 0 || value > 1 {
				return false
			}
			sum += value
		}
		if math.Abs(sum-1) > 1e-3 {
			return false
		}
	}
	return logits.Classes > 1
}
