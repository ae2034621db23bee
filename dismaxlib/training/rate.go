package training

import (
	"errors"
	"fmt"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"
)

// rateVariable is the path of [optimizer.LearningRateVar].
var rateVariable = model.ScopeSeparator + optimizer.Scope + model.ScopeSeparator + optimizer.ParamLearningRate

// scheduled is an optimizer that runs at the learning rate of a schedule.
type scheduled struct {
	optimizer.Interface
	store    *model.Store
	schedule Schedule // nil leaves the rate to the optimizer
	step     int      // the step under way
}

// startStep sets the learning rate of the step.
func (s *scheduled) startStep(step int) error {
	s.step = step
	if s.store.GetVariable(rateVariable) == nil {
		return nil // The step will build the first graph, and with it the variable.
	}
	return s.setRate()
}

// UpdateGraph implements [optimizer.Interface]. The optimizer creates its learning-rate variable, in the dtype of its
// choice, when the first graph is built: that graph must not run at the optimizer's own rate.
func (s *scheduled) UpdateGraph(scope *model.Scope, g *Graph, loss *Node) {
	s.Interface.UpdateGraph(scope, g, loss)
	if err := s.setRate(); err != nil {
		panic(err)
	}
}

func (s *scheduled) setRate() error {
	if s.schedule == nil {
		return nil
	}
	variable := s.store.GetVariable(rateVariable)
	if variable == nil {
		return errors.New("the optimizer has no learning-rate variable that the schedule could set")
	}
	rate, err := tensors.FromAnyValue(shapes.CastAsDType(s.schedule.At(s.step), variable.DType()))
	if err == nil {
		err = variable.SetValue(rate)
	}
	if err != nil {
		return fmt.Errorf("setting the learning rate of step %d: %w", s.step, err)
	}
	return nil
}

// rate returns the learning rate of a step that was done; 0 if neither schedule nor optimizer knows one.
func (s *scheduled) rate(step int) float64 {
	if s.schedule != nil {
		return s.schedule.At(step)
	}
	variable := s.store.GetVariable(rateVariable)
	if variable == nil || !variable.HasValue() {
		return 0
	}
	return shapes.ConvertTo[float64](variable.MustValue().Value())
}
