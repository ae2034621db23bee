package training

import (
	"fmt"
	"math"
	"slices"
)

// RateChange is a step from which on a training went on at another learning rate than its schedule has.
type RateChange struct {
	Step int     `json:"step"`          // the first at the new rate, counted from 0
	Rate float64 `json:"learning_rate"` // of that step
}

// changedSchedule is a schedule with changes, ascending by their steps. From a change on the rate is proportional to the
// schedule's:
//
//	rate(t) = Rate schedule(t) / schedule(Step)
type changedSchedule struct {
	Schedule
	changes []RateChange
}

// At implements [Schedule].
func (c changedSchedule) At(step int) float64 {
	for _, change := range slices.Backward(c.changes) {
		if step < change.Step {
			continue
		}
		if before := c.Schedule.At(change.Step); before > 0 {
			return change.Rate * (c.Schedule.At(step) / before)
		}
		return change.Rate
	}
	return c.Schedule.At(step)
}

// checkRates refuses changes of the learning rate that cannot be meant.
func (c *Config) checkRates() error {
	if c.ContinueAtRate == 0 && len(c.RateChanges) == 0 {
		return nil
	}
	if c.Schedule == nil {
		return fmt.Errorf("a learning rate can be changed where there is a Schedule")
	}
	if c.ContinueAtRate != 0 && !isRate(c.ContinueAtRate) {
		return fmt.Errorf("going on at learning rate %g: it must be positive and finite", c.ContinueAtRate)
	}
	last := -1
	for _, change := range c.RateChanges {
		if change.Step <= last || !isRate(change.Rate) {
			return fmt.Errorf("learning rate %g from step %d on: rates are positive and finite, and steps ascend",
				change.Rate, change.Step)
		}
		last = change.Step
	}
	return nil
}

func isRate(rate float64) bool { return rate > 0 && !math.IsInf(rate, 1) }

// changeRate takes over the changes of the learning rate that the run begins with or its checkpoint holds, and makes the
// one that is asked for.
func (r *run) changeRate() error {
	if r.done.Step == 0 {
		r.done.RateChanges = slices.Clone(r.RateChanges)
	} else if saved := r.done.RateChanges; len(saved) < len(r.RateChanges) ||
		!slices.Equal(saved[:len(r.RateChanges)], r.RateChanges) {
		return fmt.Errorf("the checkpoint in %s belongs to another run, whose learning rate was changed otherwise (%v there "+
			"and %v here): choose another folder or delete it", r.Folder, saved, r.RateChanges)
	}
	if err := r.continueAtRate(); err != nil {
		return err
	}
	if len(r.done.RateChanges) > 0 {
		r.Schedule = changedSchedule{r.Schedule, r.done.RateChanges}
	}
	return nil
}

// continueAtRate adds the change that is asked for, unless the run that made it was interrupted and goes on.
func (r *run) continueAtRate() error {
	changes := r.done.RateChanges
	switch last := len(changes) - 1; {
	case r.ContinueAtRate == 0, last >= 0 && changes[last].Rate == r.ContinueAtRate:
		return nil
	case r.done.Step == 0:
		return fmt.Errorf("there is no checkpoint in %s from which to go on at learning rate %g: start anew at that rate",
			r.Folder, r.ContinueAtRate)
	case r.finished():
		return fmt.Errorf("the training in %s is finished: there is nothing to do at learning rate %g",
			r.Folder, r.ContinueAtRate)
	}
	changes = slices.DeleteFunc(changes, func(c RateChange) bool { return c.Step >= r.done.Step })
	r.done.RateChanges = append(changes, RateChange{r.done.Step, r.ContinueAtRate})
	r.Log(fmt.Sprintf("going on at learning rate %g, from step %d on", r.ContinueAtRate, r.done.Step+1))
	return nil
}
