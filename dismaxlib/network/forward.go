package network

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/metrics"
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"
)

// LargestBatch is how many inputs go through a network at once. Loaders of evaluation sets should make batches of it.
const LargestBatch = 128

// Outputs are what a network answers on some inputs, in their order: float32 logits [inputs, classes], raw; and
// features [inputs, features], if the function returns them.
type Outputs struct {
	dismaxlib.Outputs

	// Scores are those that the function computes within the network, [scores][inputs].
	Scores [][]float64

	// InputsPerSecond is the speed after the first batch, which compiles the graph; 0 if there was no other.
	InputsPerSecond float64
}

// Accuracy returns the share of the inputs whose largest logit is that of their label. Labels are classes, from 0, one for
// each input.
func (o *Outputs) Accuracy(labels []int32) (float64, error) {
	logits, err := LogitsOf(o.Logits)
	if err != nil {
		return 0, err
	}
	return metrics.Accuracy(logits, labels)
}

// LogitsOf returns logits [inputs, classes], of float32 or float64, as packages metrics and calibrate take them.
func LogitsOf(logits *tensors.Tensor) (metrics.Logits, error) {
	if logits == nil || logits.Rank() != 2 {
		return metrics.Logits{}, errors.New("reading logits: want a tensor [inputs, classes]")
	}
	host := metrics.Logits{Classes: logits.Shape().Dim(1)}
	if logits.DType() == dtypes.Float64 {
		values, err := tensors.CopyFlatData[float64](logits)
		host.Values = values
		return host, err
	}
	values, err := tensors.CopyFlatData[float32](logits)
	if err != nil {
		return metrics.Logits{}, fmt.Errorf("reading logits: %w", err)
	}
	host.Values = make([]float64, len(values))
	for i, value := range values {
		host.Values[i] = float64(value)
	}
	return host, nil
}

// ForwardFn is a model in evaluation: it maps inputs [batch, …] to logits [batch, classes], then, if there are any,
// features [batch, features], then scores [batch] each.
type ForwardFn func(scope *model.Scope, inputs *Node) (logits, features *Node, scores []*Node)

// LogitsOnly makes a ForwardFn of a model function that returns logits, as train.NewTrainer takes it.
func LogitsOnly(logits func(scope *model.Scope, inputs *Node) *Node) ForwardFn {
	return func(scope *model.Scope, inputs *Node) (*Node, *Node, []*Node) { return logits(scope, inputs), nil, nil }
}

// Forward passes inputs through a trained network. It compiles one graph for each size of batch: a power of two, up to
// [LargestBatch]. Smaller batches are filled up with zeros, so that the answers on one set of inputs do not depend on
// what other sets there were. It is not safe for concurrent use.
type Forward struct {
	exec     *model.Exec
	store    *model.Store
	expected map[string]bool // paths of the variables that the store held at first
	compiled map[int]bool    // sizes of batches

	hasFeatures bool
}

// NewForward prepares the network in evaluation mode, with the variables of the store. Changes of the variables take
// effect at the next call.
func NewForward(backend compute.Backend, store *model.Store, graph ForwardFn) (*Forward, error) {
	if backend == nil || store == nil || graph == nil {
		return nil, errors.New("a forward pass needs a backend, a store and a function")
	}
	f := &Forward{store: store, expected: map[string]bool{}, compiled: map[int]bool{}}
	for variable := range store.IterVariables() {
		f.expected[variable.Path()] = true
	}
	exec, err := model.NewExec(backend, store, func(scope *model.Scope, inputs *Node) []*Node {
		logits, features, scores := graph(scope, inputs)
		outputs := []*Node{ConvertDType(logits, dtypes.Float32)}
		if f.hasFeatures = features != nil; f.hasFeatures {
			outputs = append(outputs, ConvertDType(features, dtypes.Float32))
		}
		for _, score := range scores {
			outputs = append(outputs, ConvertDType(score, dtypes.Float64))
		}
		return outputs
	})
	if err != nil {
		return nil, fmt.Errorf("building the network: %w", err)
	}
	f.exec = exec.WithName("Evaluation")
	return f, nil
}

// Finalize frees the compiled graphs.
func (f *Forward) Finalize() { f.exec.Finalize() }

// Run passes all inputs of the data through the network: Inputs[0] of each batch, which it frees.
func (f *Forward) Run(ctx context.Context, data train.Dataset) (*Outputs, error) {
	outputs, err := f.run(ctx, data.Iter())
	if err != nil {
		return nil, fmt.Errorf("predicting on %s: %w", data.Name(), err)
	}
	return outputs, nil
}

