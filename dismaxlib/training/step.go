package training

import (
	"errors"
	"fmt"

	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/gomlx/gomlx/ml/train/optimizer"
)

// rateVariable is the path of [optimizer.LearningRateVar].
var rateVariable = model.ScopeSeparator + optimizer.Scope + model.ScopeSeparator + optimizer.ParamLearningRate

// scheduled is the optimizer of a run, at the learning rate of its schedule from the first step: an optimizer creates
// its learning-rate variable, in the dtype of its choice and at its own rate, when the first graph is built.
type scheduled struct {
	optimizer.Interface
	run *run
}

// UpdateGraph implements [optimizer.Interface].
func (s scheduled) UpdateGraph(scope *model.Scope, g *Graph, loss *Node) {
	s.Interface.UpdateGraph(scope, g, loss)
	for variable := range scope.IterVariables() {
		s.run.trained[variable.Path()] = variable.Trainable && variable.InUseByGraph(g)
	}
	if err := s.run.setRate(); err != nil {
		panic(err) // which TrainStep returns
	}
}

// step trains on one batch and returns its loss.
func (r *run) step(trainer *train.Trainer, batch train.Batch) (loss float64, err error) {
	if err := r.checkFits(batch); err != nil {
		return 0, err
	}
	if r.Store.GetVariable(rateVariable) != nil {
		if err := r.setRate(); err != nil {
			return 0, err
		}
	}
	metrics, err := r.trainStep(trainer, batch)
	if err != nil {
		return 0, err
	}
	loss = shapes.ConvertTo[float64](metrics[0].Value())
	for _, metric := range metrics {
		if err := metric.FinalizeAll(); err != nil {
			return 0, err
		}
	}
	if !isFinite(loss) {
		return 0, r.lossNotFinite(loss)
	}
	return loss, nil
}

// trainStep trains on one batch and returns the trainer's metrics, of which the loss is the first.
func (r *run) trainStep(trainer *train.Trainer, batch train.Batch) ([]*tensors.Tensor, error) {
	if r.devices != nil {
		return r.devices.step(trainer, batch)
	}
	return trainer.TrainStep(batch)
}

// setRate gives the optimizer the learning rate of the step under way.
func (r *run) setRate() error {
	if r.Schedule == nil {
		return nil
	}
	variable := r.Store.GetVariable(rateVariable)
	if variable == nil {
		return errors.New("the optimizer has no learning-rate variable that the Schedule could set")
	}
	rate, err := tensors.FromAnyValue(shapes.CastAsDType(r.Schedule.At(r.done.Step), variable.DType()))
	if err == nil {
		err = variable.SetValue(rate)
	}
	if err != nil {
		return fmt.Errorf("setting the learning rate: %w", err)
	}
	return nil
}

// rate returns the learning rate of a step; 0 if neither schedule nor optimizer knows one.
func (r *run) rate(step int) float64 {
	if r.Schedule != nil {
		return r.Schedule.At(step)
	}
	variable := r.Store.GetVariable(rateVariable)
	if variable == nil || !variable.HasValue() {
		return 0
	}
	return shapes.ConvertTo[float64](variable.MustValue().Value())
}
