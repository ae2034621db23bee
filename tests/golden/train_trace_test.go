package golden

import (
	"math"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib"
	"github.com/dismax-go/dismax/dismaxlib/training"
	"github.com/dismax-go/dismax/tests/testkit"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/initializer"
	"github.com/gomlx/gomlx/ml/train"
	"github.com/gomlx/gomlx/ml/train/optimizer"
)

// traceTolerance is how close all values of a trace must come, relative to the largest of the array.
const traceTolerance = 1e-6

// traceFile is train_trace.json, whose note describes network and training. Images are NCHW with 3 channels,
// convolution kernels 3x3 OIHW.
type traceFile struct {
	Classes        int
	Images         [][]float64 // of each step
	Targets        [][]int32
	Permutations   [][]int
	InitConv       []float64 `json:"init_conv"`
	InitPrototypes []float64 `json:"init_prototypes"`
	Runs           []traceRun
}

type traceRun struct {
	Kind                    string
	Losses                  []float64
	LearningRates           []float64 `json:"learning_rates"`
	FinalConv               []float64 `json:"final_conv"`
	FinalBNWeight           []float64 `json:"final_bn_weight"`
	FinalBNBias             []float64 `json:"final_bn_bias"`
	FinalRunningMean        []float64 `json:"final_running_mean"`
	FinalRunningVar         []float64 `json:"final_running_var"`
	FinalPrototypes         []float64 `json:"final_prototypes"`
	FinalDistanceScale      *float64  `json:"final_distance_scale"`
	EvalLogitsOfStep0Images []float64 `json:"eval_logits_of_step0_images"`
}

func TestGoldenTrainTrace(t *testing.T) {
	var file traceFile
	testkit.Golden(t, "train_trace.json", &file)
	if len(file.Runs) == 0 {
		t.Fatal("train_trace.json holds no runs")
	}
	for _, run := range file.Runs {
		t.Run(run.Kind, func(t *testing.T) { checkTrace(t, &file, &run) })
	}
}

func checkTrace(t *testing.T, file *traceFile, run *traceRun) {
	loss := lossOfKind(t, run.Kind)
	store := model.NewStore()
	prototypes := setTraceWeights(t, store, file, run.Kind)
	network := func(scope *model.Scope, images *Node) *Node {
		features := traceBackbone(scope, loss.Images(scope, images), file.channels())
		return loss.Head(scope, features, file.Classes)
	}
	schedule := traceSchedule(run.LearningRates)
	sgd := &training.SGD{Momentum: 0.9, Nesterov: true, WeightDecay: 1e-4}
	trainer := train.NewTrainer(testkit.Backend(t), store, network, loss.Function, sgd, nil, nil)

	var losses, rates []float64
	for step := range file.Images {
		rate := optimizer.LearningRateVar(store.RootScope(), dtypes.Float64, 0)
		if err := rate.SetValue(tensors.FromScalar(schedule.At(step))); err != nil {
			t.Fatal(err)
		}
		metrics, err := trainer.TrainStep(traceBatchOf(file, step, run.Kind))
		if err != nil {
			t.Fatal(err)
		}
		losses = append(losses, valuesOf(t, metrics[0])...)
		rates = append(rates, schedule.At(step))
	}
	variable := func(path string) []float64 { return valuesOf(t, store.GetVariable(path).MustValue()) }
	check := func(what string, got, want []float64) {
		t.Helper()
		testkit.CheckClose(t, what, got, want, traceTolerance)
	}
	check("losses", losses, run.Losses)
	check("learning rates", rates, run.LearningRates)
	check("convolution", variable("/conv/weights"), kernelHWIO(run.FinalConv))
	check("batch norm scale", variable("/norm/scale"), run.FinalBNWeight)
	check("batch norm offset", variable("/norm/offset"), run.FinalBNBias)
	check("running mean", variable("/norm/mean"), run.FinalRunningMean)
	check("running variance", variable("/norm/variance"), run.FinalRunningVar)
	check("prototypes", variable(prototypes), run.FinalPrototypes)
	if run.FinalDistanceScale != nil {
		check("distance scale", variable("/head/distance_scale"), []float64{*run.FinalDistanceScale})
	}
	images := imagesNHWC(file.Images[0], identity(len(file.Targets[0])))
	logits, err := model.CallOnce(testkit.Backend(t), store, network, images)
	if err != nil {
		t.Fatal(err)
	}
	check("evaluation logits", valuesOf(t, logits), run.EvalLogitsOfStep0Images)
}

// traceSchedule returns the schedule that divides the rate by 10 at the steps where the run does.
func traceSchedule(rates []float64) training.MultiStep {
	schedule := training.MultiStep{Initial: rates[0], Factor: 0.1}
	for step := 1; step < len(rates); step++ {
		if rates[step] < rates[step-1] {
			schedule.Milestones = append(schedule.Milestones, step)
		}
	}
	return schedule
}