// RunFlat passes inputs of the given shape through the network that lie one after the other in memory: pixels, for
// example.
func RunFlat[T uint8 | float32](ctx context.Context, f *Forward, inputs []T, shape ...int) (*Outputs, error) {
	size := 1
	for _, dimension := range shape {
		size *= dimension
	}
	switch {
	case size < 1:
		return nil, fmt.Errorf("an input of shape %v holds nothing", shape)
	case len(inputs) == 0:
		return nil, errors.New("there are no inputs: want at least one")
	case len(inputs)%size != 0:
		return nil, fmt.Errorf("%d numbers are not a whole number of inputs of shape %v, which have %d each",
			len(inputs), shape, size)
	}
	return f.run(ctx, func(yield func(train.Batch, error) bool) {
		for some := range slices.Chunk(inputs, LargestBatch*size) {
			input := tensors.FromFlatDataAndDimensions(some, append([]int{len(some) / size}, shape...)...)
			if !yield(train.Batch{Inputs: []*tensors.Tensor{input}}, nil) {
				return
			}
		}
	})
}

// run is the loop over batches.
func (f *Forward) run(ctx context.Context, batches iter.Seq2[train.Batch, error]) (*Outputs, error) {
	var all collected
	var timed time.Duration // of the batches after the first
	size, timedInputs := 0, 0
	for batch, err := range batches {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		if len(batch.Inputs) == 0 || batch.Inputs[0].Rank() == 0 {
			return nil, errors.New("a batch holds no inputs")
		}
		count := batch.Inputs[0].Shape().Dim(0)
		isFirst := size == 0
		size = max(size, powerOfTwo(count))
		start := time.Now()
		if err := f.add(&all, batch.Inputs[0], size); err != nil {
			return nil, err
		}
		if !isFirst {
			timed, timedInputs = timed+time.Since(start), timedInputs+count
		}
		if err := batch.Finalize(); err != nil {
			return nil, err
		}
	}
	if all.inputs == 0 {
		return nil, errors.New("there are no inputs: want at least one")
	}
	outputs := all.outputs()
	if timed > 0 {
		outputs.InputsPerSecond = float64(timedInputs) / timed.Seconds()
	}
	return outputs, nil
}

// powerOfTwo returns the smallest one that is not below the count.
func powerOfTwo(count int) int {
	size := 1
	for size < count {
		size *= 2
	}
	return size
}

// add collects the answers on one batch, which it fills up to the size.
func (f *Forward) add(all *collected, inputs *tensors.Tensor, size int) error {
	count := inputs.Shape().Dim(0)
	if count < size {
		padded, err := pad(inputs, size)
		if err != nil {
			return err
		}
		defer padded.FinalizeAll()
		inputs = padded
	}
	results, err := f.execute(inputs, size)
	if err != nil {
		return err
	}
	err = all.add(results, count, f.hasFeatures)
	for _, result := range results {
		err = errors.Join(err, result.FinalizeAll())
	}
	return err
}

// randomStatePath is a variable that GoMLX and initial values need, and that is no weight.
var randomStatePath = model.JoinPath("/", model.RNGStateVariableName)

// execute runs the graph. A weight that the store lacks would get a random initial value from GoMLX, so it is looked
// for after each compilation.
func (f *Forward) execute(inputs *tensors.Tensor, size int) ([]*tensors.Tensor, error) {
	results, err := f.exec.Exec(inputs)
	if err != nil || f.compiled[size] {
		return results, err
	}
	f.compiled[size] = true
	for variable := range f.store.IterVariables() {
		if path := variable.Path(); !f.expected[path] && path != randomStatePath {
			return nil, fmt.Errorf("the weights lack %s: are they those of a trained network of this model and this loss?", path)
		}
	}
	return results, nil
}

// pad returns a copy of the tensor with zeros appended on its first axis.
func pad(inputs *tensors.Tensor, size int) (*tensors.Tensor, error) {
	shape := inputs.Shape().Clone()
	shape.Dimensions[0] = size
	padded := tensors.FromShape(shape)
	var copyErr error
	err := inputs.ConstBytes(func(from []byte) {
		copyErr = padded.MutableBytes(func(to []byte) { copy(to, from) })
	})
	return padded, errors.Join(err, copyErr)
}
