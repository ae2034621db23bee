package training

import (
	"errors"
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/distributed"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/dtensor"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"
)

// CheckDevices returns what keeps a backend from training on that many of its devices, see [Config.Devices], in batches
// of batchSize images.
func CheckDevices(backend compute.Backend, devices, batchSize int) error {
	if err := checkAvailable(backend, devices); err != nil {
		return err
	}
	return checkDivides(batchSize, devices)
}

func checkAvailable(backend compute.Backend, devices int) error {
	available := max(1, int(backend.NumDevices()))
	switch {
	case devices < 0:
		return fmt.Errorf("%d devices: want 1 or more", devices)
	case devices > 1 && available == 1:
		return fmt.Errorf("%d devices: the backend %s has only one; train on one, or choose another backend",
			devices, backend.Name())
	case devices > available:
		return fmt.Errorf("%d devices: the backend %s has only %d", devices, backend.Name(), available)
	}
	return nil
}

func checkDivides(batchSize, devices int) error {
	if devices > 1 && batchSize%devices != 0 {
		return fmt.Errorf("%d devices: a batch of %d images cannot be divided among them equally; "+
			"choose a batch size that is a multiple of %d", devices, batchSize, devices)
	}
	return nil
}

// devices are the first devices of a backend, training on one batch together: each has a copy of the variables and an
// equal share of the images. GoMLX and XLA divide the graph of one device among them (AutoSharding), so that batch
// statistics, mixed images and the loss are those of the whole batch.
type devices struct {
	count  int
	shared *distributed.ShardingSpec // of a batch: its first axis is divided
	copied *distributed.ShardingSpec // of variables
}

// newDevices returns nil for one device.
func newDevices(count int) (*devices, error) {
	if count <= 1 {
		return nil, nil
	}
	const axis = "images"
	mesh, err := distributed.NewDeviceMesh([]int{count}, []string{axis})
	if err != nil {
		return nil, err
	}
	shared, err := distributed.NewShardingSpec(mesh, distributed.AxisSpec{axis})
	if err != nil {
		return nil, err
	}
	return &devices{count: count, shared: shared, copied: distributed.NewReplicatedShardingSpec(mesh)}, nil
}

// distribute makes the variables of the store, and those that training adds, have a copy on every device.
func (d *devices) distribute(store *model.Store) error {
	// Initializing variables needs the random state, to which GoMLX gives no sharding of its own.
	if state := store.GetVariable(model.JoinPath("/", model.RNGStateVariableName)); state == nil || !state.HasValue() {
		if err := store.ResetRNGState(); err != nil {
			return err
		}
	}
	for variable := range store.IterVariables() {
		if err := variable.SetShardingSpec(d.copied); err != nil {
			return err
		}
	}
	return nil
}

// collect ends what distribute began: every variable has one value again, on the host.
func (d *devices) collect(store *model.Store) error {
	var failed []error
	for variable := range store.IterVariables() {
		failed = append(failed, collectVariable(variable))
	}
	return errors.Join(failed...)
}

func collectVariable(variable *model.Variable) error {
	if variable.HasValue() {
		value, err := variable.Value()
		if err != nil {
			return err
		}
		copies, err := variable.DistributedValue()
		if err != nil {
			return err
		}
		if err := variable.SetValuePreservingOld(value); err != nil {
			return err
		}
		if err := copies.Finalize(); err != nil {
			return fmt.Errorf("variable %s: %w", variable.Path(), err)
		}
	}
	return variable.SetShardingSpec(nil)
}

// step trains on the batch, of which it gives each device a share, and returns the trainer's metrics.
func (d *devices) step(trainer *train.Trainer, batch train.Batch) ([]*tensors.Tensor, error) {
	divided := train.DistributedBatch{Spec: batch.Spec}
	var err error
	if divided.Inputs, err = d.divide(batch.Inputs); err != nil {
		return nil, err
	}
	if divided.Labels, err = d.divide(batch.Labels); err != nil {
		return nil, err
	}
	if err := batch.Finalize(); err != nil {
		return nil, err
	}
	return trainer.DistributedTrainStep(distributed.AutoSharding, nil, divided)
}

func (d *devices) divide(whole []*tensors.Tensor) ([]*dtensor.Tensor, error) {
	divided := make([]*dtensor.Tensor, len(whole))
	for i, value := range whole {
		if err := checkDivides(value.Shape().Dim(0), d.count); err != nil {
			return nil, err
		}
		var err error
		if divided[i], err = dtensor.ShardTensor(d.shared, value); err != nil {
			return nil, err
		}
	}
	return divided, nil
}