// setTraceWeights stores the initial weights, and returns the path of the head's.
func setTraceWeights(t *testing.T, store *model.Store, file *traceFile, kind string) (prototypes string) {
	t.Helper()
	prototypes = model.JoinPath("/", dismaxlib.HeadScope, "prototypes")
	if kind == "softmax" {
		prototypes = model.JoinPath("/", dismaxlib.HeadScope, "weights")
	}
	conv := tensors.FromFlatDataAndDimensions(kernelHWIO(file.InitConv), 3, 3, 3, file.channels())
	features := len(file.InitPrototypes) / file.Classes
	head := tensors.FromFlatDataAndDimensions(file.InitPrototypes, file.Classes, features)
	for path, value := range map[string]*tensors.Tensor{"/conv/weights": conv, prototypes: head} {
		if _, err := store.CreateVariable(path, value); err != nil {
			t.Fatal(err)
		}
	}
	return prototypes
}

// traceBackbone is convolution, batch norm with PyTorch's running statistics, ReLU and the mean over pixels.
func traceBackbone(scope *model.Scope, images *Node, channels int) *Node {
	x := layers.Convolution(scope.In("conv"), images).CurrentScope().
		Channels(channels).KernelSize(3).PadSame().UseBias(false).Done()
	return ReduceMean(MaxScalar(traceBatchNorm(scope.In("norm"), x), 0), 1, 2)
}

func traceBatchNorm(scope *model.Scope, x *Node) *Node {
	const epsilon, momentum = 1e-5, 0.1
	g, channels := x.Graph(), x.Shape().Dim(-1)
	shape := shapes.Make(x.DType(), channels)
	scale := scope.WithInitializer(initializer.One).VariableWithShape("scale", shape).NodeValue(g)
	offset := scope.WithInitializer(initializer.Zero).VariableWithShape("offset", shape).NodeValue(g)
	mean := scope.WithInitializer(initializer.Zero).VariableWithShape("mean", shape).SetTrainable(false)
	variance := scope.WithInitializer(initializer.One).VariableWithShape("variance", shape).SetTrainable(false)
	if !scope.IsTraining(g) {
		return InternalBatchNormForInference(x, scale, offset, mean.NodeValue(g), variance.NodeValue(g), epsilon, -1)
	}
	normalized, batchMean, batchVariance := InternalBatchNormForTraining(x, scale, offset, epsilon, -1)
	count := float64(x.Shape().Size() / channels)
	for running, batch := range map[*model.Variable]*Node{
		mean: batchMean, variance: MulScalar(batchVariance, count/(count-1)),
	} {
		old := MulScalar(running.NodeValue(g), 1-momentum)
		running.SetNodeValue(Add(old, MulScalar(StopGradient(batch), momentum)))
	}
	return normalized
}

// traceBatchOf returns a step's images and labels; the runs of DisMax permute them first.
func traceBatchOf(file *traceFile, step int, kind string) train.Batch {
	batch := len(file.Targets[step])
	permutation := identity(batch)
	if strings.HasPrefix(kind, "dismax") {
		permutation = file.Permutations[step]
	}
	targets := make([]int32, batch)
	for i, from := range permutation {
		targets[i] = file.Targets[step][from]
	}
	return train.Batch{
		Inputs: []*tensors.Tensor{imagesNHWC(file.Images[step], permutation)},
		Labels: []*tensors.Tensor{tensors.FromFlatDataAndDimensions(targets, batch, 1)},
	}
}

func (f *traceFile) channels() int { return len(f.InitConv) / (3 * 3 * 3) }

// identity is the permutation that changes nothing.
func identity(size int) []int {
	permutation := make([]int, size)
	for i := range permutation {
		permutation[i] = i
	}
	return permutation
}

// imagesNHWC turns square NCHW images of 3 channels into NHWC, image i from image permutation[i].
func imagesNHWC(images []float64, permutation []int) *tensors.Tensor {
	batch := len(permutation)
	area := len(images) / (batch * 3)
	values := make([]float64, 0, len(images))
	for _, image := range permutation {
		for pixel := range area {
			for channel := range 3 {
				values = append(values, images[(image*3+channel)*area+pixel])
			}
		}
	}
	side := int(math.Round(math.Sqrt(float64(area))))
	return tensors.FromFlatDataAndDimensions(values, batch, side, side, 3)
}

// kernelHWIO turns a 3x3 convolution kernel of 3 inputs from OIHW into HWIO.
func kernelHWIO(kernel []float64) []float64 {
	const area, inputs = 3 * 3, 3
	values := make([]float64, 0, len(kernel))
	for position := range area {
		for input := range inputs {
			for output := range len(kernel) / (area * inputs) {
				values = append(values, kernel[(output*inputs+input)*area+position])
			}
		}
	}
	return values
}
