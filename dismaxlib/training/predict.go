package training

import (
	"context"
	"fmt"
	"time"

	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"
)

// Prediction is what [Predict] computed.
type Prediction struct {
	// Logits are float32 [images, classes], in the order of the data.
	Logits *tensors.Tensor
	// ImagesPerSecond is the speed of the forward pass after the first batch, which compiles the graph; 0 if there was
	// no other.
	ImagesPerSecond float64
}

// LogitsOf copies logits, float32 [images, classes], for package metrics.
func LogitsOf(logits *tensors.Tensor) (metrics.Logits, error) {
	flat, err := tensors.CopyFlatData[float32](logits)
	if err != nil {
		return metrics.Logits{}, fmt.Errorf("reading logits: %w", err)
	}
	values := make([]float64, len(flat))
	for i, value := range flat {
		values[i] = float64(value)
	}
	return metrics.Logits{Values: values, Classes: logits.Shape().Dim(1)}, nil
}

// Predict evaluates the model once on every image of the data. The model runs in evaluation mode, with the variables
// of the store.
//
// A smaller last batch is filled up with zeros and cut again, so that only one graph is compiled.
func Predict(ctx context.Context, backend compute.Backend, store *model.Store,
	logits func(scope *model.Scope, images *Node) *Node, data train.Dataset) (*Prediction, error) {
	exec, err := model.NewExec(backend, store, func(scope *model.Scope, images *Node) *Node {
		return ConvertDType(logits(scope, images), dtypes.Float32)
	})
	if err != nil {
		return nil, fmt.Errorf("predicting on %s: %w", data.Name(), err)
	}
	defer exec.Finalize()
	p := &predictor{exec: exec}
	for batch, err := range data.Iter() {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = p.add(batch)
		}
		if err != nil {
			return nil, fmt.Errorf("predicting on %s: %w", data.Name(), err)
		}
	}
	if p.images == 0 {
		return nil, fmt.Errorf("predicting on %s: it has no images", data.Name())
	}
	prediction := &Prediction{Logits: tensors.FromFlatDataAndDimensions(p.logits, p.images, len(p.logits)/p.images)}
	if p.timed > 0 {
		prediction.ImagesPerSecond = float64(p.images-p.batchSize) / p.timed.Seconds()
	}
	return prediction, nil
}

// predictor collects the logits of batches.
type predictor struct {
	exec      *model.Exec
	batchSize int // of the first batch, and of the compiled graph
	images    int // so far
	logits    []float32
	timed     time.Duration // of the batches after the first
}

// add appends the logits of one batch, whose tensors it frees.
func (p *predictor) add(batch train.Batch) error {
	images := batch.Inputs[0]
	count := images.Shape().Dim(0)
	if p.batchSize == 0 {
		p.batchSize = count
	}
	if count < p.batchSize {
		var err error
		if images, err = padBatch(images, p.batchSize); err != nil {
			return err
		}
		defer images.FinalizeAll()
	}
	start := time.Now()
	output, err := p.exec.Call1(images)
	if err != nil {
		return err
	}
	defer output.FinalizeAll()
	flat, err := tensors.CopyFlatData[float32](output)
	if err != nil {
		return err
	}
	if p.images > 0 {
		p.timed += time.Since(start)
	}
	p.logits = append(p.logits, flat[:count*output.Shape().Dim(1)]...)
	p.images += count
	return batch.Finalize()
}

// padBatch returns a copy of the tensor with zeros appended on its first axis.
func padBatch(images *tensors.Tensor, size int) (*tensors.Tensor, error) {
	shape := images.Shape().Clone()
	shape.Dimensions[0] = size
	padded := tensors.FromShape(shape)
	var copyErr error
	err := images.ConstBytes(func(from []byte) {
		copyErr = padded.MutableBytes(func(to []byte) { copy(to, from) })
	})
	if err == nil {
		err = copyErr
	}
	return padded, err
}
