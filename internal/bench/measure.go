package bench

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"time"

	"github.com/dismax-go/dismax/dismaxlib/backend"
	"github.com/dismax-go/dismax/dismaxlib/experiment"
	"github.com/dismax-go/dismax/dismaxlib/network"
	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/dismaxlib/training"
	"github.com/dismax-go/dismax/models"
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train"
)

// classes of every classifier that is measured.
const classes = 10

// mean and std of the pixels, which are uniform.
var mean, std = []float32{.5, .5, .5}, []float32{.29, .29, .29}

// Measure trains the case's classifier for a few steps, and runs it, on the opened backend. The steps are those of
// package experiment: normalization, quadrant mixing if the loss has it, backbone, head, loss, and SGD with the
// paper's values. Every step gets a new batch of random pixels, made outside of the timing. Each watch is called after
// every step, those of the warm-up included.
func Measure(
	ctx context.Context, opened compute.Backend, choice backend.Choice, c Case, options Options, watch ...func(Step),
) (*Record, error) {
	if options.Steps < 1 || options.Warmup < 0 {
		return nil, fmt.Errorf("bench: %d steps after %d of warm-up: at least 1 step is needed, and a warm-up of 0",
			options.Steps, options.Warmup)
	}
	made := &Record{
		Format: FormatVersion, Created: time.Now().UTC().Truncate(time.Second),
		Versions: experiment.Versions(),
		Backend: record.Backend{Name: choice.Config, Description: opened.Description(), Device: choice.Device,
			Cores: runtime.GOMAXPROCS(0), Instructions: choice.Instructions},
		Load: Load(), Options: options,
	}
	m, err := newMeasurement(ctx, opened, c, options)
	if err != nil {
		return nil, err
	}
	m.watch = watch
	if err := m.train(); err != nil {
		return nil, fmt.Errorf("measuring a training step of %s: %w", c, err)
	}
	m.result.PeakBytes = peakBytes()
	if options.Inference {
		if err := m.infer(); err != nil {
			return nil, fmt.Errorf("measuring an inference step of %s: %w", c, err)
		}
	}
	made.Results = []Result{m.result}
	return made, nil
}

// Step is one that was measured.
type Step struct {
	Training bool // else it is inference
	Number   int  // from 0, among those of its kind
	Wall     time.Duration
	CPU      time.Duration // of all cores together; 0: unknown
}

// measurement of one case under way.
type measurement struct {
	ctx     context.Context
	backend compute.Backend
	options Options
	network *network.Network
	store   *model.Store
	batches *batches
	watch   []func(Step)
	result  Result
}

func newMeasurement(ctx context.Context, opened compute.Backend, c Case, options Options) (*measurement, error) {
	architecture, err := models.ByName(c.Model)
	if err != nil {
		return nil, err
	}
	measured, err := network.Description{
		Model: c.Model, Loss: c.Loss, ClassNames: network.NumberedClasses(classes),
		Height: architecture.ImageSize, Width: architecture.ImageSize, Mean: mean, Std: std, DType: options.DType,
	}.Network()
	if err != nil {
		return nil, err
	}
	store := model.NewStore()
	if err := store.SetRNGStateFromSeed(options.Seed); err != nil {
		return nil, fmt.Errorf("seeding: %w", err)
	}
	return &measurement{
		ctx: ctx, backend: opened, options: options, network: measured, store: store,
		batches: newBatches(c.Batch, architecture.ImageSize, options.Seed),
		result:  Result{Case: c},
	}, nil
}

// train times training steps, up to and including the loss on the host.
func (m *measurement) train() error {
	spec := experiment.Defaults("", m.result.Model, m.result.Loss, 1)
	trainer := train.NewTrainer(m.backend, m.store, m.network.Logits, m.network.Loss.Function, &training.SGD{
		LearningRate: spec.LearningRate, Momentum: spec.Momentum, Nesterov: spec.Nesterov,
		WeightDecay: spec.WeightDecay,
	}, nil, nil)
	clock, err := m.repeat(true, func(images, labels *tensors.Tensor) error {
		metrics, err := trainer.TrainStep(train.Batch{Inputs: []*tensors.Tensor{images}, Labels: []*tensors.Tensor{labels}})
		if err != nil {
			return err
		}
		loss := shapes.ConvertTo[float64](metrics[0].Value())
		if math.IsNaN(loss) || math.IsInf(loss, 0) {
			return fmt.Errorf("the loss is %v at step %d", loss, len(m.result.Losses))
		}
		m.result.Losses = append(m.result.Losses, loss)
		return nil
	})
	if err != nil {
		return err
	}
	m.result.Train = clock.timing(m.options.Warmup, m.result.Batch)
	m.result.FirstStepSeconds = clock.steps[0].wall.Seconds()
	m.result.Parameters = network.Parameters(m.store)
	return nil
}

// infer times forward passes in evaluation mode, from images on the host to logits on the host.
func (m *measurement) infer() error {
	exec, err := model.NewExec(m.backend, m.store, m.network.Logits)
	if err != nil {
		return err
	}
	defer exec.Finalize()
	clock, err := m.repeat(false, func(images, _ *tensors.Tensor) error {
		logits, err := exec.Call1(images)
		if err != nil {
			return err
		}
		defer logits.FinalizeAll()
		_, err = tensors.CopyFlatData[float32](logits)
		return err
	})
	if err != nil {
		return err
	}
	timing := clock.timing(m.options.Warmup, m.result.Batch)
	m.result.Inference = &timing
	return nil
}

// repeat calls the step for all steps of warm-up and timing, each with a new batch.
func (m *measurement) repeat(
	training bool, step func(images, labels *tensors.Tensor) error,
) (*stopwatch, error) {
	clock := &stopwatch{}
	for number := range m.options.Warmup + m.options.Steps {
		if err := m.ctx.Err(); err != nil {
			return nil, err
		}
		images, labels := m.batches.next()
		if err := clock.time(func() error { return step(images, labels) }); err != nil {
			return nil, err
		}
		for _, watch := range m.watch {
			watch(Step{training, number, clock.steps[number].wall, clock.steps[number].cpu})
		}
	}
	return clock, nil
}
